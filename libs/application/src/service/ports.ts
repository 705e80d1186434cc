/**
 * What the service needs of the world: a store, a job queue, and news of changes. Every port has an in-memory adapter and one
 * conformance suite that runs over all its adapters.
 *
 * The store is the truth. The queue only says when to look, and news only that there is something to read: losing either is healed by
 * reading again, getting either twice changes nothing.
 */
import type { FileTree } from '@worldline/snapshot';
import type { Comparison } from '@worldline/analysis';
import type { Parsed, Report } from '@worldline/model';
import type {
  BatchRecord,
  BatchRequest,
  BatchResult,
  Bucket,
  ChangeFilter,
  ChangeRecord,
  ComparisonRecord,
  ComparisonSide,
  Dimension,
  FlowRecord,
  PacketKey,
  PacketRecord,
  PathKey,
  PathRecord,
  Problem,
  Progress,
  SimulationRecord,
  SimulationRequest,
  SimulationSummary,
  SnapshotRecord,
  Status,
  Topology,
  TraceFilter,
  TraceRecord,
} from './records.js';

/** Asks for one page in keyset order: `limit` items after (or before) the position that `cursor` stands for. */
export interface PageRequest {
  /** At least 1. */
  readonly limit: number;
  /** As a page gave it; null: from the first item, or with `isBackward` from the last. */
  readonly cursor: string | null;
  /** The items before the cursor instead, still in forward order. */
  readonly isBackward?: boolean;
}

export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly item: T }[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** A cursor that no page of this kind gave. The caller's mistake, told apart from a store that is broken. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
}

/** An `Idempotency-Key` and the digest of the body it came with. */
export interface Idempotency {
  readonly key: string;
  readonly bodyDigest: string;
}

/** `created`: new. `existing`: the key was used with this body before. `conflict`: with another body. */
export type Created<T> = { readonly kind: 'created' | 'existing'; readonly record: T } | { readonly kind: 'conflict' };

/** Snapshots by the digest of what they say. */
export interface SnapshotStore {
  /** The same digest again changes nothing; `isNew` says whether it was the first time. */
  put(snapshot: { readonly digest: string; readonly tree: FileTree } & Pick<SnapshotRecord, 'machines' | 'issues'>): Promise<{ readonly record: SnapshotRecord; readonly isNew: boolean }>;
  /** In the order of the digests; the unknown are left out. */
  get(digests: readonly string[]): Promise<readonly SnapshotRecord[]>;
  tree(digest: string): Promise<FileTree | null>;
}

export interface NewSimulation extends SimulationRequest {
  readonly id: string;
  readonly name: string;
  readonly scenarioDigest: string;
  readonly engineVersion: string;
}

/** What a simulation leaves: stored together with the status, all or nothing. */
export interface SimulationResult {
  readonly report: Report;
  /** The Report as `--json` prints it: `/report` answers these bytes. */
  readonly reportText: string;
  readonly topology: Topology;
}

export interface SimulationFilter {
  readonly status?: readonly Status[];
  /** The scenario's name. */
  readonly name?: string;
  readonly snapshotDigest?: string;
}

/** The life of simulations, and the questions that are asked of their results. */
export interface SimulationStore {
  create(simulation: NewSimulation, idempotency: Idempotency | null): Promise<Created<SimulationRecord>>;
  /** In the order of the ids; the unknown are left out. */
  get(ids: readonly string[]): Promise<readonly SimulationRecord[]>;
  /** Newest first. */
  list(filter: SimulationFilter, page: PageRequest): Promise<Page<SimulationRecord>>;
  count(filter: SimulationFilter): Promise<number>;
  /** Ids of all that are queued or running, oldest first: what must be in the queue. */
  unfinished(): Promise<readonly string[]>;

  /** Says that work on it begins, or begins again after a worker died; null when there is nothing left to do. */
  start(id: string): Promise<SimulationRecord | null>;
  /** False when it must be given up: it was canceled or erased. */
  progress(id: string, progress: Progress): Promise<boolean>;
  /** Replaces whatever a dead worker may have left. False, and nothing is stored, when the simulation is final already. */
  succeed(id: string, result: SimulationResult): Promise<boolean>;
  fail(id: string, problem: Problem): Promise<boolean>;
  /** The record as it then is; null when there is none. Canceling what is final changes nothing. */
  cancel(id: string): Promise<SimulationRecord | null>;
  /** Erases it with all its results; false when there was none. */
  purge(id: string): Promise<boolean>;

  /** The Report's text as bytes (UTF-8); null before the end. */
  report(id: string): Promise<Uint8Array | null>;
  /** In the order of the ids; those that have not succeeded are left out. */
  summaries(ids: readonly string[]): Promise<readonly (SimulationSummary & { readonly simulation: string })[]>;
  topology(id: string): Promise<Topology | null>;

  /** In the order of the scenario. A filter keeps flows that have a path that it keeps. */
  flows(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<FlowRecord>>;
  /** By flow, then index. */
  packets(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PacketRecord>>;
  /** By flow, index of the packet, entry. */
  traces(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<TraceRecord>>;
  /** By flow, then id. Words about single packets (address, port, at) keep paths that such a listed packet took. */
  paths(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PathRecord>>;
  countFlows(simulation: string, filter: TraceFilter): Promise<number>;
  countPackets(simulation: string, filter: TraceFilter): Promise<number>;
  countTraces(simulation: string, filter: TraceFilter): Promise<number>;
  countPaths(simulation: string, filter: TraceFilter): Promise<number>;
  /** The largest buckets first, equal ones by key. Counts are exact whether packets are listed or not. */
  aggregate(simulation: string, by: readonly Dimension[], filter: TraceFilter, limit: number): Promise<readonly Bucket[]>;

  /** By keys, for loaders: one call for a whole page. The unknown are left out, order is the keys'. */
  flowsByKey(keys: readonly Pick<PathKey, 'simulation' | 'flow'>[]): Promise<readonly FlowRecord[]>;
  packetsByKey(keys: readonly PacketKey[]): Promise<readonly PacketRecord[]>;
  pathsByKey(keys: readonly PathKey[]): Promise<readonly PathRecord[]>;
}

export interface ComparisonStore {
  create(comparison: { readonly id: string; readonly baseline: ComparisonSide; readonly candidate: ComparisonSide }, idempotency: Idempotency | null): Promise<Created<ComparisonRecord>>;
  get(ids: readonly string[]): Promise<readonly ComparisonRecord[]>;
  unfinished(): Promise<readonly string[]>;
  /** Unfinished comparisons that one of these simulations is a side of. */
  waitingFor(simulation: string): Promise<readonly string[]>;
  succeed(id: string, result: Comparison): Promise<boolean>;
  fail(id: string, problem: Problem): Promise<boolean>;
  changes(comparison: string, filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRecord>>;
  countChanges(comparison: string, filter: ChangeFilter): Promise<number>;
}

export interface BatchStore {
  create(batch: BatchRequest & { readonly id: string; readonly name: string }, idempotency: Idempotency | null): Promise<Created<BatchRecord>>;
  get(ids: readonly string[]): Promise<readonly BatchRecord[]>;
  unfinished(): Promise<readonly string[]>;
  start(id: string): Promise<BatchRecord | null>;
  /** False when it is at its end already. */
  progress(id: string, progress: Progress): Promise<boolean>;
  succeed(id: string, result: BatchResult): Promise<boolean>;
  fail(id: string, problem: Problem): Promise<boolean>;
}

export interface Stores {
  readonly snapshots: SnapshotStore;
  readonly simulations: SimulationStore;
  readonly comparisons: ComparisonStore;
  readonly batches: BatchStore;
}

export const JOB_KINDS = ['simulation', 'comparison', 'batch'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** Ids only: what is to be done stands in the store. */
export interface Job {
  readonly kind: JobKind;
  /** Id of the simulation, comparison or batch. */
  readonly target: string;
  /** Why it is asked for again: jobs with different causes are different jobs, even while one of them is at work. */
  readonly cause?: string;
}

export interface JobQueue {
  /** A job that already waits or is at work is not added again. */
  add(jobs: readonly Job[]): Promise<void>;
  /** Jobs by what they do at the moment, over all kinds. */
  counts(): Promise<Readonly<Record<'waiting' | 'active' | 'delayed' | 'failed', number>>>;
}

/** The part of an AbortSignal that is asked for. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

/** Does one job. It may be called again for a job that was done or half done. `signal` aborts when the process cannot wait any longer. */
export type JobHandler = (job: Job, signal: StopSignal) => Promise<void>;

export interface JobConsumer {
  /** Takes no further job and waits for those at work. After `graceMs` their signals abort, and those that throw then go back into the queue. */
  close(graceMs?: number): Promise<void>;
}

/** The other end of a JobQueue. A job whose handler throws is tried again some times; one whose worker died is given to another. */
export interface JobSource {
  consume(options: {
    readonly handlers: Readonly<Record<JobKind, JobHandler>>;
    /** Jobs at work at the same time in this process. */
    readonly concurrency: number;
    /** After the last attempt has failed. */
    readonly onGivenUp: (job: Job, error: Error) => Promise<void>;
  }): Promise<JobConsumer>;
}

/** News that the record of a simulation, comparison or batch has changed. Hints only: the reader reads the record. */
export interface ProgressFeed {
  publish(id: string): Promise<void>;
  /** Calls `onChange` after changes of `id`, and whenever some may have been missed. Returns what ends it. */
  subscribe(id: string, onChange: () => void): Promise<() => Promise<void>>;
}

/** What `Workbench.inspect` finds in a bundle. */
export interface Inspection {
  readonly digest: string;
  readonly machines: SnapshotRecord['machines'];
}

/** Heavy work on input that somebody waits for. Adapters do it off the event loop. */
export interface Workbench {
  /** The files of an archive, told by its first bytes; what is broken, climbs out or is too large is an Issue. */
  openArchive(bytes: Uint8Array): Promise<Parsed<FileTree>>;
  /** Reads a bundle. Issues that are no errors come beside the value. */
  inspect(tree: FileTree): Promise<Parsed<Inspection>>;
  /** Reads a scenario (the text of its document) as it would be run on a stored snapshot; null: there is no such snapshot. */
  checkScenario(snapshotDigest: string, scenario: string): Promise<Parsed<CheckedScenario> | null>;
  /** The same for a batch document whose base is `./snapshot` and `./scenario.json`. */
  checkBatch(request: { readonly snapshotDigest: string; readonly scenario: string; readonly batch: string }): Promise<Parsed<{ readonly name: string }> | null>;
}

export interface CheckedScenario {
  readonly name: string;
  readonly seed: number;
  readonly digest: string;
}

/** The wall clock and fresh ids come by argument here as everywhere in the core. */
export interface Surroundings {
  /** ISO 8601, UTC, milliseconds. */
  now(): string;
  newId(): string;
}
