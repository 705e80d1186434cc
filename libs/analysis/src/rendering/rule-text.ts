/** Rules in a filter step's detail (`rules`, in the order in which they matched) as text. */
import type { Json, Step } from '@worldline/model';

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

/** What decided, in one line: of a filter step the rule itself, `nat KUBE-SEP-X rule 2: -p udp -j DNAT ...`; of others their text. */
export function decisionText(step: Step): string {
  const last = matchedRules(step).at(-1);
  if (!last) return step.text;
  return `${String(step.detail['table'])} ${last.chain} ${last.number === null ? 'policy' : `rule ${last.number}:`} ${last.text}`;
}
