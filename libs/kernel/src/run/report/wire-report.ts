/** Hops on the wire as a report prints them. */
import type { Family, WireHop } from '@worldline/model';
import {
  EXTENSION_DESTINATION,
  EXTENSION_FRAGMENT,
  EXTENSION_HOP_BY_HOP,
  EXTENSION_ROUTING,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from '../../packet/index.js';
import {
  WIRE_DESTINATION,
  WIRE_DESTINATION_PORT,
  WIRE_DIRECTION,
  WIRE_EXTENSIONS,
  WIRE_FAMILY,
  WIRE_FRAGMENT_OFFSET,
  WIRE_ICMP_CODE,
  WIRE_ICMP_MTU,
  WIRE_ICMP_TYPE,
  WIRE_INNER_DESTINATION,
  WIRE_INNER_DESTINATION_PORT,
  WIRE_INNER_FAMILY,
  WIRE_INNER_IS_TUNNELLED,
  WIRE_INNER_PROTOCOL,
  WIRE_INNER_SOURCE,
  WIRE_INNER_SOURCE_PORT,
  WIRE_INNER_TCP_FLAGS,
  WIRE_INNER_TTL,
  WIRE_INTERFACE,
  WIRE_LENGTH,
  WIRE_MACHINE,
  WIRE_MORE_FRAGMENTS,
  WIRE_OUT,
  WIRE_PROTOCOL,
  WIRE_SOURCE,
  WIRE_SOURCE_PORT,
  WIRE_TCP_FLAGS,
  WIRE_TTL,
} from '../../record/index.js';
import { isTooBig } from '../icmp-meaning.js';
import { protocolName, type ReportNames } from './names.js';

const FLAG_NAMES = [
  [2, 'SYN'],
  [16, 'ACK'],
  [8, 'PSH'],
  [1, 'FIN'],
  [4, 'RST'],
  [32, 'URG'],
] as const;

const EXTENSION_NAMES: Readonly<Record<number, string>> = {
  [EXTENSION_HOP_BY_HOP]: 'hop-by-hop',
  [EXTENSION_DESTINATION]: 'destination',
  [EXTENSION_ROUTING]: 'routing',
  [EXTENSION_FRAGMENT]: 'fragment',
};

type InnerHop = NonNullable<WireHop['inner']>;

/** The hop that stands at `at` in `wire`. */
export function wireHop(wire: Int32Array, at: number, names: ReportNames): WireHop {
  const field = (offset: number): number => wire[at + offset];
  const family = field(WIRE_FAMILY) as Family;
  const protocol = field(WIRE_PROTOCOL);
  const isFragment = field(WIRE_FRAGMENT_OFFSET) > 0 || field(WIRE_MORE_FRAGMENTS) !== 0;
  const isLaterFragment = field(WIRE_FRAGMENT_OFFSET) > 0;
  const isIcmp = protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
  const hasPorts = !isLaterFragment && (protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP);
  const isEcho = !isLaterFragment && isIcmp && isEchoType(protocol, field(WIRE_ICMP_TYPE));
  const source = names.address(family, field(WIRE_SOURCE));
  const destination = names.address(family, field(WIRE_DESTINATION));
  const extensions = extensionNames(field(WIRE_EXTENSIONS));
  return {
    machine: names.machine(field(WIRE_MACHINE)),
    interface: names.interfaceName(field(WIRE_INTERFACE)) ?? '',
    direction: field(WIRE_DIRECTION) === WIRE_OUT ? 'out' : 'in',
    protocol: protocolName(protocol),
    source: hasPorts || isEcho ? { ip: source, port: field(WIRE_SOURCE_PORT) } : { ip: source },
    destination: hasPorts ? { ip: destination, port: field(WIRE_DESTINATION_PORT) } : { ip: destination },
    ttl: field(WIRE_TTL),
    length: field(WIRE_LENGTH),
    ...(protocol === PROTOCOL_TCP && !isLaterFragment ? { flags: flagNames(field(WIRE_TCP_FLAGS)) } : {}),
    ...(isIcmp && !isLaterFragment ? { icmp: icmpOf(family, field(WIRE_ICMP_TYPE), field(WIRE_ICMP_CODE), field(WIRE_ICMP_MTU)) } : {}),
    ...(isFragment ? { fragment: { offset: field(WIRE_FRAGMENT_OFFSET), more: field(WIRE_MORE_FRAGMENTS) !== 0 } } : {}),
    ...(extensions.length > 0 ? { extensions } : {}),
    ...(field(WIRE_INNER_FAMILY) !== 0 ? { inner: innerOf(field, names) } : {}),
  };
}

/** `SYN,ACK`. */
function flagNames(flags: number): string {
  return FLAG_NAMES.filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',');
}

function icmpOf(family: Family, type: number, code: number, mtu: number): NonNullable<WireHop['icmp']> {
  return isTooBig(family, type, code) ? { type, code, mtu } : { type, code };
}

function innerOf(field: (offset: number) => number, names: ReportNames): InnerHop {
  const family = field(WIRE_INNER_FAMILY) as Family;
  const protocol = field(WIRE_INNER_PROTOCOL);
  const source = names.address(family, field(WIRE_INNER_SOURCE));
  const destination = names.address(family, field(WIRE_INNER_DESTINATION));
  const hasPorts = protocol === PROTOCOL_TCP || protocol === PROTOCOL_UDP;
  const isIcmp = protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6;
  const isTunnelled = field(WIRE_INNER_IS_TUNNELLED) !== 0;
  return {
    protocol: protocolName(protocol),
    source: hasPorts || isIcmp ? { ip: source, port: field(WIRE_INNER_SOURCE_PORT) } : { ip: source },
    destination: hasPorts ? { ip: destination, port: field(WIRE_INNER_DESTINATION_PORT) } : { ip: destination },
    ...(isTunnelled ? { ttl: field(WIRE_INNER_TTL) } : {}),
    // as recordings have it: the flags of a packet in a tunnel are their byte, in decimal
    ...(isTunnelled && protocol === PROTOCOL_TCP ? { flags: `${field(WIRE_INNER_TCP_FLAGS)}` } : {}),
  };
}

function extensionNames(packed: number): string[] {
  const names: string[] = [];
  for (let rest = packed; rest !== 0; rest >>>= 4) names.push(EXTENSION_NAMES[rest & 15] ?? 'unknown');
  return names;
}

function isEchoType(protocol: number, type: number): boolean {
  return protocol === PROTOCOL_ICMP ? type === 0 || type === 8 : type === 128 || type === 129;
}
