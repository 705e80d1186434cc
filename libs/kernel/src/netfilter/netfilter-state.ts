/** All that netfilter keeps for one machine: tables of both families, sets, and what stateful matches remember by name. */
import type { Family } from '@worldline/model';
import { NatRange } from '../conntrack/index.js';
import type { Environment } from '../record/index.js';
import { HashlimitTables } from './matches/hashlimit-table.js';
import { ConnectionCounts } from './matches/connection-count.js';
import { RecentLists } from './matches/recent-list.js';
import { IpsetState } from './ipset/index.js';
import type { ChainProgram, RuleProgram } from './program.js';
import type { ProgramStore } from './program-store.js';
import { TableState } from './table-state.js';

/** The tables of one family that have a base chain in one hook, each kind in the order of evaluation. */
export interface HookPlan {
  readonly raw: readonly TableState[];
  readonly mangle: readonly TableState[];
  readonly nat: readonly TableState[];
  readonly filter: readonly TableState[];
  readonly security: readonly TableState[];
  readonly isEmpty: boolean;
}

/** Jumps inside jumps at most; iptables-nft allows 16 (NFT_JUMP_STACK_SIZE), legacy as many as the table has. */
export const STACK_SIZE = 1024;

export class NetfilterState {
  tables: TableState[] = [];
  ipsets: IpsetState;
  recent: RecentLists;
  hashlimits = new HashlimitTables();
  connections = new ConnectionCounts();
  /** Grows with every change of a rule, chain, policy or set's name. */
  generation = 0;

  // --- the hook at hand, for matches and targets ---
  hook = 0;
  /** Name ids of state->in and state->out, -1 for none; positions beside them. */
  inputName = -1;
  outputName = -1;
  inputInterface = -1;
  outputInterface = -1;
  /** The chain at hand. */
  table: TableState | null = null;
  slot = 0;
  isLegacy = false;
  /** A match wants the packet gone whatever the rule's target (par->hotdrop). */
  isHotdrop = false;
  readonly natRange = new NatRange();
  readonly stackSlots = new Int32Array(STACK_SIZE);
  readonly stackPlaces = new Int32Array(STACK_SIZE);

  /** Per family (IPv4, IPv6). */
  isTracking = [false, false];
  isNatActive = [false, false];
  isDefragmenting = [false, false];
  /** By 5 * (family === 4 ? 0 : 1) + hook. */
  plans: HookPlan[] = [];

  constructor(
    readonly store: ProgramStore,
    programs: readonly RuleProgram[] = [],
  ) {
    this.ipsets = new IpsetState(store.environment);
    this.recent = new RecentLists(store.environment);
    for (const program of programs) for (const table of program.tables) this.tables.push(new TableState(table));
    this.changed();
  }

  /** Where a stateful clause of the chain at hand keeps its state in `stateValues`; `state` is its last integer. */
  statePlace(state: number): number {
    return (this.table as TableState).place(this.slot) + state;
  }

  get stateValues(): Float64Array {
    return (this.table as TableState).values;
  }

  /** A table by family, name and backend, if the machine has it. */
  findTable(family: Family, name: string, isLegacy: boolean): TableState | null {
    return this.tables.find((t) => t.family === family && t.name === name && t.isLegacy === isLegacy) ?? null;
  }

  /** Position of the set with a name (id in Environment.words), -1 for none. */
  setPosition(nameId: number): number {
    return this.ipsets.find(nameId);
  }

  chain(uid: number): ChainProgram {
    return this.store.chain(uid);
  }

  needsConntrack(family: Family): boolean {
    return this.isTracking[family === 4 ? 0 : 1];
  }

  needsNat(family: Family): boolean {
    return this.isNatActive[family === 4 ? 0 : 1];
  }

  /** Whether an iptables command of a family works on legacy tables: where the machine has no others. */
  isLegacyDefault(family: Family): boolean {
    const own = this.tables.filter((t) => t.family === family);
    return own.length > 0 && own.every((t) => t.isLegacy);
  }

  /** After any change of tables or chains. */
  changed(): void {
    this.generation++;
    for (const table of this.tables) table.settle();
    this.plans = [];
    for (const family of [4, 6] as const) {
      const own = this.tables.filter((t) => t.family === family);
      for (let hook = 0; hook < 5; hook++) this.plans.push(planOf(own, hook));
      const f = family === 4 ? 0 : 1;
      this.isTracking[f] = own.some((t) => t.trackingChains > 0);
      this.isNatActive[f] = own.some((t) => t.name === 'nat' && t.base.some((slot) => slot >= 0));
      this.isDefragmenting[f] = this.isTracking[f] || own.some((t) => t.defragmentingChains > 0);
    }
  }

  /** The state of another run that goes its own way from here. */
  fork(environment: Environment = this.store.environment): NetfilterState {
    const copy = new NetfilterState(this.store);
    copy.tables = this.tables.map((t) => t.fork());
    copy.ipsets = this.ipsets.fork(environment);
    copy.recent = this.recent.fork();
    copy.hashlimits = this.hashlimits.fork();
    copy.connections = this.connections.fork();
    copy.changed();
    copy.generation = this.generation;
    return copy;
  }
}

function planOf(tables: readonly TableState[], hook: number): HookPlan {
  const of = (name: string): TableState[] => tables.filter((t) => t.name === name && t.base[hook] >= 0);
  const plan = { raw: of('raw'), mangle: of('mangle'), nat: of('nat'), filter: of('filter'), security: of('security') };
  return { ...plan, isEmpty: Object.values(plan).every((list) => list.length === 0) };
}
