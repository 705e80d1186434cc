/** Changes of one table, each as a command makes it. Refusals are values: what the kernel or the tool would say. */
import type { Family } from '@worldline/model';
import { canonicalRule, encodeUtf8, ruleText, scanRuleSet } from '@worldline/language';
import { ACCEPT } from '../packet/index.js';
import { TABLE_NAMES } from '../record/index.js';
import { BASE_CHAINS, TABLE_HOOKS } from './base-chains.js';
import { ChainBuilder, NewRules } from './chain-builder.js';
import type { NetfilterState } from './netfilter-state.js';
import type { ChainProgram, TableProgram } from './program.js';
import type { ProgramStore } from './program-store.js';
import { initMemory, moveState, resetState } from './stateful.js';
import { TableState } from './table-state.js';

/** Why a change was refused. */
export type Refusal = 'noChain' | 'chainExists' | 'busy' | 'badRule' | 'noTarget' | 'baseTarget' | 'loop';

/** A rule of the new version of a chain: one of the old ones, or a new one. */
export type Piece = number | { readonly rules: NewRules; readonly rule: number };

/** How many rules of a chain are given again, at its beginning and at its end. */
export interface KeptRules {
  readonly first: number;
  readonly last: number;
}

export class TableEditor {
  constructor(
    private readonly store: ProgramStore,
    readonly table: TableState,
  ) {}

  /** Rules `-A CHAIN text` as a rule set of its own. */
  rulesOf(chain: string, texts: readonly string[], counters: readonly [number, number] | null): NewRules {
    const count = counters ? `[${counters[0]}:${counters[1]}] ` : '';
    const lines = texts.map((text) => `${count}-A ${chain}${text === '' ? '' : ` ${text}`}\n`);
    const text = `*${this.table.name}\n:${chain} - [0:0]\n${lines.join('')}COMMIT\n`;
    const { ruleSet } = scanRuleSet(encodeUtf8(text), { family: this.table.family, file: 'command line' });
    return new NewRules(this.store, ruleSet);
  }

  /** Gives a chain other rules. Counters and state of those that stay move along; new ones begin with the counters they were given. */
  replaceRules(slot: number, pieces: readonly Piece[]): Refusal | null {
    const { table } = this;
    // What is not kept need not be compiled
    const old = pieces.some((piece) => typeof piece === 'number') || table.base.includes(slot) ? table.chainAt(slot) : table.peek(slot);
    const builder = new ChainBuilder(this.store, old, (name) => table.slotOf(name));
    for (const piece of pieces) {
      if (typeof piece === 'number') builder.keep(old, piece);
      else builder.add(piece.rules, piece.rule);
    }
    if (builder.missingTarget !== null) return 'noTarget';
    const chain = builder.finish();
    const refusal = this.checkJumps(slot, chain);
    if (refusal) return refusal;
    table.setChain(slot, chain, this.memoryOf(slot, old, chain, pieces));
    if (table.isLegacy) this.resetStates();
    return null;
  }

  /** Position of the first rule that is the same as `text`; -1 for none. */
  findRule(slot: number, text: string): number {
    const chain = this.table.chainAt(slot);
    const whole = `-A ${chain.name}${text === '' ? '' : ` ${text}`}`;
    for (let r = 0; r < chain.ruleCount; r++) {
      const { ruleSet, rule } = chain.origin(r);
      if (ruleText(ruleSet, rule) === whole) return r;
    }
    for (let r = 0; r < chain.ruleCount; r++) {
      const { ruleSet, rule } = chain.origin(r);
      if (canonicalRule(ruleSet, rule) === text) return r;
    }
    return -1;
  }

  newChain(name: string): Refusal | null {
    if (this.table.slotOf(name) >= 0) return 'chainExists';
    const slot = this.table.addName(name);
    this.table.setChain(slot, emptyChain(this.store, this.table, name), null);
    return null;
  }

  deleteChain(slot: number): Refusal | null {
    const { table } = this;
    if (table.base.includes(slot) || table.chainAt(slot).ruleCount > 0 || table.referencesTo(slot) > 0) return 'busy';
    table.remove(slot);
    return null;
  }

  renameChain(slot: number, name: string): Refusal | null {
    const { table } = this;
    if (table.slotOf(name) >= 0) return 'chainExists';
    table.rename(slot, name);
    for (const other of table.listedSlots()) {
      const chain = table.peek(other);
      if (other !== slot && !chain.jumps().includes(slot)) continue;
      const renamed = renamedChain(this.store, chain.prepare(), other === slot ? name : chain.name);
      table.setChain(other, renamed, table.remembered(other));
    }
    return null;
  }

  /** Gives a chain rules of which the first and the last are those that it has: all of them begin anew. */
  giveAgain(slot: number, { first, last }: KeptRules, { rules, from, to }: { readonly rules: NewRules; readonly from: number; readonly to: number }): Refusal | null {
    const { ruleCount } = this.table.peek(slot);
    if (from < to || first + last < ruleCount) {
      const kept = keptPieces(this.table.chainAt(slot));
      const given = Array.from({ length: to - from }, (_, i) => ({ rules, rule: from + i }));
      const refusal = this.replaceRules(slot, [...kept.slice(0, first), ...given, ...kept.slice(ruleCount - last)]);
      if (refusal) return refusal;
    }
    const chain = this.table.chainAt(slot);
    const memory = new Float64Array(chain.memorySize);
    initMemory(chain, memory, 0);
    this.table.remember(slot, memory.fill(0, 0, 2 * chain.ruleCount + 2));
    return null;
  }

  /** -Z: of a rule, or of all and the policy. */
  zero(slot: number, rule: number | null): void {
    const memory = this.table.remembered(slot);
    const { ruleCount } = this.table.chainAt(slot);
    const [from, to] = rule === null ? [0, ruleCount] : [rule, rule];
    this.table.remember(slot, memory.fill(0, 2 * from, 2 * to + 2));
  }

  setPolicy(slot: number, policy: number): void {
    this.table.setPolicy(this.table.base.indexOf(slot), policy);
  }

  private memoryOf(slot: number, old: ChainProgram, chain: ChainProgram, pieces: readonly Piece[]): Float64Array {
    const memory = new Float64Array(chain.memorySize);
    initMemory(chain, memory, 0);
    const before = old.isReady ? this.table.remembered(slot) : new Float64Array(2 * old.ruleCount + 2);
    pieces.forEach((piece, r) => {
      if (typeof piece === 'number') moveState({ chain: old, memory: before, rule: piece }, { chain, memory, rule: r });
      else {
        memory[2 * r] = piece.rules.ruleSet.rulePackets[piece.rule];
        memory[2 * r + 1] = piece.rules.ruleSet.ruleBytes[piece.rule];
      }
    });
    memory[2 * chain.ruleCount] = before[2 * old.ruleCount];
    memory[2 * chain.ruleCount + 1] = before[2 * old.ruleCount + 1];
    return memory;
  }

  private checkJumps(slot: number, chain: ChainProgram): Refusal | null {
    const { table } = this;
    const jumps = chain.jumps();
    if (jumps.some((to) => table.base.includes(to))) return 'baseTarget';
    // Who is called from base chains alone is on no loop
    const calls = [...table.base].reduce((sum, base) => sum + (base < 0 ? 0 : table.peek(base).jumps().filter((to) => to === slot).length), 0);
    if (table.base.includes(slot) || table.referencesTo(slot) + jumps.filter((to) => to === slot).length === calls) return null;
    const seen = new Set<number>();
    const open = [...jumps];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === slot) return 'loop';
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...table.peek(next).jumps());
    }
    return null;
  }

  /** Legacy loads the whole table anew: every match begins again (xt_replace_table, checkentry). */
  private resetStates(): void {
    for (const slot of this.table.touchedSlots()) {
      const chain = this.table.peek(slot);
      if (chain.memorySize === 2 * chain.ruleCount + 2) continue;
      const memory = this.table.remembered(slot);
      for (let r = 0; r < chain.ruleCount; r++) resetState(chain, r, memory, 0);
      this.table.remember(slot, memory);
    }
  }
}

function emptyChain(store: ProgramStore, table: { index: number; family: Family; isLegacy: boolean }, name: string): ChainProgram {
  return new ChainBuilder(store, { name, table: table.index, family: table.family, isLegacy: table.isLegacy }, () => -1).finish();
}

function renamedChain(store: ProgramStore, chain: ChainProgram, name: string): ChainProgram {
  const builder = new ChainBuilder(store, { name, table: chain.table, family: chain.family, isLegacy: chain.isLegacy }, () => -1);
  for (let r = 0; r < chain.ruleCount; r++) builder.keep(chain, r);
  return Object.assign(builder.finish(), { isRenamed: true });
}

/** The table by name, made with its base chains when the machine has none; null when iptables has no such table. */
export function openTable(state: NetfilterState, family: Family, name: string, isLegacy: boolean): TableState | null {
  const known = state.findTable(family, name, isLegacy);
  if (known) return known;
  const table = newTable(state.store, family, name, isLegacy);
  if (table) state.tables.unshift(table);
  return table;
}

export function newTable(store: ProgramStore, family: Family, name: string, isLegacy: boolean): TableState | null {
  const hooks = TABLE_HOOKS[name];
  if (!hooks) return null;
  const index = TABLE_NAMES.findIndex((t) => t === name);
  const policies = new Int8Array(5).fill(-1);
  for (const hook of hooks) policies[hook] = ACCEPT;
  const chains = hooks.map((hook) => emptyChain(store, { index, family, isLegacy }, BASE_CHAINS[hook]));
  const slotOf = (chain: string): number => hooks.findIndex((hook) => BASE_CHAINS[hook] === chain);
  const references = new Int32Array(chains.length);
  const program: TableProgram = {
    ...{ name, index, family, isLegacy, slotOf, policies, references, trackingChains: 0, defragmentingChains: 0 },
    chainCount: chains.length,
    chain: (slot) => chains[slot],
    nameOf: (slot) => chains[slot].name,
  };
  return new TableState(program);
}

/** All rules of a chain, as pieces. */
export function keptPieces(chain: ChainProgram): Piece[] {
  return Array.from({ length: chain.ruleCount }, (_, r) => r);
}

