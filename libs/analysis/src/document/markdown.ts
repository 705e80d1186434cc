/** Markdown for a pull request's comment: what holds, what does not, and why. */
import type { ExpectationResult, FlowReport } from '@worldline/model';
import { countingOf, fateText, questionsOf } from '../expectation/index.js';
import type { Suite } from './suite.js';

export function markdown(suites: readonly Suite[]): string {
  return `${suites.map((suite) => suiteText(suite)).join('\n\n')}\n`;
}

function suiteText(suite: Suite): string {
  const lines = [`## ${suite.name}`, '', verdictText(suite.results), ''];
  if (suite.results.length > 0) {
    lines.push('| | expectation | detail |', '|---|---|---|');
    for (const result of suite.results) lines.push(`| ${MARKS[result.outcome]} | ${cell(result.name)} | ${cell(result.detail)} |`);
    lines.push('');
  }
  lines.push('| flow | sent | delivered | answered | first fate |', '|---|--:|--:|--:|---|');
  for (const flow of suite.report.flows) lines.push(flowRow(flow));
  const issues = suite.issues.filter(({ severity }) => severity !== 'info').length;
  lines.push('', `Simulation \`${suite.report.simulation.id}\`, seed ${suite.report.simulation.seed}${issues > 0 ? `, ${issues} ${issues === 1 ? 'issue' : 'issues'} in the input` : ''}.`);
  return lines.join('\n');
}

const MARKS: Readonly<Record<ExpectationResult['outcome'], string>> = { passed: '✅', failed: '❌', undecided: '❔' };

function verdictText(results: readonly ExpectationResult[]): string {
  if (results.length === 0) return 'Nothing was expected.';
  const failed = results.filter(({ outcome }) => outcome === 'failed').length;
  const undecided = results.filter(({ outcome }) => outcome === 'undecided').length;
  if (failed + undecided === 0) return `All ${results.length} expectations hold.`;
  return `**${failed} of ${results.length} expectations fail${undecided > 0 ? `, ${undecided} are undecided` : ''}.**`;
}

function flowRow(flow: FlowReport): string {
  const [question] = questionsOf(flow, countingOf(flow));
  const { sent, delivered, replied } = flow.totals;
  return `| ${cell(flow.name)} | ${sent} | ${delivered} | ${replied} | ${question ? cell(fateText(question)) : ''} |`;
}

/** A table cell holds no line break and no bar of its own. */
function cell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}
