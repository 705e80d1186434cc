/**
 * One packet's way as it is read: machine by machine, what was decided there, and how the packet's addresses stood when it came and when it left.
 * Everything here is the Report's; nothing is decided, only put in the form that fits the kind of step.
 */
import { outcomeOf } from '@worldline/model';
import type { Outcome } from '@worldline/model';
import { socketText } from '../query/index.js';
import type { HopAnswer, StepAnswer, TraceAnswer, WireAnswer } from '../query/index.js';

export interface WayView {
  readonly what: string;
  readonly outcome: Outcome;
  readonly disposition: string;
  readonly reason: string | null;
  readonly hops: readonly HopView[];
}

export interface HopView {
  readonly machine: string;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  /** As it was on the wire; null where the packet began or ended here, or no wire is kept. */
  readonly entering: Addresses | null;
  readonly leaving: Addresses | null;
  readonly steps: readonly StepView[];
}

export interface Addresses {
  readonly source: string;
  readonly destination: string;
}

interface StepBase {
  /** Position in the whole way, from 0, as comparisons count. */
  readonly index: number;
  readonly label: string;
  readonly text: string;
  readonly isDeciding: boolean;
  /** Worth its line while details are hidden. */
  readonly isTelling: boolean;
  /** The packet got no further than this, and what it is then called. */
  readonly ending: Exclude<Outcome, 'delivered'> | null;
}

export type StepView =
  | (StepBase & { readonly form: 'plain' })
  | (StepBase & { readonly form: 'filter'; readonly hook: string; readonly table: string; readonly verdict: string; readonly rules: readonly RuleView[] })
  | (StepBase & { readonly form: 'translation'; readonly side: string; readonly before: string; readonly after: string; readonly cause: string })
  | (StepBase & { readonly form: 'entry'; readonly action: string; readonly state: string; readonly protocol: string; readonly original: string; readonly reply: string });

export interface RuleView {
  readonly chain: string;
  /** Null: the chain's policy. */
  readonly number: number | null;
  readonly parts: readonly RulePart[];
}

/** `match` is what a rule asks, `failed` the part of it that said no, `comment` what people are told, `target` what it does. */
export interface RulePart {
  readonly role: 'match' | 'failed' | 'comment' | 'target';
  readonly text: string;
}

/** Lays out one packet of an exchange. */
export function wayOf({ what, disposition, reason, hops, wire = [] }: TraceAnswer): WayView {
  const outcome = outcomeOf(disposition);
  const visits = visitsOf(wire);
  let index = 0;
  let nextVisit = 0;
  const views = hops.map((hop, h) => {
    const at = visits.findIndex(({ machine }, v) => v >= nextVisit && machine === hop.machine.name);
    if (at >= 0) nextVisit = at + 1;
    const ending = h === hops.length - 1 && outcome !== 'delivered' ? outcome : null;
    const steps = hop.steps.map((step, s) => stepOf(step, index++, s === hop.steps.length - 1 ? ending : null));
    return hopOf(hop, visits[at], steps);
  });
  return { what, outcome, disposition, reason, hops: views };
}

function hopOf({ machine, inputInterface, outputInterface }: HopAnswer, visit: WireVisit | undefined, steps: readonly StepView[]): HopView {
  return { machine: machine.name, inputInterface, outputInterface, entering: visit?.entering ?? null, leaving: visit?.leaving ?? null, steps };
}

interface WireVisit {
  readonly machine: string;
  readonly entering: Addresses | null;
  readonly leaving: Addresses | null;
}

/** What was seen on one machine without another between. */
function visitsOf(wire: readonly WireAnswer[]): readonly WireVisit[] {
  const groups: WireAnswer[][] = [];
  for (const seen of wire) {
    const group = groups.at(-1);
    if (group?.[0]?.machine === seen.machine) group.push(seen);
    else groups.push([seen]);
  }
  return groups.map((group) => ({
    machine: group[0]?.machine ?? '',
    entering: addressesOf(group.find(({ direction }) => direction === 'in')),
    leaving: addressesOf(group.findLast(({ direction }) => direction === 'out')),
  }));
}

function addressesOf(seen: WireAnswer | undefined): Addresses | null {
  return seen ? { source: socketText(seen.source), destination: socketText(seen.destination) } : null;
}

const LABELS: Readonly<Record<string, string>> = {
  EnterInputInterface: 'in',
  ExitOutputInterface: 'out',
  Transformation: 'nat',
  ReversePath: 'rp filter',
  SysctlCheck: 'sysctl',
  Neighbor: 'neighbour',
  Inbound: 'socket',
  Originate: 'sends',
};

const ALWAYS_TELLING = new Set(['Conntrack', 'Transformation', 'ReversePath', 'SysctlCheck', 'Encapsulation', 'Balance', 'Fragment', 'Inbound', 'Loop', 'Unmodelled']);

function stepOf(step: StepAnswer, index: number, ending: StepBase['ending']): StepView {
  const { kind, action, detail, text, deciding } = step;
  const rules = (step.matches ?? []).map(({ chain, number, text: rule }) => ({ chain, number, parts: number === null ? policyParts(action) : rulePartsOf(rule) }));
  const hasRule = rules.some(({ number }) => number !== null);
  const base = { index, label: LABELS[kind] ?? kind.toLowerCase(), text, isDeciding: deciding, isTelling: deciding || ending !== null || ALWAYS_TELLING.has(kind) || hasRule, ending };
  const word = (name: string): string => (typeof detail[name] === 'string' ? detail[name] : '');
  if (kind === 'Filter' && rules.length > 0) return { ...base, form: 'filter', label: step.table ?? base.label, hook: step.hook ?? '', table: step.table ?? '', verdict: action, rules };
  if (kind === 'Transformation' && word('before') && word('after')) return { ...base, form: 'translation', side: action, before: word('before'), after: word('after'), cause: word('cause') };
  if (kind === 'Conntrack' && word('original')) return { ...base, form: 'entry', action, state: word('state'), protocol: word('protocol'), original: word('original'), reply: word('reply') };
  return { ...base, form: 'plain' };
}

function policyParts(verdict: string): readonly RulePart[] {
  return [{ role: 'target', text: `policy ${verdict.toUpperCase()}` }];
}

const PART = /(?<comment>-m comment --comment (?:"(?:[^"\\]|\\.)*"|\S+))|(?<target>-[jg] .*$)/g;

/** A rule as a tool prints it, without the chain before it, which stands elsewhere. */
export function rulePartsOf(text: string): readonly RulePart[] {
  const rule = text.replace(/^-A \S+ ?/, '');
  const parts: RulePart[] = [];
  let end = 0;
  const add = (role: RulePart['role'], part: string): void => {
    if (part.trim() !== '') parts.push({ role, text: part.trim() });
  };
  for (const found of rule.matchAll(PART)) {
    add('match', rule.slice(end, found.index));
    add(found.groups?.['comment'] === undefined ? 'target' : 'comment', found[0]);
    end = found.index + found[0].length;
  }
  add('match', rule.slice(end));
  return parts;
}

/** The same, with the clause that failed apart from what stands around it; one that is spelled otherwise there (quotes) stands at the end. */
export function clausePartsOf(text: string, failedClause: string | null): readonly RulePart[] {
  const parts = rulePartsOf(text);
  if (failedClause === null) return parts;
  const place = parts.findIndex((part) => part.role === 'match' && placeIn(part.text, failedClause) >= 0);
  const holder = parts[place];
  if (holder === undefined) return [...parts, { role: 'failed', text: failedClause }];
  const at = placeIn(holder.text, failedClause);
  const around = [holder.text.slice(0, at), holder.text.slice(at + failedClause.length)].map((one): RulePart => ({ role: 'match', text: one.trim() }));
  const apart: readonly RulePart[] = [around[0] as RulePart, { role: 'failed', text: failedClause }, around[1] as RulePart];
  return [...parts.slice(0, place), ...apart.filter((one) => one.text !== ''), ...parts.slice(place + 1)];
}

/** Where whole words stand in a text, -1 for nowhere. */
function placeIn(text: string, words: string): number {
  return ` ${text} `.indexOf(` ${words} `);
}
