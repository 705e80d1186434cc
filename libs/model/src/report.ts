/** The Report, as printed by `worldline run --json`. Field names are public surface. */
import type { Disposition, Layer } from './disposition.js';
import type { Issue } from './issue.js';
import type { Finding } from './finding.js';
import type { MachineName } from './capture/machine-capture.js';
import type { Hop } from './trace.js';

export const API_VERSION = 'worldline.dev/v1alpha1';

/** `port` is absent where the protocol has none; an ICMP echo's id stands in `source.port`. */
export interface Endpoint {
  readonly ip: string;
  readonly port?: number;
}

export interface SocketView {
  readonly machine: MachineName;
  readonly local: Endpoint;
  readonly peer: Endpoint;
}

export interface SocketError {
  readonly when: 'send' | 'connect' | 'echo' | 'async';
  readonly errno: string;
  readonly icmp: { readonly type: number; readonly code: number; readonly from: string } | null;
}

export interface RuleRef {
  readonly table: string;
  readonly chain: string;
  /** Counted from 1; null: the chain's policy. */
  readonly number: number | null;
}

export interface Death {
  readonly what: ExchangeWhat;
  readonly machine: MachineName;
  readonly disposition: Disposition;
  /** The kernel's own drop reason, where it has one. */
  readonly reason: string | null;
  readonly rule: RuleRef | null;
}

export interface IcmpNotice {
  readonly machine: MachineName;
  readonly type: number;
  readonly code: number;
  readonly from: string;
  readonly to: string;
  readonly about: 'request' | 'reply';
  readonly mtu?: number;
}

export const EXCHANGE_WHATS = [
  'request',
  'reply',
  'icmp-error',
  'fragment',
  'syn',
  'synack',
  'ack',
  'server-ack',
  'data',
  'echo',
  'fin',
  'server-fin',
  'rst',
  'client-rst',
] as const;
export type ExchangeWhat = (typeof EXCHANGE_WHATS)[number];

export interface WireHop {
  readonly machine: MachineName;
  readonly interface: string;
  readonly direction: 'in' | 'out';
  readonly protocol: string;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly ttl: number;
  readonly length: number;
  readonly flags?: string;
  readonly icmp?: { readonly type: number; readonly code: number; readonly mtu?: number };
  readonly fragment?: { readonly offset: number; readonly more: boolean };
  readonly extensions?: readonly string[];
  readonly inner?: { readonly protocol: string; readonly source: Endpoint; readonly destination: Endpoint; readonly ttl?: number; readonly flags?: string };
}

export interface TraceReport {
  readonly disposition: Disposition;
  readonly reason: string | null;
  readonly probability: number;
  /** Absent where only the first packet of a path carries its hops. */
  readonly hops?: readonly Hop[];
}

export interface ExchangeEntry {
  readonly what: ExchangeWhat;
  readonly about?: 'request' | 'reply';
  readonly retransmission?: true;
  /** When it was sent, where that is not the time of its question. */
  readonly at?: string;
  readonly trace: TraceReport;
  readonly wire: readonly WireHop[];
}

export interface PacketReport {
  readonly index: number;
  readonly connection: number;
  readonly at: string;
  /** Id of one of the flow's paths. */
  readonly path: number;
  readonly layer: Layer;
  readonly sent: { readonly machine: MachineName; readonly protocol: string; readonly source: Endpoint; readonly destination: Endpoint };
  readonly disposition: Disposition;
  readonly delivered: SocketView | readonly SocketView[] | null;
  readonly reply: SocketView | null;
  readonly error: SocketError | null;
  readonly died: Death | null;
  readonly icmp: readonly IcmpNotice[];
  /** From sending until the client's socket had the answer (no answer asked for: until delivery); absent when neither came. */
  readonly latency?: string;
  readonly exchange: readonly ExchangeEntry[];
}

export interface PathReport {
  readonly id: number;
  readonly count: number;
  readonly probability: number;
  /** Exact share as a fraction, `1/3`, in explore mode. */
  readonly weight?: string;
  readonly disposition: Disposition;
  readonly delivered: SocketView | readonly SocketView[] | null;
  readonly died: Death | null;
  /** As the first packet that took it says; for reports that list no packets. */
  readonly sent?: PacketReport['sent'];
  readonly reply?: SocketView | null;
  readonly error?: SocketError | null;
  /** The exchange of the first packet that took it: what, and its trace with hops. */
  readonly exchange: readonly { readonly what: ExchangeWhat; readonly about?: 'request' | 'reply'; readonly trace: TraceReport }[];
}

export interface FlowTotals {
  readonly sent: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly rejected: number;
  readonly undecided: number;
  readonly replied: number;
  readonly byDisposition: Readonly<Partial<Record<Disposition, number>>>;
}

export interface FlowReport {
  readonly name: string;
  readonly totals: FlowTotals;
  readonly paths: readonly PathReport[];
  readonly packets: readonly PacketReport[];
}

export interface Coverage {
  readonly rules: { readonly modelled: number; readonly approximated: number; readonly unknown: number };
  readonly issues: readonly Issue[];
}

export interface ExpectationResult {
  readonly name: string;
  readonly passed: boolean;
  readonly outcome: 'passed' | 'failed' | 'undecided';
  readonly detail: string;
}

export interface Report {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'Report';
  readonly simulation: {
    readonly id: string;
    readonly snapshotDigest: string;
    readonly scenarioDigest: string;
    readonly seed: number;
    readonly engineVersion: string;
  };
  readonly flows: readonly FlowReport[];
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly expectations: readonly ExpectationResult[];
}
