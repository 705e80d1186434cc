/** What application needs of the engine, so that use cases can be tested without one. `kernel-engine.ts` is the real one. */
import type { PathOrigin, PathPlace } from '@worldline/kernel';
import type { FlowReport, Issue, MachineName, Scenario, Snapshot, StateChange } from '@worldline/model';

export type { PathOrigin, PathPlace };

export type Mode = 'sample' | 'explore';

/** Which packets the Report lists one by one; totals, paths and counters are always exact. */
export type PacketListing = 'all' | 'failed' | 'none';

export interface EngineOptions {
  readonly seed: number;
  readonly mode: Mode;
  readonly packets: PacketListing;
  /** Every packet carries its hops, not only the first of its path. */
  readonly hasAllHops: boolean;
  /** False: every rule is run for every packet. The Report is the same. */
  readonly isCached: boolean;
  /** False: paths are not recorded, to price recording. */
  readonly isRecording: boolean;
  /** Trails of the rules that were looked at: for the first questions of which paths (of all: for every packet), and how many rules of a step are told. */
  readonly trails?: { readonly of: readonly PathOrigin[] | 'all'; readonly limit: number };
  /** The run may end as soon as it has come to these paths: for who asks about them alone. */
  readonly until?: readonly PathPlace[];
  /** Whether it is noted what each command of an event changed. */
  readonly hasHistory?: boolean;
  readonly onProgress?: (done: number, of: number) => void;
  /** Carries out what an event asks for, and notes what that cost. */
  readonly measureEvent?: MeasureEvent;
}

/** Milliseconds of simulated time, and the kind of event. */
export type MeasureEvent = <T>(event: { readonly at: number; readonly kind: string }, work: () => T) => T;

export interface EngineFigures {
  readonly packets: number;
  readonly newFlows: number;
  readonly evaluated: number;
  readonly cacheHits: number;
  readonly conntrackEntries: number;
  /** What these entries take, with the room that is held for more. */
  readonly conntrackBytes: number;
  readonly programBytes: number;
}

export interface RuleCoverage {
  readonly modelled: number;
  readonly approximated: number;
  readonly unknown: number;
}

export interface NetworkLink {
  readonly kind: 'veth' | 'segment';
  readonly ends: readonly { readonly machine: MachineName; readonly interface: string }[];
}

/** A network that is ready to run once. */
export interface Network {
  readonly issues: readonly Issue[];
  readonly rules: RuleCoverage;
  /** What joins the machines, routers of the fabric included: ends of a veth pair, or all interfaces on a segment. */
  links(): readonly NetworkLink[];
  run(scenario: Scenario, options: EngineOptions): EngineRun;
}

export interface EngineRun {
  readonly flows: readonly FlowReport[];
  /** Which question was the first to take each path. */
  readonly origins: readonly PathOrigin[];
  /** What came up while running: a command line that was not understood is an error. */
  readonly issues: readonly Issue[];
  readonly figures: EngineFigures;
  readonly machines: readonly MachineName[];
  /** The moment at which it ended, microseconds. */
  readonly endedAt: number;
  /** What events changed, in order; empty unless it was asked for. */
  readonly history: readonly StateChange[];
  /** Whether anything but counters and timers of a machine differs from the snapshot. */
  isChanged(machine: MachineName): boolean;
  /** The machine's final state: file name of the bundle to its text, as the real tools print it. */
  dump(machine: MachineName): ReadonlyMap<string, string>;
}

export interface Engine {
  readonly version: string;
  compile(snapshot: Snapshot): Network;
}
