/**
 * One table of one machine: its chains by slot, policies, counters. What it has in common with other machines and with its own past is
 * shared: a change copies one page of chains and notes what differs from the dump.
 */
import type { Family } from '@worldline/model';
import { ACCEPT } from '../packet/index.js';
import { BASE_CHAINS } from './base-chains.js';
import { ChainMemory } from './chain-memory.js';
import { NEEDS_DEFRAGMENTING, NEEDS_TRACKING } from './needs.js';
import type { ChainProgram, TableProgram } from './program.js';
import { initMemory } from './stateful.js';

const PAGE_BITS = 6;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;

type ChainPage = readonly (ChainProgram | null)[];

/** Slot of a name that is gone. */
const GONE = -1;

export class TableState {
  readonly name: string;
  readonly index: number;
  readonly family: Family;
  readonly isLegacy: boolean;
  /** Per hook: ACCEPT, DROP, or -1 without a base chain. */
  policies: Int8Array;
  /** Slot of the base chain per hook, -1 for none. */
  base: Int32Array;
  /** Per hook: 1 where the base chain has no rule and accepts. */
  readonly isPassing = new Uint8Array(5);
  /** Chains with a rule that needs connection tracking, or defragmentation. */
  trackingChains: number;
  defragmentingChains: number;
  private readonly program: TableProgram;
  /** Pages that nobody has come to are not there. */
  private pages: (ChainPage | undefined)[];
  private isShared = true;
  /** Pages that belong to this state alone. */
  private ownPages = new Set<number>();
  private slotCount: number;
  private freeSlots: number[] = [];
  private names = new Map<string, number>();
  private references = new Map<number, number>();
  private memory = new ChainMemory();

  constructor(program: TableProgram) {
    this.program = program;
    this.name = program.name;
    this.index = program.index;
    this.family = program.family;
    this.isLegacy = program.isLegacy;
    this.pages = pagesOf(program);
    this.slotCount = program.chainCount;
    this.policies = program.policies.slice();
    this.trackingChains = program.trackingChains;
    this.defragmentingChains = program.defragmentingChains;
    this.base = this.baseSlots();
  }

  /** The chain in a slot, compiled. */
  chainAt(slot: number): ChainProgram {
    const chain = this.peek(slot);
    return chain.isReady ? chain : chain.prepare();
  }

  /** The chain in a slot as it is: for questions that need no code. */
  peek(slot: number): ChainProgram {
    const page = this.pages[slot >> PAGE_BITS] ?? this.makePage(slot >> PAGE_BITS);
    return page[slot & PAGE_MASK] as ChainProgram;
  }

  slotOf(name: string): number {
    return this.names.get(name) ?? this.program.slotOf(name);
  }

  /** Rules that jump to a chain. */
  referencesTo(slot: number): number {
    return (slot < this.program.references.length ? this.program.references[slot] : 0) + (this.references.get(slot) ?? 0);
  }

  /** All chains: base chains in the order of hooks, then the others by name, as iptables-save lists them. */
  listedSlots(): number[] {
    const base = [...this.base].filter((slot) => slot >= 0);
    const isBase = new Set(base);
    const others: [string, number][] = [];
    for (let slot = 0; slot < this.program.chainCount; slot++) {
      const name = this.program.nameOf(slot);
      if (!this.names.has(name) && !isBase.has(slot)) others.push([name, slot]);
    }
    for (const [name, slot] of this.names) if (slot !== GONE && !isBase.has(slot)) others.push([name, slot]);
    others.sort(([a], [b]) => (a < b ? -1 : 1));
    return [...base, ...others.map(([, slot]) => slot)];
  }

  /** Counters and state of all chains; a chain's begin at `place`. */
  get values(): Float64Array {
    return this.memory.values;
  }

  /** Where the counters and state of a chain begin in `values`; made when first asked for. */
  place(slot: number): number {
    const place = this.memory.find(slot);
    return place >= 0 ? place : this.makePlace(slot);
  }

  /** Whether a packet or a command has come to a chain. */
  isTouched(slot: number): boolean {
    return this.memory.find(slot) >= 0;
  }

  touchedSlots(): number[] {
    return this.memory.slots();
  }

  /** A copy of what is kept for a chain. */
  remembered(slot: number): Float64Array {
    const place = this.place(slot);
    return this.memory.values.slice(place, place + this.chainAt(slot).memorySize);
  }

  remember(slot: number, values: Float64Array): void {
    const place = this.memory.allocate(slot, values.length);
    this.memory.values.set(values, place);
  }

  /** Gives a name a slot; the chain follows with `setChain`. */
  addName(name: string): number {
    const slot = this.freeSlots.pop() ?? this.slotCount++;
    this.names.set(name, slot);
    return slot;
  }

  /** The chain goes, and its name with it. */
  remove(slot: number): void {
    const { name } = this.peek(slot);
    this.setChain(slot, null, null);
    this.names.set(name, GONE);
    this.freeSlots.push(slot);
  }

  rename(slot: number, name: string): void {
    this.names.set(this.peek(slot).name, GONE);
    this.names.set(name, slot);
  }

  setChain(slot: number, chain: ChainProgram | null, memory: Float64Array | null): void {
    const page = this.ownPage(slot >> PAGE_BITS);
    const old = page[slot & PAGE_MASK];
    if (old) this.count(old, -1);
    if (chain) this.count(chain, 1);
    page[slot & PAGE_MASK] = chain;
    if (memory) this.remember(slot, memory);
    else this.memory.forget(slot);
  }

  setPolicy(hook: number, policy: number): void {
    this.policies[hook] = policy;
    this.base = this.baseSlots();
  }

  /** After changes: what the walk wants to know at once. */
  settle(): void {
    this.memory.tidy();
    for (let hook = 0; hook < 5; hook++) {
      const slot = this.base[hook];
      this.isPassing[hook] = slot >= 0 && this.policies[hook] === ACCEPT && this.peek(slot).ruleCount === 0 ? 1 : 0;
    }
  }

  fork(): TableState {
    const copy = this.draft();
    copy.memory = this.memory.fork();
    return copy;
  }

  /** A version in the making: memories are shared until a chain gets other rules. Either it or this one is thrown away. */
  draft(): TableState {
    const copy = Object.assign(Object.create(TableState.prototype) as TableState, this);
    this.isShared = true;
    copy.isShared = true;
    copy.policies = this.policies.slice();
    Object.assign(copy, { isPassing: this.isPassing.slice() });
    copy.freeSlots = this.freeSlots.slice();
    copy.names = new Map(this.names);
    copy.references = new Map(this.references);
    copy.memory = this.memory.draft();
    return copy;
  }

  private makePlace(slot: number): number {
    const chain = this.chainAt(slot);
    const place = this.memory.allocate(slot, chain.memorySize);
    initMemory(chain, this.memory.values, place);
    return place;
  }

  private count(chain: ChainProgram, sign: 1 | -1): void {
    const { needs } = chain;
    if ((needs & NEEDS_TRACKING) !== 0) this.trackingChains += sign;
    if ((needs & NEEDS_DEFRAGMENTING) !== 0) this.defragmentingChains += sign;
    for (const slot of chain.jumps()) this.references.set(slot, (this.references.get(slot) ?? 0) + sign);
  }

  private ownPage(number: number): (ChainProgram | null)[] {
    if (this.isShared) {
      this.pages = this.pages.slice();
      this.ownPages = new Set();
      this.isShared = false;
    }
    if (!this.ownPages.has(number)) {
      this.pages[number] = (this.pages[number] ?? this.makePage(number)).slice();
      this.ownPages.add(number);
    }
    return this.pages[number] as (ChainProgram | null)[];
  }

  private makePage(number: number): ChainPage {
    return (this.pages[number] = pageOf(this.program, number));
  }

  private baseSlots(): Int32Array {
    return Int32Array.from(BASE_CHAINS, (name, hook) => (this.policies[hook] < 0 ? GONE : this.slotOf(name)));
  }
}

const pages = new WeakMap<TableProgram, (ChainPage | undefined)[]>();

/** Pages of a table as dumped, the same for all machines that have it. */
function pagesOf(program: TableProgram): (ChainPage | undefined)[] {
  let made = pages.get(program);
  if (!made) {
    made = new Array<undefined>((program.chainCount + PAGE_SIZE - 1) >> PAGE_BITS).fill(undefined);
    pages.set(program, made);
  }
  return made;
}

/** A page of the table as dumped; behind its last chain there is room for those that commands make. */
function pageOf(program: TableProgram, number: number): ChainPage {
  const made = pagesOf(program);
  const first = number << PAGE_BITS;
  return (made[number] ??= Array.from({ length: PAGE_SIZE }, (_, i) => (first + i < program.chainCount ? program.chain(first + i) : null)));
}
