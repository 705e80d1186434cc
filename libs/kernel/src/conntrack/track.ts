/** nf_conntrack_in (net/netfilter/nf_conntrack_core.c, Linux 6.18): finds or makes the entry of a packet and lets its protocol judge it. */
import {
  ACCEPT,
  CT_ESTABLISHED,
  CT_ESTABLISHED_REPLY,
  CT_NEW,
  CT_RELATED,
  CT_RELATED_REPLY,
  CT_UNTRACKED,
  NO_CONNTRACK,
  PROTOCOL_GRE,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_SCTP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  type PacketContext,
} from '../packet/index.js';
import {
  CONNTRACK_CREATED,
  CONNTRACK_FOUND,
  CONNTRACK_FULL,
  CONNTRACK_INVALID,
  CONNTRACK_RELATED,
  CONNTRACK_UNTRACKED,
  drop,
} from '../record/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import { accountingDetail } from './accounting.js';
import {
  DIRECTION_REPLY,
  HZ,
  IPS_ASSURED,
  IPS_CONFIRMED,
  IPS_EXPECTED,
  IPS_NAT_CLASH,
  IPS_SEEN_REPLY,
  MICROSECONDS_PER_JIFFY,
  PROTOCOL_UDPLITE,
} from './constants.js';
import { ENTRY_SIZE, W_PROTOCOL_DATA } from './entry-words.js';
import { collectGarbage, earlyDrop } from './eviction.js';
import { recordConntrack } from './steps.js';
import { sctpOutcome, sctpPacket } from './sctp-state.js';
import {
  SETTING_GENERIC,
  SETTING_GRE,
  SETTING_GRE_STREAM,
  SETTING_ICMP,
  SETTING_ICMPV6,
  SETTING_MAX,
  SETTING_SCTP,
  SETTING_UDP,
  SETTING_UDP_STREAM,
} from './settings.js';
import { TCP_PACKET_INVALID, TCP_PACKET_KILL, TCP_PACKET_REPEAT, tcpOutcome, tcpPacket } from './tcp-state.js';
import { Tuple, invertTuple, tupleOfPacket } from './tuple.js';

/** Results of a protocol's judgement. */
const VALID = 1;
const INVALID = 0;
const REPEAT = 2;

const NO_ENTRY = -1;
const TABLE_FULL = -2;

const tuple = new Tuple();
const reply = new Tuple();

export function trackPacket(state: ConntrackState, m: ConntrackMachine, p: PacketContext, hook: number): number {
  if (p.conntrack !== NO_CONNTRACK) return ACCEPT; // seen before: loopback, bridge, or an answer that carries its question's entry
  if (p.conntrackInfo === CT_UNTRACKED) {
    recordConntrack(state, m, p, CONNTRACK_UNTRACKED);
    return ACCEPT;
  }
  void hook; // it matters to checksums alone, and those are right
  state.beginInstant(m.environment.now);
  state.settings.refresh(m.sysctl);
  p.conntrackInfo = CT_NEW;
  if (p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6) {
    const isDone = trackIcmpError(state, m, p);
    if (isDone) return ACCEPT;
  }
  for (;;) {
    const reference = resolve(state, m, p);
    if (reference === NO_ENTRY) return invalid(state, m, p);
    if (reference === TABLE_FULL) {
      recordConntrack(state, m, p, CONNTRACK_FULL);
      return drop(p, 'ConntrackFull', 'NETFILTER_DROP');
    }
    const entry = reference >> 1;
    const isNew = (state.status(entry) & IPS_CONFIRMED) === 0;
    const result = judge(state, p, entry);
    if (result === VALID) {
      if (p.conntrackInfo === CT_ESTABLISHED_REPLY) state.addStatus(entry, IPS_SEEN_REPLY);
      const { accounting, effects } = state;
      if (accounting.isOn) {
        accounting.add(entry, state.direction(p), p.length);
        if (effects.isWatched) effects.refresh(accounting, entry, accountingDetail(state.direction(p), p.length), Infinity);
      }
      recordConntrack(state, m, p, isNew ? CONNTRACK_CREATED : CONNTRACK_FOUND);
      return ACCEPT;
    }
    state.release(p);
    if (result === REPEAT) continue;
    return invalid(state, m, p);
  }
}

function invalid(state: ConntrackState, m: ConntrackMachine, p: PacketContext): number {
  p.conntrack = NO_CONNTRACK;
  p.conntrackInfo = CT_NEW;
  recordConntrack(state, m, p, CONNTRACK_INVALID);
  return ACCEPT;
}

/** resolve_normal_ct: `entry << 1 | direction`, set in the packet too. */
function resolve(state: ConntrackState, m: ConntrackMachine, p: PacketContext): number {
  tupleOfPacket(p, tuple);
  let reference = state.findInZone(tuple, p.conntrackZone);
  if (reference < 0) {
    // the next one finds an entry, or another number of them
    state.effects.refuse();
    if (!invertTuple(reply, tuple)) return NO_ENTRY;
    if (state.timestamp - state.nextCollection >= 0) collectGarbage(state);
    const max = state.settings.values[SETTING_MAX];
    if (max !== 0 && state.table.count + 1 > max && !earlyDrop(state, m)) {
      state.hasRefused = true;
      return TABLE_FULL;
    }
    reference = state.create(tuple, reply, p.conntrackZone) << 1;
    if (p.conntrackTemplate > 0) takeTemplate(state, m, p, reference >> 1);
  }
  const entry = reference >> 1;
  p.conntrack = entry;
  if ((reference & 1) === DIRECTION_REPLY) p.conntrackInfo = CT_ESTABLISHED_REPLY;
  else {
    const status = state.status(entry);
    if ((status & IPS_SEEN_REPLY) !== 0) p.conntrackInfo = CT_ESTABLISHED;
    else p.conntrackInfo = (status & IPS_EXPECTED) !== 0 ? CT_RELATED : CT_NEW;
  }
  return reference;
}

/** __nf_ct_try_assign_helper. No packet here carries what a helper would read, so it expects nothing. */
function takeTemplate(state: ConntrackState, m: ConntrackMachine, p: PacketContext, entry: number): void {
  const helper = m.environment.words.name(p.conntrackTemplate - 1);
  if (helper !== '') state.remarks.set(entry, [`helper=${helper}`]);
}

/** nf_conntrack_handle_packet. */
function judge(state: ConntrackState, p: PacketContext, entry: number): number {
  switch (p.protocol) {
    case PROTOCOL_TCP:
      return judgeTcp(state, p, entry);
    case PROTOCOL_UDP:
    case PROTOCOL_UDPLITE:
      return judgeUdp(state, p, entry);
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return judgeIcmp(state, p, entry);
    case PROTOCOL_SCTP:
      return judgeSctp(state, p, entry);
    case PROTOCOL_GRE:
      return judgeGre(state, entry);
    default:
      state.refresh(entry, state.settings.values[SETTING_GENERIC]);
      return VALID;
  }
}

function judgeTcp(state: ConntrackState, p: PacketContext, entry: number): number {
  const block = state.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA];
  const remaining = state.left(entry);
  const result = tcpPacket(state.tcp, block, p, state.direction(p), state.status(entry), remaining, state.settings.values);
  switch (result) {
    case TCP_PACKET_INVALID:
      if (tcpOutcome.lowerTimeout >= 0) state.refresh(entry, tcpOutcome.lowerTimeout);
      return INVALID;
    case TCP_PACKET_REPEAT:
      state.destroy(entry);
      return REPEAT;
    case TCP_PACKET_KILL:
      if ((state.status(entry) & IPS_CONFIRMED) !== 0) state.destroy(entry);
      return VALID;
    default:
      if (tcpOutcome.isAssured) state.setAssured(entry);
      if (tcpOutcome.timeout >= 0) state.refresh(entry, tcpOutcome.timeout);
      return VALID;
  }
}

/** nf_conntrack_udp_packet: a stream only for what goes both ways for more than two seconds. */
function judgeUdp(state: ConntrackState, p: PacketContext, entry: number): number {
  const { values } = state.settings;
  const { words } = state.table;
  const status = state.status(entry);
  const data = entry * ENTRY_SIZE + W_PROTOCOL_DATA;
  if ((status & IPS_CONFIRMED) === 0) words[data] = (state.timestamp + 2 * HZ) | 0;
  if ((status & IPS_SEEN_REPLY) === 0) {
    // An entry that lost a clash is there for one answer.
    if ((status & IPS_NAT_CLASH) !== 0 && p.conntrackInfo === CT_ESTABLISHED_REPLY) state.destroy(entry);
    else state.refresh(entry, values[SETTING_UDP]);
    return VALID;
  }
  const isStream = ((words[data] - state.timestamp) | 0) < 0;
  if (!isStream) state.effects.limit((words[data] + 1) * MICROSECONDS_PER_JIFFY);
  state.refresh(entry, isStream ? values[SETTING_UDP_STREAM] : values[SETTING_UDP]);
  if (isStream && (status & IPS_NAT_CLASH) === 0) state.setAssured(entry);
  return VALID;
}

/** nf_conntrack_icmp_packet, nf_conntrack_icmpv6_packet: only questions begin something. */
function judgeIcmp(state: ConntrackState, p: PacketContext, entry: number): number {
  const isV4 = p.protocol === PROTOCOL_ICMP;
  if (isV4 !== (p.family === 4)) return INVALID;
  state.table.tuple(entry, 0, tuple);
  const type = tuple.destinationPort >> 8;
  const isQuestion = isV4 ? type === 8 || type === 13 || type === 15 || type === 17 : type === 128 || type === 139;
  if (!isQuestion) return INVALID;
  state.refresh(entry, state.settings.values[isV4 ? SETTING_ICMP : SETTING_ICMPV6]);
  return VALID;
}

function judgeSctp(state: ConntrackState, p: PacketContext, entry: number): number {
  const at = entry * ENTRY_SIZE + W_PROTOCOL_DATA;
  const isConfirmed = (state.status(entry) & IPS_CONFIRMED) !== 0;
  if (!sctpPacket(p.tcpFlags, state.direction(p), isConfirmed ? state.table.words[at] : 0, isConfirmed)) return INVALID;
  state.table.words[at] = sctpOutcome.state;
  if (sctpOutcome.hasTimeout) state.refresh(entry, state.settings.values[SETTING_SCTP + sctpOutcome.state]);
  if (sctpOutcome.isAssured) state.setAssured(entry);
  return VALID;
}

/** nf_conntrack_gre_packet. Keys belong to PPTP, whose helper is not modelled. */
function judgeGre(state: ConntrackState, entry: number): number {
  const status = state.status(entry);
  const isTwoWay = (status & IPS_SEEN_REPLY) !== 0;
  state.refresh(entry, state.settings.values[isTwoWay ? SETTING_GRE_STREAM : SETTING_GRE]);
  if (isTwoWay && (status & (IPS_NAT_CLASH | IPS_ASSURED)) === 0) state.setAssured(entry);
  return VALID;
}

/**
 * nf_conntrack_icmpv4_error, nf_conntrack_icmpv6_error: true when nothing is left to do: the packet belongs to the flow that it
 * quotes, is INVALID, or is neighbour discovery, which nobody tracks.
 */
function trackIcmpError(state: ConntrackState, m: ConntrackMachine, p: PacketContext): boolean {
  const type = p.icmpType;
  if (p.protocol === PROTOCOL_ICMP) {
    if (p.family !== 4) return false;
    if (type > 18) {
      invalid(state, m, p);
      return true;
    }
    const isError = type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
    if (!isError) return false;
  } else {
    if (p.family !== 6) return false;
    const isUntracked = (type >= 130 && type <= 136) || type === 143;
    if (isUntracked) {
      p.conntrackInfo = CT_UNTRACKED;
      recordConntrack(state, m, p, CONNTRACK_UNTRACKED);
      return true;
    }
    if (type >= 128) return false;
  }
  if (!relate(state, p)) invalid(state, m, p);
  else recordConntrack(state, m, p, CONNTRACK_RELATED);
  return true;
}

/** nf_conntrack_inet_error: the entry of the quoted packet, if the error goes where that packet came from. */
function relate(state: ConntrackState, p: PacketContext): boolean {
  const { inner } = p;
  if (inner === null) return false;
  tupleOfPacket(inner, reply);
  if (!invertTuple(tuple, reply)) return false;
  const reference = state.findInZone(tuple, p.conntrackZone);
  if (reference < 0) return false;
  const entry = reference >> 1;
  state.table.tuple(entry, reference & 1, tuple);
  if (tuple.destination !== p.destination) return false;
  p.conntrack = entry;
  p.conntrackInfo = (reference & 1) === DIRECTION_REPLY ? CT_RELATED_REPLY : CT_RELATED;
  return true;
}
