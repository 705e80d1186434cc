/** __nf_conntrack_confirm and nf_ct_resolve_clash (net/netfilter/nf_conntrack_core.c, Linux 6.18): a new entry becomes findable. */
import {
  ACCEPT,
  CT_ESTABLISHED_REPLY,
  PROTOCOL_GRE,
  PROTOCOL_UDP,
  type PacketContext,
} from '../packet/index.js';
import { CONNTRACK_CLASH_RESOLVED, CONNTRACK_CONFIRMED, CONNTRACK_INSERT_FAILED, drop } from '../record/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import {
  DIRECTION_ORIGINAL,
  DIRECTION_REPLY,
  HZ,
  IPS_CONFIRMED,
  IPS_DYING,
  IPS_FIXED_TIMEOUT,
  IPS_NAT_CLASH,
  IPS_NAT_DONE_MASK,
  PROTOCOL_UDPLITE,
} from './constants.js';
import { ENTRY_SIZE, W_TIMEOUT } from './entry-words.js';
import { recordConntrack } from './steps.js';
import { Tuple } from './tuple.js';

const tuple = new Tuple();
const other = new Tuple();

export function confirmPacket(state: ConntrackState, m: ConntrackMachine, p: PacketContext): number {
  const entry = p.conntrack;
  if (entry < 0) return ACCEPT;
  const status = state.status(entry);
  if ((status & IPS_CONFIRMED) !== 0) return ACCEPT;
  if (p.conntrackInfo >= CT_ESTABLISHED_REPLY) return ACCEPT; // an answer by REJECT confirms nothing
  if ((status & IPS_DYING) !== 0) return fail(state, m, p);
  state.table.tuple(entry, DIRECTION_ORIGINAL, tuple);
  const zones = state.table.zones(entry);
  let winner = state.findLive(tuple, state.zone(entry, DIRECTION_ORIGINAL), zones);
  if (winner < 0) {
    state.table.tuple(entry, DIRECTION_REPLY, tuple);
    winner = state.findLive(tuple, state.zone(entry, DIRECTION_REPLY), zones);
  }
  if (winner >= 0) return resolveClash(state, m, p, winner >> 1);
  state.insert(entry, false);
  recordConntrack(state, m, p, CONNTRACK_CONFIRMED);
  return ACCEPT;
}

function fail(state: ConntrackState, m: ConntrackMachine, p: PacketContext): number {
  recordConntrack(state, m, p, CONNTRACK_INSERT_FAILED);
  return drop(p, 'ConntrackInsertFailed', 'NETFILTER_DROP');
}

/** nf_ct_resolve_clash: datagrams of one flow that raced each other need not be lost. */
function resolveClash(state: ConntrackState, m: ConntrackMachine, p: PacketContext, winner: number): number {
  const protocol = state.table.protocol(winner);
  const isAllowed = protocol === PROTOCOL_UDP || protocol === PROTOCOL_UDPLITE || protocol === PROTOCOL_GRE;
  if (!isAllowed) return fail(state, m, p);
  if (joinWinner(state, m, p, winner)) return ACCEPT;
  const loser = p.conntrack;
  state.table.tuple(loser, DIRECTION_REPLY, tuple);
  const taken = state.findLive(tuple, state.zone(loser, DIRECTION_REPLY), state.table.zones(loser));
  if (taken >= 0) return joinWinner(state, m, p, taken >> 1) ? ACCEPT : fail(state, m, p);
  // Only the original direction clashes: the entry may receive one answer, within a second.
  state.table.words[loser * ENTRY_SIZE + W_TIMEOUT] = HZ;
  state.addStatus(loser, IPS_FIXED_TIMEOUT | IPS_NAT_CLASH);
  state.insert(loser, true);
  recordConntrack(state, m, p, CONNTRACK_CLASH_RESOLVED);
  return ACCEPT;
}

/** __nf_ct_resolve_clash: the packet goes on with the entry that was first, if NAT did not touch that one or both say the same. */
function joinWinner(state: ConntrackState, m: ConntrackMachine, p: PacketContext, winner: number): boolean {
  if ((state.status(winner) & IPS_NAT_DONE_MASK) !== 0 && !isSame(state, winner, p.conntrack)) return false;
  const { conntrackInfo } = p;
  state.release(p);
  p.conntrack = winner;
  p.conntrackInfo = conntrackInfo;
  recordConntrack(state, m, p, CONNTRACK_CLASH_RESOLVED);
  return true;
}

/** nf_ct_match. */
function isSame(state: ConntrackState, one: number, two: number): boolean {
  for (let direction = DIRECTION_ORIGINAL; direction <= DIRECTION_REPLY; direction++) {
    state.table.tuple(one, direction, tuple);
    state.table.tuple(two, direction, other);
    if (!tuple.isEqual(other) || state.zone(one, direction) !== state.zone(two, direction)) return false;
  }
  return true;
}
