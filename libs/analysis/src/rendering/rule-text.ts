/** Rules in a filter step's detail (`rules`, in the order in which they matched) as text. */
import type { Json, RuleTrail, Step } from '@worldline/model';

export interface MatchedRule {
  readonly chain: string;
  /** Counted from 1; null: the chain's policy. */
  readonly number: number | null;
  /** Without `-A CHAIN`, which stands before it; of a policy what it says. */
  readonly text: string;
  readonly verdict: string;
}

export function matchedRules(step: Step): MatchedRule[] {
  const rules = step.detail['rules'];
  if (!Array.isArray(rules)) return [];
  return (rules as readonly Json[]).map((rule) => {
    const { chain, number, text, verdict } = rule as { readonly chain: string; readonly number: number | null; readonly text: string; readonly verdict: string };
    return { chain, number, text: number === null ? verdict.toUpperCase() : text.replace(/^-A \S+ /, ''), verdict };
  });
}

/** Every rule that a filter step looked at, as far as it is told; empty where no trail was kept. */
export function trailOf(step: Step): readonly RuleTrail[] {
  const trail = step.detail['trail'];
  return Array.isArray(trail) ? (trail as unknown as readonly RuleTrail[]) : [];
}

/** What decided, in one line: of a filter step the rule itself, `nat KUBE-SEP-X rule 2: -p udp -j DNAT ...`; of others their text. */
export function decisionText(step: Step): string {
  const last = matchedRules(step).at(-1);
  if (!last) return step.text;
  return ruleText(step, last);
}

/** Where two steps part, as one line each: of two walks through one table the first rules that differ. */
export function partingTexts(baseline: Step | null, candidate: Step | null): readonly [string, string] {
  const [left, right] = [baseline ? matchedRules(baseline) : [], candidate ? matchedRules(candidate) : []];
  const at = left.findIndex((rule, i) => ruleKey(rule) !== ruleKey(right[i]));
  if (!baseline || !candidate || at < 0 || !right[at] || placeOf(baseline) !== placeOf(candidate)) return [textOf(baseline), textOf(candidate)];
  return [ruleText(baseline, left[at] as MatchedRule), ruleText(candidate, right[at])];
}

function textOf(step: Step | null): string {
  return step ? decisionText(step) : 'the way ends';
}

function placeOf({ detail }: Step): string {
  return `${String(detail['table'])} ${String(detail['hook'])}`;
}

function ruleKey(rule: MatchedRule | undefined): string {
  return rule ? `${rule.chain} ${rule.number} ${rule.text}` : '';
}

function ruleText(step: Step, { chain, number, text }: MatchedRule): string {
  return `${String(step.detail['table'])} ${chain} ${number === null ? 'policy' : `rule ${number}:`} ${text}`;
}
