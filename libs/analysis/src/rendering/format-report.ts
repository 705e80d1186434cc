/**
 * A Report for people: flow by flow what became of it, by which way, and what decided.
 *
 * Paths of one flow that share fate and way are one block: that the first packet asked the nat rules and the second found an entry is
 * worth a count, not a second drawing.
 */
import { outcomeOf } from '@worldline/model';
import type { ExchangeEntry, ExpectationResult, FlowReport, PacketReport, PathReport, Report } from '@worldline/model';
import { countingOf, endpointText, fateText, percent, questionsOf } from '../expectation/index.js';
import type { Counting, Question } from '../expectation/index.js';
import type { Palette } from './palette.js';
import { PLAIN } from './palette.js';
import { formatCoverage, formatExpectations, formatTotals } from './format-summary.js';
import { decisionText } from './rule-text.js';
import { decidingSteps, wayKey, wayText } from './way.js';

export interface ReportTextOptions {
  readonly name: string;
  readonly description?: string | null;
  readonly palette?: Palette;
}

/** Above this many flows, those that went well get one line. */
const DETAILED_FLOWS = 50;
/** Of a flow's paths that went well, and of those that did not, this many are drawn. */
const DRAWN_PATHS = 50;

/** The whole report as text that ends with a newline. */
export function formatReport(report: Report, options: ReportTextOptions): string {
  const palette = options.palette ?? PLAIN;
  const lines = [palette.strong(options.name) + palette.dim(`  seed ${report.simulation.seed}`)];
  if (options.description) lines.push(palette.dim(options.description));
  lines.push('');
  const isBrief = report.flows.length > DETAILED_FLOWS;
  for (const flow of report.flows) {
    const results = resultsOf(flow, report.expectations);
    const mark = markOf(flow, results);
    lines.push(flowHeader(flow, mark, palette));
    if (!(isBrief && mark === 'good')) lines.push(...flowBody(flow, palette));
    for (const one of results) if (one.outcome !== 'passed') lines.push(`    ${paint(one.outcome === 'failed' ? 'bad' : 'unsure', palette)(`expectation ${one.outcome}: ${one.detail}`)}`);
  }
  const flowNames = new Set(report.flows.map(({ name }) => name));
  const ofRun = report.expectations.filter(({ name }) => !flowNames.has(name));
  lines.push('', ...formatExpectations(ofRun, palette), ...formatCoverage(report.coverage, palette), formatTotals(report, palette));
  return `${lines.join('\n')}\n`;
}

type Mark = 'good' | 'bad' | 'mixed' | 'unsure';

const MARKS: Readonly<Record<Mark, string>> = { good: '✓', bad: '✗', mixed: '~', unsure: '?' };

function paint(mark: Mark, palette: Palette): (text: string) => string {
  if (mark === 'good') return palette.good;
  return mark === 'bad' ? palette.bad : palette.unsure;
}

function resultsOf(flow: FlowReport, results: readonly ExpectationResult[]): ExpectationResult[] {
  return results.filter((result) => result.name === flow.name);
}

/** What was expected of a flow decides its mark; without expectations, whether it was delivered and nothing of its exchange died. */
function markOf({ totals, paths }: FlowReport, results: readonly ExpectationResult[]): Mark {
  if (results.length > 0) {
    if (results.some(({ outcome }) => outcome === 'failed')) return 'bad';
    return results.some(({ outcome }) => outcome === 'undecided') ? 'unsure' : 'good';
  }
  if (totals.undecided > 0) return 'unsure';
  if (totals.delivered === totals.sent) return paths.some(({ died }) => died !== null) ? 'mixed' : 'good';
  return totals.delivered === 0 ? 'bad' : 'mixed';
}

function flowHeader(flow: FlowReport, mark: Mark, palette: Palette): string {
  const { sent, delivered, replied, undecided } = flow.totals;
  const counts = [`${delivered} of ${sent} delivered`];
  if (delivered > 0) counts.push(`${replied} answered`);
  if (undecided > 0) counts.push(`${undecided} undecided`);
  return `${paint(mark, palette)(MARKS[mark])} ${palette.strong(flow.name)}  ${sentText(flow)}  ${palette.dim(counts.join(', '))}`;
}

/** `udp pod/default/a 10.244.1.10:1234 → 10.96.0.10:53`; what differs between packets becomes `*`. */
export function sentText(flow: FlowReport): string {
  const all: PacketReport['sent'][] = flow.packets.length > 0 ? flow.packets.map(({ sent }) => sent) : flow.paths.flatMap(({ sent }) => (sent ? [sent] : []));
  const [first] = all;
  if (!first) return '';
  const common = (pick: (sent: PacketReport['sent']) => string): string => (all.every((sent) => pick(sent) === pick(first)) ? pick(first) : '*');
  const source = common((sent) => endpointText(sent.source, sent.protocol));
  return `${first.protocol} ${first.machine} ${source} → ${common((sent) => endpointText(sent.destination))}`;
}

interface Block {
  readonly question: Question;
  readonly path: PathReport;
  weight: number;
  paths: number;
}

function flowBody(flow: FlowReport, palette: Palette): string[] {
  const counting = countingOf(flow);
  const [shown, more] = drawnPaths(flow);
  return [...blocksOf(flow, shown, counting).flatMap((block) => blockLines(block, counting, palette)), ...more.map((line) => `    ${palette.dim(line)}`)];
}

/** The paths that are drawn, those on which something was lost and the others apart, and a line about the rest of each. */
function drawnPaths({ paths }: FlowReport): [PathReport[], string[]] {
  const isLossy = (path: PathReport): boolean => path.died !== null || outcomeOf(path.disposition) !== 'delivered';
  const kinds = [paths.filter((path) => !isLossy(path)), paths.filter(isLossy)];
  const drawn = new Set(kinds.flatMap((kind) => kind.slice(0, DRAWN_PATHS)));
  const more = kinds.flatMap((kind, i) => {
    const rest = kind.slice(DRAWN_PATHS);
    const packets = rest.reduce((sum, { count }) => sum + count, 0);
    return rest.length === 0 ? [] : [`${packets}× by ${rest.length} more paths${i === 0 ? '' : ' on which something was lost'}; --json lists them`];
  });
  return [paths.filter((path) => drawn.has(path)), more];
}

function blocksOf(flow: FlowReport, paths: readonly PathReport[], counting: Counting): Block[] {
  const questions = new Map<number, Question>();
  for (const question of questionsOf(flow, counting)) if (!questions.has(question.path)) questions.set(question.path, question);
  const blocks = new Map<string, Block>();
  for (const path of paths) {
    const question = questions.get(path.id);
    if (!question) continue;
    const key = `${fateText(question)}|${tellingEntries(path).map((entry) => wayKey(entry.trace)).join('|')}`;
    const weight = counting === 'probability' ? path.probability : path.count;
    const block = blocks.get(key);
    if (block) {
      block.weight += weight;
      block.paths += 1;
    } else blocks.set(key, { question, path, weight, paths: 1 });
  }
  return [...blocks.values()];
}

function blockLines({ question, path, weight, paths }: Block, counting: Counting, palette: Palette): string[] {
  const outcome = outcomeOf(question.disposition);
  const hue = outcome === 'dropped' ? palette.bad : outcome === 'undecided' || question.died !== null ? palette.unsure : palette.good;
  const share = counting === 'probability' ? (path.weight !== undefined && paths === 1 ? `${path.weight} (${percent(weight)})` : percent(weight)) : `${weight}×`;
  const ways = paths > 1 ? palette.dim(`  ${paths} paths`) : '';
  const lines = [`    ${share} ${hue(fateText(question))}${ways}`];
  const entries = tellingEntries(path);
  for (const entry of entries) {
    const what = entries.length > 1 || entry !== path.exchange[0] ? `${entry.what}: ` : '';
    if ((entry.trace.hops ?? []).length > 0) lines.push(`      ${what}${wayText(entry.trace, palette)}`);
    lines.push(...decidingLines(entry, palette));
  }
  return lines;
}

/** The packet that was asked about and, where another one of its exchange died, that one too. */
function tellingEntries(path: PathReport): Pick<ExchangeEntry, 'what' | 'trace'>[] {
  const [first] = path.exchange;
  if (!first) return [];
  const died = path.died === null ? undefined : path.exchange.find(({ what, trace }) => what === path.died?.what && trace.disposition === path.died.disposition);
  return died && died !== first ? [first, died] : [first];
}

function decidingLines({ trace }: Pick<ExchangeEntry, 'trace'>, palette: Palette): string[] {
  const steps = decidingSteps(trace);
  const isLost = outcomeOf(trace.disposition) !== 'delivered';
  const width = Math.max(0, ...steps.map(({ machine }) => machine.length));
  return steps.map(({ machine, step }, i) => {
    const decision = decisionText(step);
    const text = isLost && i === steps.length - 1 ? palette.bad(decision) : decision;
    return `        ${palette.dim(machine.padEnd(width))}  ${text}`;
  });
}

