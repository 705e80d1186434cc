/**
 * One `iptables-save` or `ip6tables-save` dump as packed columns: no object per rule.
 *
 * Rules are sequences of interned words. Chains of one table stand together; rules are grouped by chain, in order.
 */
import type { Family } from '../address.js';

/** Distinct words of a dump. Word 0 is the empty word. */
export interface WordTable {
  /** The text of word `id`. */
  text(id: number): string;
  readonly count: number;
  /** The id of a word, -1 when it does not occur. */
  find(text: string): number;
}

export type ChainPolicy = 'ACCEPT' | 'DROP' | '-';

export interface RuleSetTable {
  readonly name: string;
  /** Line of the dump that begins it. */
  readonly line: number;
  /** Chains `chainStart` to `chainEnd - 1` of the columns below are this table's, in the order of the dump. */
  readonly chainStart: number;
  readonly chainEnd: number;
}

export interface RuleSet {
  readonly family: Family;
  /** Whether xtables (legacy) evaluates it, not nf_tables: they differ in how `limit` counts and in what a change resets. */
  readonly isLegacy: boolean;
  /** The file it came from, for messages; `iptables-save.txt`, say. */
  readonly file: string;
  /** UTF-8 bytes that `ruleTextStart` and `ruleTextEnd` point into. */
  readonly text: Uint8Array;
  readonly words: WordTable;
  readonly tables: readonly RuleSetTable[];

  /** Per chain. */
  readonly chainName: Int32Array; // word
  readonly chainPolicy: Uint8Array; // 0 '-', 1 ACCEPT, 2 DROP
  readonly chainPackets: Float64Array; // policy counters
  readonly chainBytes: Float64Array;
  readonly chainLine: Int32Array;
  /** Rules of chain c are `chainRuleStart[c]` to `chainRuleStart[c + 1] - 1`; length chains + 1. */
  readonly chainRuleStart: Int32Array;

  /** Per rule. */
  readonly rulePackets: Float64Array;
  readonly ruleBytes: Float64Array;
  readonly ruleLine: Int32Array;
  /** The rule's text from `-A` on, counters left out, as byte offsets into `text`. */
  readonly ruleTextStart: Int32Array;
  readonly ruleTextEnd: Int32Array;
  /** Words of rule r after `-A CHAIN` are `tokens[ruleTokenStart[r]]` to `tokens[ruleTokenStart[r + 1] - 1]`; length rules + 1. */
  readonly ruleTokenStart: Int32Array;
  /** Rules of one form (not 0) have the same words but for those at `formValues[form]`, counted from the rule's first. */
  readonly ruleForm: Uint16Array;
  readonly formValues: readonly Int32Array[];
  readonly tokens: Int32Array;
}
