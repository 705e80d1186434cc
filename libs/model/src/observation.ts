/** What became of every packet of a case on a real kernel: `observed.json` of a recorded case. Field names are those of the file. */
import type { MachineName } from './capture/machine-capture.js';

export interface ObservedInner {
  readonly src: string;
  readonly dst: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmpid?: number;
  readonly ttl?: number;
  /** Bits, unlike those of a hop. */
  readonly flags?: number;
}

export interface ObservedHop {
  readonly ns: MachineName;
  readonly iface: string;
  readonly dir: 'in' | 'out';
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly ttl: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly flags?: string;
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  readonly mtu?: number;
  readonly pointer?: number;
  readonly target?: string;
  readonly inner?: ObservedInner;
  readonly extensions?: readonly string[];
  /** `OFFSET`, with `+` where more follow. */
  readonly frag?: string;
  readonly len: number;
  readonly pkttype?: 'otherhost' | 'broadcast';
}

export interface ObservedEntry {
  /** As in a Report, `request-fragment@OFFSET` for fragments. */
  readonly what: string;
  readonly about?: 'request' | 'reply';
  readonly hops: readonly ObservedHop[];
}

export interface ObservedSocket {
  /** Absent in a TCP client's reply: the client's own. */
  readonly ns?: MachineName;
  readonly localAddr?: string;
  readonly localPort?: number;
  readonly peerAddr: string;
  readonly peerPort?: number;
  readonly id?: number;
  readonly data?: boolean;
}

export interface ObservedNotice {
  readonly ns: MachineName;
  readonly type: number;
  readonly code: number;
  readonly from: string;
  readonly to: string;
  readonly about: 'request' | 'reply';
  readonly mtu?: number;
  readonly target?: string;
}

export interface ObservedError {
  readonly when: 'send' | 'connect' | 'echo' | 'async';
  readonly errno: string;
  readonly icmp?: { readonly type: number; readonly code: number; readonly from?: string; readonly mtu?: number };
  readonly origin?: 'local';
  readonly mtu?: number;
}

export interface ObservedDeath {
  readonly what: string;
  readonly ns: MachineName;
  /** The kernel's drop reason; null: no drop was seen. */
  readonly reason: string | null;
  readonly function?: string;
  readonly lastHop?: string;
  readonly rule?: { readonly table: string; readonly chain: string; readonly number?: number; readonly text?: string; readonly policy?: string };
}

export interface ObservedPacket {
  readonly n: number;
  readonly sent: { readonly src: string | null; readonly sport?: number | null; readonly dst: string; readonly dport?: number | null; readonly id?: number | null };
  readonly error: ObservedError | null;
  readonly connect?: string;
  readonly echo?: string | null;
  readonly delivered: ObservedSocket | readonly ObservedSocket[] | null;
  readonly reply: ObservedSocket | readonly ObservedSocket[] | null;
  readonly replySendError?: { readonly ns: MachineName; readonly errno: string };
  readonly icmp?: readonly ObservedNotice[];
  readonly died: ObservedDeath | null;
  readonly otherDrops?: readonly { readonly what: string; readonly ns: MachineName; readonly reason: string }[];
  readonly retransmissions?: number;
  readonly pureAcks?: number;
  readonly wire: readonly ObservedEntry[];
}

export interface ObservedFlow {
  readonly name: string;
  readonly protocol: string;
  readonly from: MachineName;
  /** Milliseconds. */
  readonly at: number;
  readonly packets: readonly ObservedPacket[];
}

/** `[packets, bytes]` */
export type ObservedCount = readonly [number, number];

export interface ObservedChain {
  /** Policy with its count; null: a user's chain. */
  readonly policy: readonly [string, number, number] | null;
  readonly rules: readonly ObservedCount[];
}

/** Machine, table, chain. */
export type ObservedCounters = Readonly<Record<MachineName, Readonly<Record<string, Readonly<Record<string, ObservedChain>>>>>>;

export interface ObservedAsking {
  readonly ns: MachineName;
  readonly iface: string;
  readonly target: string;
  readonly count: number;
}

export interface ObservedShares {
  readonly runs: readonly Readonly<Record<string, number>>[];
  readonly total: Readonly<Record<string, number>>;
}

/** What was seen in one run. */
export interface Observation {
  readonly flows: readonly ObservedFlow[];
  readonly counters?: ObservedCounters;
  readonly counters6?: ObservedCounters;
  /** Entries as `conntrack -L -o extended` prints them, without times. */
  readonly conntrack?: Readonly<Record<MachineName, readonly string[]>>;
  /** What changed in the kernel's MIBs. */
  readonly snmp?: Readonly<Record<MachineName, Readonly<Record<string, number>>>>;
  readonly events?: readonly { readonly at: number; readonly ns: MachineName; readonly run: string; readonly rc: number; readonly stderr?: string }[];
  readonly arpRequests?: readonly ObservedAsking[];
  readonly ndRequests?: readonly ObservedAsking[];
}

/** `observed.json`: what was seen, and what several runs agreed upon. */
export interface Observed extends Observation {
  readonly case: string;
  readonly class?: string;
  readonly description?: string;
  readonly kernel: string;
  readonly iptables?: string;
  readonly runs?: readonly string[];
  readonly generator?: unknown;
  readonly note?: string;
  /** Ports and ICMP ids that the kernel drew at random. */
  readonly randomPorts?: readonly number[];
  /** Rules (`MACHINE TABLE CHAIN NUMBER`) and entries whose counts or states are not the same in every run. */
  readonly unstableCounters?: readonly string[];
  readonly unstableCounters6?: readonly string[];
  readonly unstableTcpStates?: readonly string[];
  /** Counts by group where chance decides, in the place of flows. */
  readonly distribution?: Readonly<Record<string, ObservedShares>>;
}

/** `MACHINE TABLE/CHAIN#NUMBER VERDICT` steps of each packet (`FLOW/N`), by what it was. */
export type ObservedTrace = Readonly<Record<string, readonly (readonly [what: string, steps: readonly string[]])[]>>;
