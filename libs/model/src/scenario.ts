/** What happens to a snapshot: flows, events and what is expected. Every default is filled in; times are microseconds. */
import type { Json } from './canonical.js';
import type { Disposition } from './disposition.js';
import type { MachineName } from './capture/machine-capture.js';

/** A place that a scenario names, as REF string: `pod/ns/n`, `node/n`, `external/n`, `service/ns/n`, `deployment/ns/n`... */
export type PlaceRef = string;

export type FlowProtocol = 'udp' | 'tcp' | 'icmp' | 'icmpv6' | 'sctp';

/** First to last, both ends included; a single value has `first === last`. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Addresses as text, without zone; a single address has `first === last`. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

export type ExtensionHeader = 'hop-by-hop' | 'destination' | 'routing' | 'fragment';

export interface FlowDestination {
  /** Null where a place is named instead; the engine gets flows with addresses only. */
  readonly ip: AddressRange | null;
  /** Zone of a link-local destination (`%eth0`), else null. */
  readonly zone: string | null;
  readonly place: PlaceRef | null;
  /** Null for ICMP. */
  readonly port: PortRange | null;
}

export interface HandMadeSegment {
  /** Bits as in the TCP header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32. */
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
}

export interface DnsQuestion {
  readonly name: string;
  /** Record types in the order of asking: `A`, `AAAA`. */
  readonly types: readonly string[];
  /** Whose resolver asks; null: the machine's own. */
  readonly resolver: 'glibc' | 'musl' | null;
}

export interface FlowSpec {
  readonly name: string;
  /** Microseconds. */
  readonly at: number;
  readonly from: MachineName;
  readonly protocol: FlowProtocol;
  readonly sourceIp: AddressRange | null;
  /** UDP, TCP, SCTP: port. ICMP: id. Null: as the kernel would choose. */
  readonly sourcePort: PortRange | null;
  readonly destination: FlowDestination;
  readonly spread: 'sequential' | 'random';
  /** Datagrams per connection, or `connect` for a TCP connection. */
  readonly packets: number | 'connect';
  /** Microseconds between the packets of a connection. */
  readonly interval: number;
  /** Size of the UDP, TCP or ICMP data in bytes. */
  readonly payload: number;
  readonly connections: number;
  /** Microseconds between the openings of connections; of a `rate` it may be no whole number: connection c opens at floor(c * connectionEvery). */
  readonly connectionEvery: number;
  /** IPv4: DF bit (default set). IPv6: IPV6_DONTFRAG (default off). */
  readonly isDontFragment: boolean;
  readonly ttl: number | null;
  readonly tos: number;
  readonly mark: number;
  /** Sent through a raw socket: the source address need not be local. */
  readonly isSpoofed: boolean;
  readonly isServerSilent: boolean;
  readonly extensions: readonly ExtensionHeader[];
  /** TCP `connect`: idle time between handshake and data, the connect timer, the echo timer. Microseconds. */
  readonly hold: number;
  readonly connectTimeout: number;
  readonly echoTimeout: number;
  readonly segment: HandMadeSegment | null;
  /** Asked by the machine's resolver instead of a destination, which is then empty. */
  readonly dns?: DnsQuestion;
  readonly expect: readonly Expectation[];
}

/** What a flow does where its author says nothing. */
export const FLOW_DEFAULTS: Omit<FlowSpec, 'name' | 'from' | 'protocol' | 'destination'> = {
  at: 0,
  sourceIp: null,
  sourcePort: null,
  spread: 'sequential',
  packets: 1,
  interval: 0,
  payload: 32,
  connections: 1,
  connectionEvery: 0,
  isDontFragment: true,
  ttl: null,
  tos: 0,
  mark: 0,
  isSpoofed: false,
  isServerSilent: false,
  extensions: [],
  hold: 8_000,
  connectTimeout: 800_000,
  echoTimeout: 150_000,
  segment: null,
  expect: [],
};

/** One assertion. `share` asks how many of the flow's packets fulfil the rest. */
export interface Expectation {
  readonly name: string;
  /** Flow names; `*` is all. */
  readonly flow: string;
  readonly except: readonly string[];
  readonly delivered?: DeliveredExpectation;
  readonly notDelivered?: boolean;
  readonly reply?: boolean;
  readonly disposition?: Disposition;
  readonly errno?: string;
  readonly isSourcePreserved?: boolean;
  readonly latencyMax?: number;
  readonly share?: { readonly min: number; readonly max: number };
  readonly isUnchanged?: boolean;
}

/** Who must have got it; several words must all hold. */
export interface DeliveredExpectation {
  readonly place?: PlaceRef;
  readonly ip?: string;
  readonly pods?: { readonly namespace: string | null; readonly selector: Readonly<Record<string, string>> };
}

/** Where something was written: the scenario's file, and a JSON pointer into it. */
export interface ScenarioPlace {
  readonly file: string;
  readonly pointer: string;
}

export type ScenarioEvent = { readonly place?: ScenarioPlace } & (
  | {
      readonly kind: 'run';
      readonly at: number;
      /** Machines it runs on; `node/*` has been spelled out. */
      readonly machines: readonly MachineName[];
      /** The command line as written. */
      readonly run: string;
      /** Content of the `stdin` file, else null. */
      readonly stdin: string | null;
    }
  | {
      readonly kind: 'object';
      readonly at: number;
      readonly verb: 'apply' | 'patch' | 'delete';
      /** apply: the whole object; patch: the REF string `kind/ns/name` and what is merged into it, `{ref, patch}`; delete: `{ref}`. */
      readonly object: Json;
    }
  | { readonly kind: 'process'; readonly at: number; readonly verb: 'oom' | 'restart' | 'stop' | 'start'; readonly machine: MachineName; readonly process: string }
  | { readonly kind: 'fabric'; readonly at: number; readonly spec: Json }
);

export interface Scenario {
  readonly name: string;
  readonly description: string | null;
  /** Path of the bundle as written, or a digest. */
  readonly snapshot: string | null;
  readonly seed: number;
  /** Microseconds; null: 400 ms after the last packet, event or client timer. */
  readonly duration: number | null;
  /** Wall clock at time 0, milliseconds since the epoch; null when not given. */
  readonly startTime: number | null;
  readonly flows: readonly FlowSpec[];
  readonly events: readonly ScenarioEvent[];
  readonly expect: readonly Expectation[];
  /** Bytes that payloads begin with, where a rule looks at them; absent: zeros. */
  readonly payloadBytes?: readonly number[];
  /** The document as written, without defaults: the scenario's digest is of this. */
  readonly raw: Json;
}
