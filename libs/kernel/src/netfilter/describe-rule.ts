/** A rule as a person names it: table, chain, number and text. */
import { decodeUtf8 } from '@worldline/language';
import { TABLE_NAMES } from '../record/index.js';
import type { ProgramStore } from './program-store.js';

export interface RuleDescription {
  readonly table: string;
  readonly chain: string;
  /** Counted from 1; null: the chain's policy. */
  readonly number: number | null;
  /** As iptables-save writes it, from `-A` on; of a policy `-P CHAIN DROP`. */
  readonly text: string;
}

/** Describes rule `rule` (0 is the first, -1 the policy) of the chain program `uid`. */
export function describeRule(store: ProgramStore, uid: number, rule: number): RuleDescription {
  const chain = store.chain(uid);
  const table = TABLE_NAMES[chain.table];
  if (rule < 0) return { table, chain: chain.name, number: null, text: `-P ${chain.name} DROP` };
  const { ruleSet, rule: position } = chain.origin(rule);
  const text = decodeUtf8(ruleSet.text, ruleSet.ruleTextStart[position], ruleSet.ruleTextEnd[position]);
  return { table, chain: chain.name, number: rule + 1, text };
}
