/**
 * Rules as the interpreter runs them: packed integers, immutable, shared by all machines whose dumps are equal and by all versions of a
 * table in which the chain is the same.
 *
 * A rule is `[distance to the rule to try next, its number, clauses..., target]`. The next rule is the following one, or within an indexed
 * run the next one with the same key. Clauses are those of language/iptables, with words, addresses and interfaces as the kernel knows them
 * and the K_ opcodes below for what can be asked in a cheaper way.
 */
import type { Family, RuleSet } from '@worldline/model';
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_FIRST_TARGET } from '@worldline/language';

/** Address is: handle. */
export const K_SOURCE_IS = 60;
export const K_DESTINATION_IS = 61;
/** Interface name begins so: id in InterfacePatterns. */
export const K_INPUT_PATTERN = 62;
export const K_OUTPUT_PATTERN = 63;
/** A single port. */
export const K_SOURCE_PORT_IS = 64;
export const K_DESTINATION_PORT_IS = 65;
/** A run of rules found by hash: position of its table in `index`. */
export const K_INDEX = 66;

/** Before the clauses of a rule. */
export const RULE_NEXT = 0;
export const RULE_NUMBER = 1;
export const RULE_CLAUSES = 2;
/** Target of the pseudo-rule after a chain's last. */
export const K_END = 198;

/** One rule's origin: its words, for printing and for telling which clause failed. */
export interface RuleOrigin {
  readonly ruleSet: RuleSet;
  readonly rule: number;
}

export interface ChainProgram {
  /** Whether its code is there. A dump's chain is compiled when a packet or a command first comes to it. */
  readonly isReady: boolean;
  /** Compiles the chain; itself. */
  prepare(): ChainProgram;
  /** Position in ProgramStore.chains; never 0. */
  readonly uid: number;
  readonly name: string;
  /** Index into TABLE_NAMES. */
  readonly table: number;
  readonly family: Family;
  readonly isLegacy: boolean;
  readonly ruleCount: number;
  readonly code: Int32Array;
  /** Position of the first entry in `code`. */
  readonly start: number;
  /** Rule r begins at `code[rules[firstRule + r]]`. */
  readonly rules: Int32Array;
  readonly firstRule: number;
  /** Hash tables of the indexed runs. */
  readonly index: Int32Array;
  /** Whether its name, or that of a chain that it jumps to, is another than the one its rules were written with. */
  readonly isRenamed?: boolean;
  /** Where rule r was written. */
  origin(rule: number): RuleOrigin;
  /** Slots that its rules jump to, one for each such rule; known without its code. */
  jumps(): readonly number[];
  /** NEEDS_* of its rules. */
  readonly needs: number;
  /** Doubles that a machine keeps for it: counters of each rule and the policy, then the state of its stateful clauses. */
  readonly memorySize: number;
  /** Where its counters were captured: chain and first rule of a rule set; null for a chain that a command made. */
  readonly initial: { readonly ruleSet: RuleSet; readonly rule: number; readonly chain: number } | null;
}

/** One table of a dump, as it is before anything changes it. */
export interface TableProgram {
  readonly name: string;
  /** Index into TABLE_NAMES. */
  readonly index: number;
  readonly family: Family;
  readonly isLegacy: boolean;
  readonly chainCount: number;
  /** The chain in a slot, made when first asked for; jumps name slots. */
  chain(slot: number): ChainProgram;
  nameOf(slot: number): string;
  /** Slot of a chain by its name, -1 for none. */
  slotOf(name: string): number;
  /** Policy per hook: ACCEPT or DROP; -1 where the table has no base chain. */
  readonly policies: Int8Array;
  /** By slot: rules that jump there. */
  readonly references: Int32Array;
  /** Chains with a rule that needs connection tracking, or defragmentation. */
  readonly trackingChains: number;
  readonly defragmentingChains: number;
}

export interface RuleProgram {
  readonly family: Family;
  readonly isLegacy: boolean;
  readonly tables: readonly TableProgram[];
}

/** Position of the target clause of the rule that begins at `rule`. */
export function targetOf(code: Int32Array, rule: number): number {
  let at = rule + RULE_CLAUSES;
  while ((code[at] & CLAUSE_OPCODE) < OP_FIRST_TARGET) at += code[at] >>> CLAUSE_SIZE_SHIFT;
  return at;
}

