/**
 * Two reports side by side: which packets went another way, where their ways first part, and whether that is for better or worse.
 *
 * Packets are paired by index where both reports list them all; else path by path, equal ones first, the rest in order of their counts.
 */
import { canonicalJson, outcomeOf } from '@worldline/model';
import type { FlowReport, PathReport, Report } from '@worldline/model';
import { countingOf, fateText, hasSameFate, questionsOf } from '../expectation/index.js';
import type { Counting, Question } from '../expectation/index.js';
import { divergenceOf, pathKey } from './divergence.js';
import type { Divergence } from './divergence.js';

/** `broken`: delivered before, not now. `fixed`: the other way round. `moved`: another fate. `rerouted`: the same fate by another way. */
export type Effect = 'broken' | 'fixed' | 'moved' | 'rerouted' | 'appeared' | 'disappeared';

export interface ComparedPath {
  readonly path: number;
  readonly fate: string;
}

export interface Change {
  readonly flow: string;
  readonly effect: Effect;
  /** Packets; in explore mode the probability. */
  readonly count: number;
  readonly baseline: ComparedPath | null;
  readonly candidate: ComparedPath | null;
  /** The first place where the two ways part; null where one side has none, or its steps are not recorded. */
  readonly divergence: Divergence | null;
}

export interface Comparison {
  readonly kind: 'Comparison';
  readonly baseline: string;
  readonly candidate: string;
  readonly summary: Readonly<Record<Effect | 'unchanged', number>> & { readonly flows: number };
  readonly changes: readonly Change[];
}

/** Compares two reports, flow by flow. */
export function compareReports(baseline: Report, candidate: Report): Comparison {
  const names = [...new Set([...baseline.flows, ...candidate.flows].map(({ name }) => name))];
  const find = (report: Report, name: string): FlowReport | undefined => report.flows.find((flow) => flow.name === name);
  const paired = names.flatMap((name) => pairsOf(name, find(baseline, name), find(candidate, name)));
  const summary = { flows: names.length, unchanged: 0, broken: 0, fixed: 0, moved: 0, rerouted: 0, appeared: 0, disappeared: 0 };
  const changes = new Map<string, Change>();
  for (const { flow, count, before, after } of paired) {
    const effect = effectOf(before, after);
    summary[effect] += count;
    if (effect === 'unchanged') continue;
    const key = canonicalJson([flow, effect, before?.path.id ?? null, after?.path.id ?? null]);
    const known = changes.get(key);
    changes.set(key, { ...(known ?? changeOf(flow, effect, before, after)), count: (known?.count ?? 0) + count });
  }
  return { kind: 'Comparison', baseline: baseline.simulation.id, candidate: candidate.simulation.id, summary, changes: [...changes.values()] };
}

interface Side {
  readonly question: Question;
  readonly path: PathReport;
  readonly key: string;
}

interface Pair {
  readonly flow: string;
  readonly count: number;
  readonly before: Side | null;
  readonly after: Side | null;
}

function pairsOf(flow: string, baseline: FlowReport | undefined, candidate: FlowReport | undefined): Pair[] {
  const counting = [baseline, candidate].some((one) => one && countingOf(one) === 'probability') ? 'probability' : 'packets';
  const [before, after] = [sidesOf(baseline, counting), sidesOf(candidate, counting)];
  const areListed = [baseline, candidate].every((one) => one !== undefined && one.packets.length === one.totals.sent);
  if (counting === 'packets' && areListed) {
    const pairs: Pair[] = [];
    for (let i = 0; i < Math.max(before.length, after.length); i++) pairs.push({ flow, count: 1, before: before[i] ?? null, after: after[i] ?? null });
    return pairs;
  }
  return pairsByPath(flow, before, after);
}

/** Equal paths cancel out; what is left over is paired in the order of the paths. */
function pairsByPath(flow: string, before: readonly Side[], after: readonly Side[]): Pair[] {
  const pairs: Pair[] = [];
  const left = before.map((side) => ({ side, weight: side.question.weight }));
  const right = after.map((side) => ({ side, weight: side.question.weight }));
  const pair = (isPaired: (a: Side, b: Side) => boolean): void => {
    for (const a of left) {
      for (const b of right) {
        const count = Math.min(a.weight, b.weight);
        if (count <= ROUNDING || !isPaired(a.side, b.side)) continue;
        pairs.push({ flow, count, before: a.side, after: b.side });
        a.weight -= count;
        b.weight -= count;
      }
    }
  };
  pair((a, b) => a.key === b.key);
  pair((a, b) => hasSameFate(a.question, b.question));
  pair(() => true);
  for (const { side, weight } of left) if (weight > ROUNDING) pairs.push({ flow, count: weight, before: side, after: null });
  for (const { side, weight } of right) if (weight > ROUNDING) pairs.push({ flow, count: weight, before: null, after: side });
  return pairs;
}

/** Differences of probabilities below this are none. */
const ROUNDING = 1e-12;

function sidesOf(flow: FlowReport | undefined, counting: Counting): Side[] {
  if (!flow) return [];
  const paths = new Map(flow.paths.map((path) => [path.id, { path, key: pathKey(path) }]));
  return questionsOf(flow, counting).flatMap((question) => {
    const found = paths.get(question.path);
    return found ? [{ question, ...found }] : [];
  });
}

function effectOf(before: Side | null, after: Side | null): Effect | 'unchanged' {
  if (!before) return 'appeared';
  if (!after) return 'disappeared';
  if (hasSameFate(before.question, after.question)) return before.key === after.key ? 'unchanged' : 'rerouted';
  const [was, is] = [worth(before.question), worth(after.question)];
  if (was === is) return 'moved';
  return was > is ? 'broken' : 'fixed';
}

/** A question that was answered is worth more than one that arrived only, and that more than none. */
function worth({ disposition, reply, delivered }: Question): number {
  if (outcomeOf(disposition) !== 'delivered' || delivered.length === 0) return 0;
  return reply === null ? 1 : 2;
}

function changeOf(flow: string, effect: Effect, before: Side | null, after: Side | null): Omit<Change, 'count'> {
  return { flow, effect, baseline: compared(before), candidate: compared(after), divergence: before && after ? divergenceOf(before.path, after.path) : null };
}

function compared(side: Side | null): ComparedPath | null {
  return side && { path: side.path.id, fate: fateText(side.question) };
}

