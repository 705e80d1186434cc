/** Translating packets by their entry's binding: nf_nat_inet_fn, nf_nat_packet and nf_nat_proto.c (Linux 6.18). */
import {
  ACCEPT,
  CT_ESTABLISHED,
  CT_ESTABLISHED_REPLY,
  CT_RELATED,
  CT_RELATED_REPLY,
  POSTROUTING,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  type PacketContext,
} from '../packet/index.js';
import {
  NAT_SKIPPED_BOUND,
  NAT_SKIPPED_NO_ENTRY,
  STEP_NAT_SKIPPED,
  TRANSFORM_BINDING,
  TRANSFORM_CLASH,
  TRANSFORM_QUOTED,
  TRANSFORM_REVERSE,
  drop,
} from '../record/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import {
  DIRECTION_ORIGINAL,
  DIRECTION_REPLY,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_NAT_DONE_MASK,
  IPS_NAT_MASK,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
  MANIP_DESTINATION,
  MANIP_SOURCE,
  NAT_APPLY,
  NAT_ASK_RULES,
  NAT_NONE,
} from './constants.js';
import { ENTRY_SIZE, W_MASQUERADE } from './entry-words.js';
import { recordTransform, transform } from './steps.js';
import { Tuple, hasPorts, invertTuple, isIcmp } from './tuple.js';

const tuple = new Tuple();
const target = new Tuple();

/** The decision of nf_nat_inet_fn and of the family's function around it (nf_nat_ipv4_fn, nf_nat_ipv6_fn). */
export function natWants(state: ConntrackState, p: PacketContext, manip: number): number {
  const entry = p.conntrack;
  if (entry < 0) return NAT_NONE;
  const info = p.conntrackInfo;
  if (info === CT_ESTABLISHED || info === CT_ESTABLISHED_REPLY || isRelatedIcmp(p)) return NAT_APPLY;
  const done = manip === MANIP_SOURCE ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
  return (state.status(entry) & done) === 0 ? NAT_ASK_RULES : NAT_APPLY;
}

function isRelatedIcmp(p: PacketContext): boolean {
  const isRelated = p.conntrackInfo === CT_RELATED || p.conntrackInfo === CT_RELATED_REPLY;
  return isRelated && p.protocol === (p.family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6);
}

export function applyNat(state: ConntrackState, m: ConntrackMachine, p: PacketContext, manip: number, hook: number): number {
  const entry = p.conntrack;
  if (entry < 0) {
    m.environment.recorder.step2(p, STEP_NAT_SKIPPED, manip, NAT_SKIPPED_NO_ENTRY);
    return ACCEPT;
  }
  if (isRelatedIcmp(p)) return translateError(state, m, p, manip);
  const direction = state.direction(p);
  const isFresh = state.fresh.entry === entry && state.fresh.manip === manip;
  if (!isFresh && hook === POSTROUTING && direction === DIRECTION_ORIGINAL) {
    // A masqueraded flow that now leaves by another device starts over (nf_nat_oif_changed).
    const chosenBy = state.table.words[entry * ENTRY_SIZE + W_MASQUERADE];
    if (chosenBy !== 0 && chosenBy !== p.outputInterface + 1) {
      state.destroy(entry);
      return drop(p, 'NatFailed', 'NETFILTER_DROP');
    }
  }
  if (isFresh) state.fresh.entry = -1;
  else if (direction === DIRECTION_ORIGINAL) m.environment.recorder.step2(p, STEP_NAT_SKIPPED, manip, NAT_SKIPPED_BOUND);
  if ((state.status(entry) & statusBit(manip, direction)) === 0) return ACCEPT;
  state.table.tuple(entry, 1 - direction, tuple);
  invertTuple(target, tuple);
  describe(state, p, manip, direction, isFresh);
  manipulate(p, target, manip);
  transform.addressAfter = manip === MANIP_SOURCE ? p.source : p.destination;
  transform.portAfter = portOf(p, manip);
  recordTransform(m, p);
  return ACCEPT;
}

/** The status bit that says whether a manip changes packets of a direction. */
function statusBit(manip: number, direction: number): number {
  return (manip === MANIP_SOURCE) === (direction === DIRECTION_ORIGINAL) ? IPS_SRC_NAT : IPS_DST_NAT;
}

/** nf_nat_ipv4_manip_pkt and its like: writes one end of `target` into a packet. */
function manipulate(p: PacketContext, target: Tuple, manip: number): void {
  if (manip === MANIP_SOURCE) p.source = target.source;
  else p.destination = target.destination;
  if (isIcmp(p.protocol)) {
    if (hasIcmpId(p)) p.sourcePort = target.sourcePort;
  } else if (hasPorts(p.protocol)) {
    if (manip === MANIP_SOURCE) p.sourcePort = target.sourcePort;
    else p.destinationPort = target.destinationPort;
  }
}

/** icmp_manip_pkt, icmpv6_manip_pkt. */
function hasIcmpId(p: PacketContext): boolean {
  const type = p.icmpType;
  if (p.protocol === PROTOCOL_ICMPV6) return type === 128 || type === 129;
  return type === 0 || type === 8 || (type >= 13 && type <= 18);
}

function portOf(p: PacketContext, manip: number): number {
  return manip === MANIP_SOURCE || isIcmp(p.protocol) ? p.sourcePort : p.destinationPort;
}

/**
 * Prepares the record of a translation. Part of the path is where the packet is sent to and as whom, but not who the client was: no
 * restored client address, no port of the client, no drawn port.
 */
function describe(state: ConntrackState, p: PacketContext, manip: number, direction: number, isFresh: boolean): void {
  const { fresh } = state;
  transform.manip = manip;
  transform.addressBefore = manip === MANIP_SOURCE ? p.source : p.destination;
  transform.portBefore = portOf(p, manip);
  transform.isDrawn = 0;
  transform.address = 0;
  transform.port = 0;
  const address = manip === MANIP_SOURCE ? target.source : target.destination;
  const port = isIcmp(p.protocol) ? 0 : manip === MANIP_SOURCE ? target.sourcePort : target.destinationPort;
  if (isFresh) {
    transform.cause = fresh.cause;
    transform.address = fresh.cause === TRANSFORM_CLASH ? 0 : fresh.address;
    transform.port = fresh.cause === TRANSFORM_CLASH ? 0 : fresh.port;
    transform.isDrawn = fresh.isDrawn;
  } else if (direction === DIRECTION_REPLY) {
    transform.cause = TRANSFORM_REVERSE;
    if (manip === MANIP_SOURCE) {
      transform.address = address;
      transform.port = port;
    }
  } else {
    transform.cause = TRANSFORM_BINDING;
    if (address !== transform.addressBefore) transform.address = address;
    if (manip === MANIP_DESTINATION) transform.port = port;
  }
}

/**
 * nf_nat_icmp_reply_translation, nf_nat_icmpv6_reply_translation: the quoted packet becomes what its sender sent, and the error comes
 * from, or goes to, whom that sender knows. Redirects pass only where nothing is translated and all is settled.
 */
function translateError(state: ConntrackState, m: ConntrackMachine, p: PacketContext, manip: number): number {
  const entry = p.conntrack;
  const status = state.status(entry);
  const direction = state.direction(p);
  if (p.icmpType === (p.family === 4 ? 5 : 137)) {
    const isSettled = (status & IPS_NAT_DONE_MASK) === IPS_NAT_DONE_MASK && (status & IPS_NAT_MASK) === 0;
    if (!isSettled) return drop(p, 'NatFailed', 'NETFILTER_DROP');
  }
  const { inner } = p;
  if (inner === null || (status & statusBit(manip, direction)) === 0) return ACCEPT;
  state.table.tuple(entry, 1 - direction, tuple);
  const innerManip = manip === MANIP_SOURCE ? MANIP_DESTINATION : MANIP_SOURCE;
  transform.manip = manip;
  transform.cause = TRANSFORM_QUOTED;
  transform.address = 0;
  transform.port = 0;
  transform.isDrawn = 0;
  transform.addressBefore = manip === MANIP_SOURCE ? p.source : p.destination;
  transform.portBefore = portOf(inner, innerManip);
  manipulate(inner, tuple, innerManip);
  invertTuple(target, tuple);
  if (manip === MANIP_SOURCE) p.source = target.source;
  else p.destination = target.destination;
  transform.addressAfter = manip === MANIP_SOURCE ? p.source : p.destination;
  transform.portAfter = portOf(inner, innerManip);
  recordTransform(m, p);
  return ACCEPT;
}

