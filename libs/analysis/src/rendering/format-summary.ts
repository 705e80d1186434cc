import { formatIssue } from '@worldline/model';
import type { Coverage, ExpectationResult, Report } from '@worldline/model';
import type { Palette } from './palette.js';

const ISSUES_SHOWN = 10;

/** One line per expectation, those that fail with the first packet that does not fulfil them. */
export function formatExpectations(results: readonly ExpectationResult[], palette: Palette): string[] {
  if (results.length === 0) return [];
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.map((result) => `  ${outcomeMark(result.outcome, palette)} ${result.name.padEnd(width)}  ${result.detail}`);
  return [palette.strong('Expectations'), ...lines, ''];
}

/** How much of the rules is modelled, and the issues that are more than information. */
export function formatCoverage({ rules, issues }: Coverage, palette: Palette): string[] {
  const lines: string[] = [];
  if (rules.approximated > 0 || rules.unknown > 0) {
    lines.push(palette.unsure(`Rules: ${rules.modelled} modelled, ${rules.approximated} approximated, ${rules.unknown} unknown`));
  }
  const serious = issues.filter(({ severity }) => severity !== 'info');
  for (const issue of serious.slice(0, ISSUES_SHOWN)) lines.push(`  ${palette.unsure(issue.severity)} ${formatIssue(issue)}`);
  if (serious.length > ISSUES_SHOWN) lines.push(palette.dim(`  ... and ${serious.length - ISSUES_SHOWN} more issues; --json lists all`));
  if (lines.length > 0) lines.push('');
  return lines;
}

/** `16 flows, 24 packets: 22 delivered, 2 dropped. Expectations: 3 passed, 1 failed.` */
export function formatTotals({ flows, expectations }: Pick<Report, 'flows' | 'expectations'>, palette: Palette): string {
  const sum = (pick: (totals: (typeof flows)[number]['totals']) => number): number => flows.reduce((total, flow) => total + pick(flow.totals), 0);
  const counts = [
    palette.good(`${sum(({ delivered }) => delivered)} delivered`),
    count(sum(({ dropped }) => dropped), 'dropped', palette.bad),
    count(sum(({ undecided }) => undecided), 'undecided', palette.unsure),
  ].filter((text) => text !== '');
  const packets = sum(({ sent }) => sent);
  return `${plural(flows.length, 'flow')}, ${plural(packets, 'packet')}: ${counts.join(', ')}.${outcomesText(expectations, palette)}`;
}

function outcomesText(expectations: readonly ExpectationResult[], palette: Palette): string {
  if (expectations.length === 0) return '';
  const of = (outcome: ExpectationResult['outcome']): number => expectations.filter((one) => one.outcome === outcome).length;
  const parts = [count(of('passed'), 'passed', palette.good), count(of('failed'), 'failed', palette.bad), count(of('undecided'), 'undecided', palette.unsure)];
  return ` Expectations: ${parts.filter((text) => text !== '').join(', ')}.`;
}

export function outcomeMark(outcome: ExpectationResult['outcome'], palette: Palette): string {
  if (outcome === 'passed') return palette.good('✓');
  return outcome === 'failed' ? palette.bad('✗') : palette.unsure('?');
}

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

function count(n: number, word: string, hue: (text: string) => string): string {
  return n === 0 ? '' : hue(`${n} ${word}`);
}
