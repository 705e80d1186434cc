/** One table of one machine: its chains by slot, policies, counters. What it shares with other machines is copied when it first changes. */
import type { Family } from '@worldline/model';
import { newMemory } from './stateful.js';
import type { ChainProgram, TableProgram } from './program.js';

const PAGE_BITS = 6;
const PAGE_SIZE = 1 << PAGE_BITS;

export class TableState {
  readonly name: string;
  readonly index: number;
  readonly family: Family;
  readonly isLegacy: boolean;
  chains: readonly (ChainProgram | null)[];
  slots: ReadonlyMap<string, number>;
  /** Per hook: ACCEPT, DROP, or -1 without a base chain. */
  policies: Int8Array;
  /** Slot of the base chain per hook, -1 for none. */
  base: Int32Array;
  private isShared = true;
  private pages: (Float64Array | null)[][] = [];

  constructor(program: TableProgram) {
    this.name = program.name;
    this.index = program.index;
    this.family = program.family;
    this.isLegacy = program.isLegacy;
    this.chains = program.chains;
    this.slots = program.slots;
    this.policies = program.policies;
    this.base = baseSlots(program.slots, program.policies);
  }

  /** Counters and state of a chain; made when first asked for. */
  memory(slot: number): Float64Array {
    const page = this.pages[slot >> PAGE_BITS];
    if (page !== undefined) {
      const memory = page[slot & (PAGE_SIZE - 1)];
      if (memory !== null) return memory;
    }
    return this.makeMemory(slot);
  }

  setMemory(slot: number, memory: Float64Array | null): void {
    const page = (this.pages[slot >> PAGE_BITS] ??= new Array<Float64Array | null>(PAGE_SIZE).fill(null));
    page[slot & (PAGE_SIZE - 1)] = memory;
  }

  slotOf(name: string): number {
    return this.slots.get(name) ?? -1;
  }

  chainAt(slot: number): ChainProgram {
    return this.chains[slot] as ChainProgram;
  }

  /** Chains that may be changed. */
  ownChains(): (ChainProgram | null)[] {
    this.own();
    return this.chains as (ChainProgram | null)[];
  }

  ownSlots(): Map<string, number> {
    this.own();
    return this.slots as Map<string, number>;
  }

  setPolicy(hook: number, policy: number): void {
    this.own();
    this.policies[hook] = policy;
    this.base = baseSlots(this.slots, this.policies);
  }

  /** Base chains first in the order of hooks, then the others by name, as iptables-save lists them. */
  listedSlots(): number[] {
    const base = [...this.base].filter((slot) => slot >= 0);
    const isBase = new Set(base);
    const names = [...this.slots].filter(([, slot]) => !isBase.has(slot));
    names.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...base, ...names.map(([, slot]) => slot)];
  }

  fork(): TableState {
    const copy = Object.assign(Object.create(TableState.prototype) as TableState, this);
    this.isShared = true;
    copy.isShared = true;
    copy.pages = this.pages.map((page) => page?.map((memory) => memory && memory.slice()));
    return copy;
  }

  private own(): void {
    if (!this.isShared) return;
    this.chains = this.chains.slice();
    this.slots = new Map(this.slots);
    this.policies = this.policies.slice();
    this.isShared = false;
  }

  private makeMemory(slot: number): Float64Array {
    const memory = newMemory(this.chainAt(slot));
    this.setMemory(slot, memory);
    return memory;
  }
}

const BASE_NAMES = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

function baseSlots(slots: ReadonlyMap<string, number>, policies: Int8Array): Int32Array {
  return Int32Array.from(BASE_NAMES, (name, hook) => (policies[hook] < 0 ? -1 : (slots.get(name) ?? -1)));
}
