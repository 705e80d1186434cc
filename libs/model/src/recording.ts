/** What a recorder of the real kernel saw while a scenario was played, before anybody has said which packet was which. Times are nanoseconds of the wall clock. */
import type { MachineName } from './capture/machine-capture.js';

export interface RecordedEnd {
  readonly ip: string;
  readonly port: number;
}

/** Machine, interface, way, packet type (0 host, 1 broadcast, 3 other host, 4 outgoing), ethertype, bytes from the network header. */
export type RecordedPacket = readonly [at: number, machine: MachineName, device: string, way: 'in' | 'out', kind: number, ethertype: number, bytes: Uint8Array];

/** One `skb:kfree_skb`: reason and caller as the kernel names them. */
export type RecordedDrop = readonly [at: number, machine: MachineName, reason: string, caller: string, bytes: Uint8Array];

/** One NFT_MSG_TRACE. */
export interface RecordedStep {
  readonly at: number;
  readonly machine: MachineName;
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly type: 'rule' | 'policy' | 'return' | null;
  readonly verdict: string | null;
  readonly target: string | null;
  readonly policy: string | null;
  readonly id: number;
  readonly hasHandle: boolean;
  /** Place of the rule in its chain at that time, from 1. */
  readonly number: number | null;
  readonly isReject: boolean;
  readonly network: Uint8Array;
  readonly transport: Uint8Array;
}

/** The mark by which a probe's packets are known: flow and packet, by their places in the scenario. */
export interface ProbeId {
  readonly flow: number;
  readonly index: number;
}

export interface RecordedConnection extends ProbeId {
  /** `ok`, `timeout`, or an errno. */
  readonly connect: string;
  readonly echo: string | null;
  readonly local: RecordedEnd | null;
  readonly peer: RecordedEnd | null;
  readonly end: number;
}

export interface Recording {
  readonly packets: readonly RecordedPacket[];
  readonly drops: readonly RecordedDrop[];
  readonly trace: readonly RecordedStep[];
  /** What raw ICMP sockets got: time, machine, bytes. */
  readonly icmp: readonly (readonly [at: number, machine: MachineName, bytes: Uint8Array])[];
  readonly datagrams: readonly { readonly machine: MachineName; readonly head: Uint8Array; readonly local: RecordedEnd; readonly peer: RecordedEnd }[];
  readonly accepts: readonly { readonly machine: MachineName; readonly head: Uint8Array | null; readonly local: RecordedEnd; readonly peer: RecordedEnd }[];
  /** From sockets' error queues (struct sock_extended_err); `origin` 1 local, 2 ICMP, 3 ICMPv6. */
  readonly errors: readonly {
    readonly machine: MachineName;
    readonly head: Uint8Array;
    readonly errno: string;
    readonly origin: number;
    readonly type: number;
    readonly code: number;
    readonly info: number;
    readonly offender: string | null;
  }[];
  readonly sendErrors: readonly (ProbeId & { readonly errno: string })[];
  readonly replyErrors: readonly { readonly machine: MachineName; readonly head: Uint8Array; readonly errno: string }[];
  readonly connections: readonly RecordedConnection[];
  readonly sent: readonly (ProbeId & { readonly at: number; readonly ip: string | null; readonly port: number | null })[];
  readonly events: readonly { readonly at: number; readonly machine: MachineName; readonly run: string; readonly code: number; readonly stderr: string; readonly late: number }[];
  /** What kept a probe from being played. */
  readonly broken: readonly string[];
  /** By how many microseconds the latest probe or event was late. */
  readonly late: number;
}

/** One packet, connection or hand-made segment that a recorder is to send. */
export interface Probe extends ProbeId {
  readonly name: string;
  /** Microseconds. */
  readonly at: number;
  readonly machine: MachineName;
  readonly protocol: 'udp' | 'tcp' | 'icmp' | 'icmpv6';
  /** `datagram`: a UDP or ICMP socket; `connect`: a whole TCP connection; `raw`: made by hand, header and all. */
  readonly kind: 'datagram' | 'connect' | 'raw';
  /** May have a zone. */
  readonly from: string | null;
  /** ICMP: the id. */
  readonly port: number | null;
  readonly to: string;
  readonly toPort: number | null;
  readonly payload: number;
  readonly prefix: readonly number[];
  readonly ttl: number | null;
  readonly tos: number;
  readonly mark: number;
  readonly df: boolean;
  readonly extensions: readonly string[];
  readonly isServerSilent: boolean;
  readonly hold: number;
  readonly connectTimeout: number;
  readonly echoTimeout: number;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
}
