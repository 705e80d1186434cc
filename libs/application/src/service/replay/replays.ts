/** What is asked of a stored simulation and was not stored: it is run again, the same from its seed, and read out. */
import type { Family, MachineName, RuleTrail, StateChange } from '@worldline/model';
import { OperatingError } from '../../ports/index.js';
import type { Page, PageRequest } from '../ports.js';
import type { PathKey } from '../records.js';

/** Why there is no answer: it is not there, not at its end, ended without a Report, was made by an engine that is not the one here; or no page gave the cursor. */
export type ReplayRefusal = 'not-found' | 'not-finished' | 'no-report' | 'other-engine' | 'invalid-cursor';

export type Replayed<T> = { readonly kind: 'answer'; readonly value: T } | { readonly kind: ReplayRefusal; readonly detail: string };

/** A step on a path: the packet's place in the exchange, and the step's on its whole way, all from 0. */
interface StepPlace extends PathKey {
  readonly entry: number;
  readonly step: number;
}

/** Which of the rules that a filter step looked at are asked for. */
export interface TrailQuestion extends StepPlace {
  readonly first: number;
  readonly offset: number;
}

/** Rules that a filter step looked at: how many in all, and those that were asked for. */
export interface TrailPage {
  readonly lookedAt: number;
  readonly rules: readonly RuleTrail[];
}

/** A machine at a moment of the run, microseconds; null: at its end. */
export interface StateKey {
  readonly simulation: string;
  readonly machine: MachineName;
  readonly at: number | null;
}

/** Which rules, entries or changes are meant; all words hold, and what has no such word is not meant. */
export interface StateFilter {
  /** Of changes: `rule`, `route`, `sysctl`... */
  readonly kind?: readonly string[];
  readonly machine?: MachineName;
  readonly tool?: string;
  readonly table?: string;
  readonly chain?: string;
  /** Number of a rule in its chain, from 1. */
  readonly rule?: number;
  /** Of a sysctl, set or interface. */
  readonly name?: string;
  /** An address of an entry of conntrack, in either direction. */
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: string;
  /** The component that wrote a rule, or `component object`. */
  readonly owner?: string;
  /** Part of the text. */
  readonly text?: string;
  /** Simulated time in microseconds, both ends included. */
  readonly at?: { readonly from?: number; readonly to?: number };
}

/** A rule of a machine, with the packets that it has counted. */
export interface RuleState {
  readonly tool: string;
  readonly table: string;
  readonly chain: string;
  /** From 1; null: the chain's policy. */
  readonly number: number | null;
  readonly text: string;
  readonly packets: number;
}

/** One entry of conntrack, and the line that `conntrack -L -o extended` prints of it. */
export interface EntryState {
  readonly family: Family;
  readonly protocol: string;
  readonly timeout: number;
  readonly state: string | null;
  readonly original: TupleState;
  readonly reply: TupleState;
  readonly isReplied: boolean;
  readonly isAssured: boolean;
  readonly mark: number;
  readonly zone: number;
  readonly text: string;
}

export interface TupleState {
  readonly source: { readonly ip: string; readonly port: number | null };
  readonly destination: { readonly ip: string; readonly port: number | null };
}

export interface CountedPage<T> extends Page<T> {
  readonly total: number;
}

/** Running it again takes more time or memory than there is. */
export class ReplayLimitReached extends OperatingError {}

export interface Replays {
  /** In the order of the questions; those about one simulation cost as much as one. */
  trails(questions: readonly TrailQuestion[]): Promise<readonly Replayed<TrailPage>[]>;
  /** The bundle that `--after` writes, as .tar.gz. */
  after(simulation: string): Promise<Replayed<Uint8Array>>;
  /** The files that `--pcap` writes, as .tar.gz. */
  pcap(simulation: string): Promise<Replayed<Uint8Array>>;
  /** When that is: the moment asked for, or the run's end. */
  moment(state: StateKey): Promise<Replayed<number>>;
  /** A file of the machine's folder, as `--after` writes it; null: it has none of that name. */
  dump(state: StateKey, file: string): Promise<Replayed<string | null>>;
  sysctl(state: StateKey, name: string): Promise<Replayed<string | null>>;
  rules(state: StateKey, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<RuleState>>>;
  conntrack(state: StateKey, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<EntryState>>>;
  /** What the scenario's events changed, in order. */
  history(simulation: string, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<StateChange>>>;
}
