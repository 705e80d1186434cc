/** Hops on the wire, as a packet socket sees them: `out` after POSTROUTING, `in` before PREROUTING. Fixed-size records in `PacketContext.wire`. */
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, type PacketContext } from '../packet/index.js';

export const WIRE_IN = 0;
export const WIRE_OUT = 1;

/** Integers per hop, at these offsets. */
export const WIRE_MACHINE = 0;
export const WIRE_INTERFACE = 1; // id in interfaceNames
export const WIRE_DIRECTION = 2;
export const WIRE_FAMILY = 3;
export const WIRE_PROTOCOL = 4;
export const WIRE_SOURCE = 5;
export const WIRE_DESTINATION = 6;
export const WIRE_SOURCE_PORT = 7;
export const WIRE_DESTINATION_PORT = 8;
export const WIRE_TTL = 9;
export const WIRE_LENGTH = 10;
export const WIRE_TCP_FLAGS = 11;
export const WIRE_ICMP_TYPE = 12;
export const WIRE_ICMP_CODE = 13;
export const WIRE_ICMP_MTU = 14;
export const WIRE_FRAGMENT_OFFSET = 15;
export const WIRE_MORE_FRAGMENTS = 16;
export const WIRE_EXTENSIONS = 17;
/** Family of the inner packet, 0 when there is none. */
export const WIRE_INNER_FAMILY = 18;
export const WIRE_INNER_PROTOCOL = 19;
export const WIRE_INNER_SOURCE = 20;
export const WIRE_INNER_DESTINATION = 21;
export const WIRE_INNER_SOURCE_PORT = 22;
export const WIRE_INNER_DESTINATION_PORT = 23;
export const WIRE_INNER_TTL = 24;
export const WIRE_INNER_TCP_FLAGS = 25;
/** 1: the inner packet is in a tunnel, 0: it is quoted by an ICMP error. */
export const WIRE_INNER_IS_TUNNELLED = 26;
/** When, in ticks of the hop clock. */
export const WIRE_ORDER = 27;
export const WIRE_SIZE = 28;

/** Appends one hop, seen at `order` ticks of the hop clock. */
export function writeWire(p: PacketContext, machine: number, interfaceName: number, direction: number, order: number): void {
  const at = p.wireCount;
  if (at + WIRE_SIZE > p.wire.length) {
    const wider = new Int32Array(2 * p.wire.length + WIRE_SIZE);
    wider.set(p.wire);
    p.wire = wider;
  }
  const w = p.wire;
  w[at] = machine;
  w[at + WIRE_INTERFACE] = interfaceName;
  w[at + WIRE_DIRECTION] = direction;
  w[at + WIRE_FAMILY] = p.family;
  w[at + WIRE_PROTOCOL] = p.protocol;
  w[at + WIRE_SOURCE] = p.source;
  w[at + WIRE_DESTINATION] = p.destination;
  w[at + WIRE_SOURCE_PORT] = p.sourcePort;
  w[at + WIRE_DESTINATION_PORT] = p.destinationPort;
  w[at + WIRE_TTL] = p.ttl;
  w[at + WIRE_LENGTH] = p.length;
  w[at + WIRE_TCP_FLAGS] = p.tcpFlags;
  w[at + WIRE_ICMP_TYPE] = p.icmpType;
  w[at + WIRE_ICMP_CODE] = p.icmpCode;
  w[at + WIRE_ICMP_MTU] = p.icmpMtu;
  w[at + WIRE_FRAGMENT_OFFSET] = p.fragmentOffset;
  w[at + WIRE_MORE_FRAGMENTS] = p.hasMoreFragments ? 1 : 0;
  w[at + WIRE_EXTENSIONS] = p.extensions;
  w[at + WIRE_ORDER] = order;
  const { inner } = p;
  if (inner === null) w[at + WIRE_INNER_FAMILY] = 0;
  else {
    w[at + WIRE_INNER_FAMILY] = inner.family;
    w[at + WIRE_INNER_PROTOCOL] = inner.protocol;
    w[at + WIRE_INNER_SOURCE] = inner.source;
    w[at + WIRE_INNER_DESTINATION] = inner.destination;
    w[at + WIRE_INNER_SOURCE_PORT] = inner.sourcePort;
    w[at + WIRE_INNER_DESTINATION_PORT] = inner.destinationPort;
    w[at + WIRE_INNER_TTL] = inner.ttl;
    w[at + WIRE_INNER_TCP_FLAGS] = inner.tcpFlags;
    w[at + WIRE_INNER_IS_TUNNELLED] = p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6 ? 0 : 1;
  }
  p.wireCount = at + WIRE_SIZE;
}
