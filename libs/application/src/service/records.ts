/** The nouns of the service as they are stored and asked for. Packet data is the Report's own; what is added here says where it stands. */
import type {
  BatchGate,
  Disposition,
  ExchangeWhat,
  ExpectationResult,
  FlowTotals,
  Issue,
  Json,
  Layer,
  MachineName,
  PacketReport,
  PathReport,
  Report,
  TraceReport,
  WireHop,
} from '@worldline/model';
import type { Change, Comparison, Effect } from '@worldline/analysis';
import type { Mode } from '../simulate/index.js';

export const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type Status = (typeof STATUSES)[number];

/** `succeeded`, `failed` and `canceled` never change again. */
export function isFinal(status: Status): boolean {
  return status !== 'queued' && status !== 'running';
}

/** What went wrong in a simulation, comparison or batch, as RFC 9457 says it; `errors` are its Issues with a place each. */
export interface Problem {
  /** `invalid-scenario`, `invalid-snapshot`, `internal`...: the last part of the problem's type. */
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ProblemError[];
}

export interface ProblemError {
  readonly code: string;
  readonly detail: string;
  /** JSON pointer into the request's body, as a fragment: `#/scenario/flows/0/from/pod`. */
  readonly pointer?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly word?: string;
}

/** How a simulation came out, in one line. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly undecided: number;
  readonly findings: { readonly error: number; readonly warning: number; readonly info: number };
}

/** Packets of a simulation, runs of a batch. */
export interface Progress {
  readonly done: number;
  /** 0: not known yet. */
  readonly of: number;
}

export interface SnapshotRecord {
  /** Of the parsed content: folder, zip and tar.gz agree. */
  readonly digest: string;
  readonly createdAt: string;
  /** Bytes of all files together. */
  readonly size: number;
  readonly files: number;
  readonly machines: readonly MachineName[];
  /** What in it could not be accepted or modelled. */
  readonly issues: readonly Issue[];
}

/** What a simulation is asked to do. */
export interface SimulationRequest {
  readonly snapshotDigest: string;
  /** The scenario document: `apiVersion`, `kind`, `metadata`, `spec`. */
  readonly scenario: Json;
  readonly seed: number;
  readonly mode: Mode;
}

export interface SimulationRecord extends SimulationRequest {
  readonly id: string;
  /** The scenario's name. */
  readonly name: string;
  readonly scenarioDigest: string;
  readonly engineVersion: string;
  readonly status: Status;
  readonly progress: Progress;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly reportDigest: string | null;
  readonly verdict: Verdict | null;
  readonly problem: Problem | null;
}

/** What a Report says about the run as a whole. */
export interface SimulationSummary {
  readonly totals: FlowTotals;
  readonly coverage: Report['coverage'];
  readonly expectations: readonly ExpectationResult[];
  readonly findings: Report['findings'];
}

/** Machines and what joins them, as the snapshot has them. */
export interface Topology {
  readonly machines: readonly TopologyMachine[];
  readonly links: readonly TopologyLink[];
}

export interface TopologyMachine {
  readonly name: MachineName;
  readonly kind: 'node' | 'pod' | 'external' | 'fabric';
  /** The node of a pod, where it is known. */
  readonly node: MachineName | null;
  readonly interfaces: readonly TopologyInterface[];
}

export interface TopologyInterface {
  readonly name: string;
  /** `veth`, `bridge`, `vxlan`..., empty for a physical device. */
  readonly kind: string;
  readonly isUp: boolean;
  /** The bridge that it is a port of. */
  readonly master: string | null;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** Two ends of a veth pair, or all interfaces on one segment of the fabric. */
export interface TopologyLink {
  readonly kind: 'veth' | 'segment';
  readonly ends: readonly { readonly machine: MachineName; readonly interface: string }[];
}

export interface FlowRecord {
  readonly simulation: string;
  /** Place in the scenario, from 0: the keyset order of flows. */
  readonly position: number;
  readonly name: string;
  readonly totals: FlowTotals;
}

export interface PathKey {
  readonly simulation: string;
  /** Position of the flow. */
  readonly flow: number;
  /** Id of the path in its flow. */
  readonly path: number;
}

/** A distinct path: stored once, however many packets took it. The report's exchange holds the hops of every trace. */
export interface PathRecord extends PathKey {
  readonly flowName: string;
  readonly report: PathReport;
}

export interface PacketKey {
  readonly simulation: string;
  readonly flow: number;
  /** Of the packet in its flow. */
  readonly index: number;
}

/** A listed packet. Hops stand in its path: `report.exchange[i].trace` has none, `path.exchange[i].trace` of the same place has them. */
export interface PacketRecord extends PacketKey {
  readonly flowName: string;
  readonly report: PacketReport;
}

/** One packet that travelled because of a listed packet: an entry of its exchange. Its hops are those of `path` at the same place. */
export interface TraceRecord extends PacketKey {
  readonly flowName: string;
  /** Place in the exchange, from 0. */
  readonly entry: number;
  readonly path: number;
  readonly what: ExchangeWhat;
  readonly about: 'request' | 'reply' | null;
  readonly trace: TraceReport;
  readonly wire: readonly WireHop[];
}

/**
 * Which flows, packets, traces or paths are meant. Words of one filter all hold; those about a visit (machine, hook, table, chain, rule,
 * interface, deciding) hold for one and the same visit. `and`, `or`, `not` join filters.
 */
export interface TraceFilter {
  /** Name of the flow. */
  readonly flow?: string;
  readonly what?: readonly ExchangeWhat[];
  /** Of the packet or path as a whole; in `traces`, of the trace. */
  readonly disposition?: readonly Disposition[];
  readonly layer?: readonly Layer[];
  readonly machine?: MachineName;
  readonly hook?: string;
  readonly table?: string;
  readonly chain?: string;
  /** Number of a rule in its chain, from 1. */
  readonly rule?: number;
  readonly interface?: string;
  readonly protocol?: string;
  /** An address that a packet has or gets on its way; together with `port` both of one endpoint. */
  readonly address?: string;
  readonly port?: number;
  /** Simulated time in microseconds, both ends included. */
  readonly at?: { readonly from?: number; readonly to?: number };
  /** Only visits with a step that decided the packet's fate or changed the packet. */
  readonly deciding?: boolean;
  readonly and?: readonly TraceFilter[];
  readonly or?: readonly TraceFilter[];
  readonly not?: TraceFilter;
}

/** What buckets can be made by: `rule` and `diedAt` are the rules that matched and the machine where it ended; a packet counts once in each bucket that it belongs to. */
export const DIMENSIONS = ['flow', 'disposition', 'machine', 'hook', 'table', 'chain', 'rule', 'diedAt'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface Bucket {
  /** One value per dimension asked for; null where there is none. */
  readonly key: readonly (string | null)[];
  /** Packets. */
  readonly count: number;
}

/** A side of a comparison: all flows of a simulation, or one. */
export interface ComparisonSide {
  readonly simulation: string;
  readonly flow: string | null;
}

export interface ComparisonRecord {
  readonly id: string;
  readonly status: Status;
  readonly baseline: ComparisonSide;
  readonly candidate: ComparisonSide;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly summary: Comparison['summary'] | null;
  readonly problem: Problem | null;
}

export interface ChangeFilter {
  readonly flow?: string;
  readonly effect?: readonly Effect[];
}

/** One change of a comparison; the paths are looked up by key. */
export interface ChangeRecord {
  readonly comparison: string;
  /** Keyset order. */
  readonly position: number;
  readonly change: Change;
  readonly baseline: PathKey | null;
  readonly candidate: PathKey | null;
}

export interface BatchRequest {
  readonly snapshotDigest: string;
  readonly scenario: Json;
  /** The batch document, with `base` as it was posted. */
  readonly batch: Json;
}

export interface BatchRecord extends BatchRequest {
  readonly id: string;
  readonly name: string;
  readonly status: Status;
  readonly progress: Progress;
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly result: BatchResult | null;
  readonly problem: Problem | null;
}

export interface BatchResult {
  readonly isPassed: boolean;
  readonly gate: BatchGate;
  readonly base: { readonly reportDigest: string; readonly expectations: readonly ExpectationResult[] };
  readonly variants: readonly {
    readonly name: string;
    readonly reportDigest: string;
    readonly summary: Comparison['summary'];
    /** What became of the pairs of the matrices: how many changed, and the first that have another fate. Null: there are none; absent in records of before. */
    readonly matrix?: Pick<Comparison, 'summary' | 'changes'> | null;
    readonly expectations: readonly ExpectationResult[];
    readonly failures: readonly string[];
  }[];
  /** The documents that CI takes. */
  readonly documents: { readonly junit: string; readonly sarif: string; readonly markdown: string };
}
