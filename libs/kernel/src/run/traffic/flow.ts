/** A flow with its names resolved: integers only, so that its packets are made without a look at the scenario. */
import { parseAddress, type AddressRange, type ExtensionHeader, type Family, type FlowSpec, type Issue, type PortRange } from '@worldline/model';
import {
  EXTENSION_DESTINATION,
  EXTENSION_FRAGMENT,
  EXTENSION_HOP_BY_HOP,
  EXTENSION_ROUTING,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type AddressTable,
} from '../../packet/index.js';
import type { RunNetwork } from '../network.js';
import { KIND_CONNECTION, KIND_DATAGRAM, KIND_SEGMENT } from '../question/death.js';

/** Addresses times ports; number n has port `n % ports` and, each time these are used up, the next address. */
export interface EndpointRange {
  readonly family: Family;
  /** Words of the first address. */
  readonly words: readonly [number, number, number, number];
  readonly addressCount: number;
  readonly firstPort: number;
  readonly portCount: number;
  /** Handle of the only address, where there is one. */
  readonly handle: number;
}

export interface Flow {
  readonly position: number;
  readonly spec: FlowSpec;
  readonly machine: number;
  readonly family: Family;
  readonly protocol: number;
  readonly kind: number;
  /** Null: the kernel chooses; the range then has the address 0. */
  readonly hasSourceAddress: boolean;
  readonly hasSourcePort: boolean;
  readonly source: EndpointRange;
  readonly destination: EndpointRange;
  /** Device that a zone names, -1 for none. */
  readonly device: number;
  readonly isRaw: boolean;
  readonly extensions: number;
  /** IP length of its packets. */
  readonly length: number;
  /** Packets per connection; 1 for a TCP connection. */
  readonly packets: number;
  /** Socket of each source endpoint, for UDP clients; port or id that the kernel chose for each connection. */
  sockets: Int32Array | null;
  chosenPorts: Int32Array | null;
}

const PROTOCOLS = { udp: PROTOCOL_UDP, tcp: PROTOCOL_TCP, icmp: PROTOCOL_ICMP, icmpv6: PROTOCOL_ICMPV6 } as const;

const EXTENSIONS: Readonly<Record<ExtensionHeader, number>> = {
  'hop-by-hop': EXTENSION_HOP_BY_HOP,
  destination: EXTENSION_DESTINATION,
  routing: EXTENSION_ROUTING,
  fragment: EXTENSION_FRAGMENT,
};

const EXTENSION_SIZE = 8;

/** Resolves a flow; null, with an Issue, where it asks for what this engine does not know. */
export function compileFlow(spec: FlowSpec, position: number, network: RunNetwork, issues: Issue[]): Flow | null {
  const refuse = (code: string, message: string, word: string): null => {
    issues.push({ code, severity: 'error', message: `flow ${spec.name}: ${message}`, word });
    return null;
  };
  if (spec.dns !== undefined) return refuse('UnmodelledResolver', 'resolvers are not modelled', 'dns');
  if (spec.protocol === 'sctp') return refuse('UnmodelledProtocol', 'sctp is not modelled', 'sctp');
  const machine = network.machinePosition(spec.from);
  if (machine < 0) return refuse('UnknownMachine', `there is no machine ${spec.from}`, spec.from);
  if (spec.destination.ip === null) return refuse('UnresolvedDestination', 'its destination has no address', spec.destination.place ?? '');
  const { addresses } = network.environment;
  const destination = endpointRange(spec.destination.ip, spec.destination.port, addresses);
  if (destination === null) return refuse('BadAddress', `${spec.destination.ip.first} is no address`, spec.destination.ip.first);
  const { family } = destination;
  const unspecified: AddressRange = family === 4 ? { first: '0.0.0.0', last: '0.0.0.0' } : { first: '::', last: '::' };
  const source = endpointRange(spec.sourceIp ?? unspecified, spec.sourcePort, addresses);
  if (source === null || source.family !== family) return refuse('BadAddress', `${spec.sourceIp?.first} is no address of its destination's family`, spec.sourceIp?.first ?? '');
  const device = spec.destination.zone === null ? -1 : network.machines[machine].interfacePosition(spec.destination.zone);
  const extensions = spec.extensions.reduce((packed, name, i) => packed | (EXTENSIONS[name] << (4 * i)), 0);
  const protocol = PROTOCOLS[spec.protocol];
  const transport = protocol === PROTOCOL_TCP ? 20 : 8;
  return {
    position,
    spec,
    machine,
    family,
    protocol,
    kind: spec.segment !== null ? KIND_SEGMENT : protocol === PROTOCOL_TCP ? KIND_CONNECTION : KIND_DATAGRAM,
    hasSourceAddress: spec.sourceIp !== null,
    hasSourcePort: spec.sourcePort !== null,
    source,
    destination,
    device,
    isRaw: spec.isSpoofed || spec.segment !== null || extensions !== 0,
    extensions,
    length: (family === 4 ? 20 : 40) + EXTENSION_SIZE * spec.extensions.length + transport + spec.payload,
    packets: spec.packets === 'connect' ? 1 : spec.packets,
    sockets: null,
    chosenPorts: null,
  };
}

/** Address number `n / ports` of a range, as a handle. */
export function addressAt(range: EndpointRange, n: number, addresses: AddressTable): number {
  if (range.addressCount === 1) return range.handle;
  const step = Math.floor(n / range.portCount) % range.addressCount;
  const [w0, w1, w2, w3] = range.words;
  if (range.family === 4) return (w3 + step) | 0;
  const low = (w3 >>> 0) + step;
  return addresses.intern6(w0, w1, low > 0xffff_ffff ? (w2 + 1) | 0 : w2, low | 0);
}

export function portAt(range: EndpointRange, n: number): number {
  return range.firstPort + (n % range.portCount);
}

/** Number of the destination that connection `c` has: its own number, or one drawn from the seed. */
export function destinationNumber(flow: Flow, connection: number, seed: number): number {
  const { destination, spec, position } = flow;
  const size = destination.addressCount * destination.portCount;
  if (size === 1) return 0;
  if (spec.spread === 'sequential') return connection % size;
  let h = Math.imul(connection ^ Math.imul(position + 1, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(seed | 0, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return Math.floor((((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000) * size);
}

function endpointRange(ips: AddressRange, ports: PortRange | null, addresses: AddressTable): EndpointRange | null {
  const first = parseAddress(ips.first);
  const last = parseAddress(ips.last);
  if (first === null || last === null || first.family !== last.family) return null;
  const span = (last.words[3] >>> 0) - (first.words[3] >>> 0) + 0x1_0000_0000 * ((last.words[2] >>> 0) - (first.words[2] >>> 0));
  return {
    family: first.family,
    words: first.words,
    addressCount: Math.max(1, span + 1),
    firstPort: ports?.first ?? 0,
    portCount: ports === null ? 1 : ports.last - ports.first + 1,
    handle: addresses.handle(first),
  };
}
