/** DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP (xt_nat.c, nf_nat_masquerade.c, nf_nat_redirect.c, xt_NETMAP.c; 6.18). */
import { MAP_ADDRESSES, MAP_OFFSET, MAP_PORTS, RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { ACCEPT, LOCAL_OUT, PREROUTING, isLinkLocal, type PacketContext } from '../../packet/index.js';
import { RULE_ACCEPT, RULE_NAT, drop } from '../../record/index.js';
import {
  MANIP_DESTINATION,
  MANIP_SOURCE,
  RANGE_MAP_IPS,
  RANGE_PERSISTENT,
  RANGE_PROTO_OFFSET,
  RANGE_PROTO_RANDOM,
  RANGE_PROTO_RANDOM_FULLY,
  RANGE_PROTO_SPECIFIED,
} from '../../conntrack/index.js';
import { SCOPE_UNIVERSE } from '../../interface/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import { RULE_FAILED, type Act } from './answer.js';

const TO_DESTINATION = fieldIn('DNAT', 'to-destination', true);
const DNAT_RANDOM = bitIn('DNAT', 'random', true);
const DNAT_PERSISTENT = bitIn('DNAT', 'persistent', true);
const TO_SOURCE = fieldIn('SNAT', 'to-source', true);
const SNAT_RANDOM = bitIn('SNAT', 'random', true);
const SNAT_FULLY = bitIn('SNAT', 'random-fully', true);
const SNAT_PERSISTENT = bitIn('SNAT', 'persistent', true);
const MASQUERADE_PORTS = fieldIn('MASQUERADE', 'to-ports', true);
const MASQUERADE_PORTS_BIT = bitIn('MASQUERADE', 'to-ports', true);
const MASQUERADE_RANDOM = bitIn('MASQUERADE', 'random', true);
const MASQUERADE_FULLY = bitIn('MASQUERADE', 'random-fully', true);
const REDIRECT_PORTS = fieldIn('REDIRECT', 'to-ports', true);
const REDIRECT_PORTS_BIT = bitIn('REDIRECT', 'to-ports', true);
const REDIRECT_RANDOM = bitIn('REDIRECT', 'random', true);
const NETMAP_TO = fieldIn('NETMAP', 'to', true);

/** 127.0.0.1. */
const LOOPBACK_4 = 0x7f00_0001;

function setup(m: NetfilterMachine, p: PacketContext, manip: number): number {
  return m.conntrack.setupNat(m, p, m.netfilter.natRange, manip) === ACCEPT ? RULE_NAT : failed(p);
}

function failed(p: PacketContext): number {
  if (p.disposition === 0 && p.reason < 0) drop(p, 'NatFailed', 'NETFILTER_DROP');
  return RULE_FAILED;
}

/** Two addresses, flags, ports: as NAT_RANGE of language/iptables lays them down. */
function fillRange(m: NetfilterMachine, code: Int32Array, at: number): void {
  const range = m.netfilter.natRange;
  const flags = code[at + 8];
  range.flags =
    ((flags & MAP_ADDRESSES) !== 0 ? RANGE_MAP_IPS : 0) |
    ((flags & MAP_PORTS) !== 0 ? RANGE_PROTO_SPECIFIED : 0) |
    ((flags & MAP_OFFSET) !== 0 ? RANGE_PROTO_OFFSET : 0);
  range.minAddress = code[at];
  range.maxAddress = code[at + 4];
  range.minPort = code[at + 9];
  range.maxPort = code[at + 10];
  range.basePort = code[at + 11];
}

export const targetDnat: Act = (m, p, code, at) => {
  if (p.conntrack < 0) return RULE_ACCEPT;
  fillRange(m, code, at + TO_DESTINATION);
  const given = code[at + RECORD_GIVEN];
  const range = m.netfilter.natRange;
  if ((given & DNAT_RANDOM) !== 0) range.flags |= RANGE_PROTO_RANDOM;
  if ((given & DNAT_PERSISTENT) !== 0) range.flags |= RANGE_PERSISTENT;
  return setup(m, p, MANIP_DESTINATION);
};

export const targetSnat: Act = (m, p, code, at) => {
  if (p.conntrack < 0) return RULE_ACCEPT;
  fillRange(m, code, at + TO_SOURCE);
  const given = code[at + RECORD_GIVEN];
  const range = m.netfilter.natRange;
  if ((given & SNAT_RANDOM) !== 0) range.flags |= RANGE_PROTO_RANDOM;
  if ((given & SNAT_FULLY) !== 0) range.flags |= RANGE_PROTO_RANDOM_FULLY;
  if ((given & SNAT_PERSISTENT) !== 0) range.flags |= RANGE_PERSISTENT;
  return setup(m, p, MANIP_SOURCE);
};

function fillOne(m: NetfilterMachine, address: number, hasPorts: boolean, code: Int32Array, ports: number): void {
  const range = m.netfilter.natRange;
  range.flags = RANGE_MAP_IPS | (hasPorts ? RANGE_PROTO_SPECIFIED : 0);
  range.minAddress = address;
  range.maxAddress = address;
  range.minPort = hasPorts ? code[ports] : 0;
  range.maxPort = hasPorts ? code[ports + 1] : 0;
  range.basePort = 0;
}

/** The source is the outgoing device's; a source of 0.0.0.0 is left alone (nf_nat_masquerade_ipv4, ..ipv6). */
export const targetMasquerade: Act = (m, p, code, at) => {
  if (p.conntrack < 0) return RULE_ACCEPT;
  if (p.family === 4 && p.source === 0) return RULE_ACCEPT;
  const { outputInterface } = m.netfilter;
  const source = m.routing.selectSource(m, p.family, outputInterface, p.family === 4 ? p.nexthop : p.destination, SCOPE_UNIVERSE);
  if (source === 0) {
    drop(p, 'NatFailed', 'NETFILTER_DROP');
    return RULE_FAILED;
  }
  const given = code[at + RECORD_GIVEN];
  fillOne(m, source, (given & MASQUERADE_PORTS_BIT) !== 0, code, at + MASQUERADE_PORTS);
  const range = m.netfilter.natRange;
  if ((given & MASQUERADE_RANDOM) !== 0) range.flags |= RANGE_PROTO_RANDOM;
  if ((given & MASQUERADE_FULLY) !== 0) range.flags |= RANGE_PROTO_RANDOM_FULLY;
  m.conntrack.setMasquerade(p.conntrack, outputInterface);
  return setup(m, p, MANIP_SOURCE);
};

/** To this machine: in OUTPUT the loopback address, else the first address of the device that the packet came in by. */
export const targetRedirect: Act = (m, p, code, at) => {
  if (p.conntrack < 0) return RULE_ACCEPT;
  const address = redirectAddress(m, p);
  if (address === null) {
    drop(p, 'NatFailed', 'NETFILTER_DROP');
    return RULE_FAILED;
  }
  const given = code[at + RECORD_GIVEN];
  fillOne(m, address, (given & REDIRECT_PORTS_BIT) !== 0, code, at + REDIRECT_PORTS);
  if ((given & REDIRECT_RANDOM) !== 0) m.netfilter.natRange.flags |= RANGE_PROTO_RANDOM;
  return setup(m, p, MANIP_DESTINATION);
};

function redirectAddress(m: NetfilterMachine, p: PacketContext): number | null {
  const { addresses } = m.environment;
  if (m.netfilter.hook === LOCAL_OUT) return p.family === 4 ? LOOPBACK_4 : addresses.intern6(0, 0, 0, 1);
  const isOwnLink = p.family === 6 && isLinkLocal(addresses, 6, p.destination);
  for (const address of m.interfaces.list[m.netfilter.inputInterface].addresses) {
    if (address.family !== p.family) continue;
    if (p.family === 4) return address.handle;
    if (!address.isTentative && isLinkLocal(addresses, 6, address.handle) === isOwnLink) return address.handle;
  }
  return null;
}

/** The network part is the rule's, the rest stays. */
export const targetNetmap: Act = (m, p, code, at) => {
  if (p.conntrack < 0) return RULE_ACCEPT;
  const { hook } = m.netfilter;
  const manip = hook === PREROUTING || hook === LOCAL_OUT ? MANIP_DESTINATION : MANIP_SOURCE;
  const old = manip === MANIP_DESTINATION ? p.destination : p.source;
  fillOne(m, mapped(m, p, old, code, at + NETMAP_TO), false, code, 0);
  return setup(m, p, manip);
};

function mapped(m: NetfilterMachine, p: PacketContext, old: number, code: Int32Array, at: number): number {
  if (p.family === 4) return (code[at] & code[at + 1]) | (old & ~code[at + 1]);
  const { addresses } = m.environment;
  const word = (i: number): number => (code[at + i] & code[at + 4 + i]) | (addresses.word6(old, i) & ~code[at + 4 + i]);
  return addresses.intern6(word(0), word(1), word(2), word(3));
}
