/**
 * A direction's tuple. ICMP has its id in `sourcePort` and `type << 8 | code` in `destinationPort`, as struct nf_conntrack_tuple has
 * them in one union with the ports; protocols without ports have 0.
 */
import type { Family } from '@worldline/model';
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type PacketContext,
} from '../packet/index.js';
import { PROTOCOL_UDPLITE } from './constants.js';

export class Tuple {
  family: Family = 4;
  protocol = 0;
  source = 0;
  destination = 0;
  sourcePort = 0;
  destinationPort = 0;

  copy(from: Tuple): void {
    this.family = from.family;
    this.protocol = from.protocol;
    this.source = from.source;
    this.destination = from.destination;
    this.sourcePort = from.sourcePort;
    this.destinationPort = from.destinationPort;
  }

  isEqual(other: Tuple): boolean {
    return (
      this.source === other.source &&
      this.destination === other.destination &&
      this.sourcePort === other.sourcePort &&
      this.destinationPort === other.destinationPort &&
      this.protocol === other.protocol &&
      this.family === other.family
    );
  }
}

export function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
}

/** Protocols whose tuple has ports (nf_ct_get_tuple). */
export function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP || protocol === PROTOCOL_UDPLITE || protocol === PROTOCOL_SCTP;
}

/** Fills `tuple` from a packet's headers (nf_ct_get_tuple). */
export function tupleOfPacket(p: PacketContext, tuple: Tuple): void {
  const { protocol } = p;
  tuple.family = p.family;
  tuple.protocol = protocol;
  tuple.source = p.source;
  tuple.destination = p.destination;
  if (hasPorts(protocol)) {
    tuple.sourcePort = p.sourcePort;
    tuple.destinationPort = p.destinationPort;
  } else if (isIcmp(protocol)) {
    tuple.sourcePort = p.sourcePort;
    tuple.destinationPort = (p.icmpType << 8) | p.icmpCode;
  } else {
    tuple.sourcePort = 0;
    tuple.destinationPort = 0;
  }
}

/** Makes `result` the tuple of the answer; false where ICMP has none (nf_ct_invert_tuple). The two may be the same object. */
export function invertTuple(result: Tuple, tuple: Tuple): boolean {
  const { source, sourcePort, protocol } = tuple;
  result.family = tuple.family;
  result.protocol = protocol;
  result.source = tuple.destination;
  result.destination = source;
  if (isIcmp(protocol)) {
    const type = tuple.destinationPort >> 8;
    const answer = protocol === PROTOCOL_ICMP ? invertIcmpType(type) : invertIcmpv6Type(type);
    if (answer < 0) return false;
    result.destinationPort = (answer << 8) | (tuple.destinationPort & 0xff);
    result.sourcePort = sourcePort;
  } else {
    result.sourcePort = tuple.destinationPort;
    result.destinationPort = sourcePort;
  }
  return true;
}

function invertIcmpType(type: number): number {
  switch (type) {
    case 8:
      return 0;
    case 0:
      return 8;
    case 13:
      return 14;
    case 14:
      return 13;
    case 15:
      return 16;
    case 16:
      return 15;
    case 17:
      return 18;
    case 18:
      return 17;
    default:
      return -1;
  }
}

/** Echo and node information (nf_conntrack_proto_icmpv6.c). */
function invertIcmpv6Type(type: number): number {
  switch (type) {
    case 128:
      return 129;
    case 129:
      return 128;
    case 139:
      return 140;
    case 140:
      return 139;
    default:
      return -1;
  }
}
