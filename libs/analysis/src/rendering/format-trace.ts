/** One packet, every branch with its probability, hop by hop, rule by rule. */
import { outcomeOf } from '@worldline/model';
import type { FlowReport, Hop, PathReport, Report, Step } from '@worldline/model';
import { fateText, percent, questionsOf } from '../expectation/index.js';
import { sentText } from './format-report.js';
import { formatCoverage } from './format-summary.js';
import type { Palette } from './palette.js';
import { PLAIN } from './palette.js';
import { trailLines } from './format-trail.js';
import { matchedRules, trailOf } from './rule-text.js';
import type { MatchedRule } from './rule-text.js';
import { wayText } from './way.js';

/** The branches of every flow of a report in explore mode; the likeliest first. */
export function formatTrace(report: Report, palette: Palette = PLAIN): string {
  const lines = report.flows.flatMap((flow) => flowLines(flow, palette));
  lines.push(...formatCoverage(report.coverage, palette));
  return `${lines.join('\n')}\n`;
}

function flowLines(flow: FlowReport, palette: Palette): string[] {
  const fates = new Map(questionsOf(flow, 'probability').map((question) => [question.path, fateText(question)]));
  const branches = [...flow.paths].sort((a, b) => b.probability - a.probability || a.id - b.id);
  const lines = [`${palette.strong(sentText(flow))}  ${palette.dim(branches.length === 1 ? '1 branch' : `${branches.length} branches`)}`, ''];
  for (const path of branches) lines.push(...branchLines(path, fates.get(path.id) ?? path.disposition, palette), '');
  return lines;
}

function branchLines(path: PathReport, fate: string, palette: Palette): string[] {
  const outcome = outcomeOf(path.disposition);
  const hue = outcome === 'delivered' ? palette.good : outcome === 'dropped' ? palette.bad : palette.unsure;
  const share = path.weight === undefined || path.weight === '1' ? percent(path.probability) : `${path.weight} (${percent(path.probability)})`;
  const lines = [`${share}  ${hue(fate)}`];
  path.exchange.forEach((entry, i) => {
    const isTold = i === 0 || outcomeOf(entry.trace.disposition) !== 'delivered';
    lines.push(`  ${palette.strong(entry.what)}  ${wayText(entry.trace, palette)}`);
    if (isTold) for (const hop of entry.trace.hops ?? []) lines.push(...hopLines(hop, palette));
  });
  return lines;
}

function hopLines(hop: Hop, palette: Palette): string[] {
  const by = [hop.inputInterface === null ? 'sent' : `in ${hop.inputInterface}`, hop.outputInterface === null ? '' : `out ${hop.outputInterface}`].filter((text) => text !== '');
  return [`    ${palette.strong(hop.machine)}  ${palette.dim(by.join(', '))}`, ...hop.steps.filter(isTelling).flatMap((step) => stepLines(step, palette))];
}

/** Coming in and going out is in the line of the hop. */
function isTelling({ kind, isDeciding }: Step): boolean {
  return isDeciding || (kind !== 'EnterInputInterface' && kind !== 'ExitOutputInterface' && kind !== 'Originate');
}

const KIND_WIDTH = 14;

function stepLines(step: Step, palette: Palette): string[] {
  const emphasis = step.isDeciding ? palette.strong : (text: string): string => text;
  const kind = palette.dim(step.kind.padEnd(KIND_WIDTH));
  const rules = matchedRules(step);
  if (rules.length === 0) return [`      ${kind}  ${emphasis(step.text.replace(/^conntrack: /, ''))}`];
  const place = `${String(step.detail['table'])} ${String(step.detail['hook'])}`;
  const trail = trailOf(step);
  if (trail.length > 0) return [`      ${kind}  ${place}`, ...trailLines(step, palette).map((line) => `      ${' '.repeat(KIND_WIDTH)}  ${line}`)];
  const [only] = rules;
  if (rules.length === 1 && only?.number === null) return [`      ${kind}  ${place}${palette.dim(`: policy ${only.text}`)}`];
  return [`      ${kind}  ${place}`, ...ruleLines(rules, emphasis, palette)];
}

/** The rules that matched in a filter step, in order, as their chain, number and text. */
function ruleLines(rules: readonly MatchedRule[], emphasis: (text: string) => string, palette: Palette): string[] {
  const names = rules.map(({ chain, number }) => `${chain} ${number ?? 'policy'}`);
  const width = Math.max(...names.map((name) => name.length));
  return rules.map(({ text }, i) => {
    const said = i === rules.length - 1 ? emphasis(text) : text;
    return `      ${' '.repeat(KIND_WIDTH)}  ${palette.dim((names[i] as string).padEnd(width))}  ${said}`;
  });
}
