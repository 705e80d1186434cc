/** Binding an entry: nf_nat_setup_info and the choice of a unique tuple (net/netfilter/nf_nat_core.c, Linux 6.18). */
import { ACCEPT, PROTOCOL_GRE, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../packet/index.js';
import { TRANSFORM_CLASH, TRANSFORM_RULE, type Environment } from '../record/index.js';
import { chooseAddress, isAddressInRange } from './address-choice.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import {
  DIRECTION_ORIGINAL,
  DIRECTION_REPLY,
  IPS_CONFIRMED,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_DYING,
  IPS_FIXED_TIMEOUT,
  IPS_NAT_MASK,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
  MANIP_DESTINATION,
  MANIP_SOURCE,
  PROTOCOL_UDPLITE,
  RANGE_MAP_IPS,
  RANGE_NETMAP,
  RANGE_PROTO_OFFSET,
  RANGE_PROTO_RANDOM_ALL,
  RANGE_PROTO_SPECIFIED,
} from './constants.js';
import { ENTRY_SIZE, W_NEXT, W_PROTOCOL_DATA } from './entry-words.js';
import { NatRange } from './nat-range.js';
import { D_END } from './tcp-blocks.js';
import { TCP_SYN_SENT, TCP_TIME_WAIT } from './tcp-table.js';
import { Tuple, hasPorts, invertTuple, isIcmp } from './tuple.js';

const MAX_ATTEMPTS = 128;
/** The last tries may take the place of a closing TCP connection. */
const HARDER_THRESHOLD = MAX_ATTEMPTS / 4;

const current = new Tuple();
const chosen = new Tuple();
const inverted = new Tuple();
const scratch = new Tuple();
const nullRange = new NatRange();

export function setupNat(state: ConntrackState, m: ConntrackMachine, p: PacketContext, range: NatRange, manip: number): number {
  return setup(state, m, p.conntrack, range, manip, TRANSFORM_RULE);
}

export function setupNullBinding(state: ConntrackState, m: ConntrackMachine, p: PacketContext, manip: number): number {
  const entry = p.conntrack;
  state.table.tuple(entry, DIRECTION_REPLY, scratch);
  nullRange.flags = RANGE_MAP_IPS;
  nullRange.minAddress = manip === MANIP_SOURCE ? scratch.destination : scratch.source;
  nullRange.maxAddress = nullRange.minAddress;
  return setup(state, m, entry, nullRange, manip, TRANSFORM_CLASH);
}

function setup(state: ConntrackState, m: ConntrackMachine, entry: number, range: NatRange, manip: number, cause: number): number {
  if ((state.status(entry) & IPS_CONFIRMED) !== 0) return ACCEPT; // too late for a binding
  state.table.tuple(entry, DIRECTION_REPLY, inverted);
  invertTuple(current, inverted);
  const isDrawn = chooseTuple(state, m.environment, entry, range, manip);
  if (!chosen.isEqual(current)) {
    invertTuple(inverted, chosen);
    state.table.setTuple(entry, DIRECTION_REPLY, inverted);
    state.addStatus(entry, manip === MANIP_SOURCE ? IPS_SRC_NAT : IPS_DST_NAT);
  }
  if (manip === MANIP_SOURCE) state.table.linkBySource(entry);
  state.addStatus(entry, manip === MANIP_SOURCE ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE);
  noteFresh(state, entry, range, manip, cause, isDrawn);
  return ACCEPT;
}

/** For the record: what of the translation is the rule's, and so part of the path. */
function noteFresh(state: ConntrackState, entry: number, range: NatRange, manip: number, cause: number, isDrawn: boolean): void {
  const { fresh } = state;
  const isGiven = cause === TRANSFORM_RULE && (range.flags & (RANGE_MAP_IPS | RANGE_NETMAP)) === RANGE_MAP_IPS;
  const isPortGiven = (range.flags & RANGE_PROTO_SPECIFIED) !== 0 && range.minPort === range.maxPort;
  fresh.entry = entry;
  fresh.manip = manip;
  fresh.cause = cause;
  fresh.isDrawn = isDrawn && !isPortGiven ? 1 : 0;
  fresh.address = isGiven ? (manip === MANIP_SOURCE ? chosen.source : chosen.destination) : 0;
  if (manip === MANIP_SOURCE) fresh.port = isPortGiven ? chosen.sourcePort : 0;
  else fresh.port = fresh.isDrawn === 1 || isIcmp(chosen.protocol) ? 0 : chosen.destinationPort;
}

/** get_unique_tuple: fills `chosen`; true when its port was drawn. */
function chooseTuple(state: ConntrackState, environment: Environment, entry: number, range: NatRange, manip: number): boolean {
  const { addresses } = environment;
  const isRandom = (range.flags & RANGE_PROTO_RANDOM_ALL) !== 0;
  if (manip === MANIP_SOURCE && !isRandom) {
    if (isInRange(environment, current, range)) {
      chosen.copy(current);
      if (!isUsedByOther(state, current, entry)) return false;
    } else if (findSourceMapping(state, environment, entry, range)) {
      if (!isUsed(state, chosen, entry)) return false;
    }
  }
  chosen.copy(current);
  chooseAddress(addresses, chosen, range, manip, state.zone(entry, DIRECTION_ORIGINAL));
  if (!isRandom) {
    if ((range.flags & RANGE_PROTO_SPECIFIED) !== 0) {
      const isKept = (range.flags & RANGE_PROTO_OFFSET) === 0 && isPortInRange(chosen, manip, range);
      if (isKept && (range.minPort === range.maxPort || !isUsed(state, chosen, entry))) return false;
    } else if (!isUsed(state, chosen, entry)) return false;
  }
  return choosePort(state, environment, entry, range, manip);
}

/** nf_in_range: would the tuple, as it is, do for a source mapping? */
function isInRange(environment: Environment, tuple: Tuple, range: NatRange): boolean {
  if ((range.flags & RANGE_MAP_IPS) !== 0 && !isAddressInRange(environment.addresses, tuple.family, tuple.source, range)) return false;
  return (range.flags & RANGE_PROTO_SPECIFIED) === 0 || isPortInRange(tuple, MANIP_SOURCE, range);
}

/** l4proto_in_range. */
function isPortInRange(tuple: Tuple, manip: number, range: NatRange): boolean {
  const { protocol } = tuple;
  if (!isIcmp(protocol) && !hasPorts(protocol) && protocol !== PROTOCOL_GRE) return true;
  const port = isIcmp(protocol) || manip === MANIP_SOURCE ? tuple.sourcePort : tuple.destinationPort;
  return port >= range.minPort && port <= range.maxPort;
}

/** find_appropriate_src: the mapping that this source has already, to whatever destination. */
function findSourceMapping(state: ConntrackState, environment: Environment, entry: number, range: NatRange): boolean {
  const { table } = state;
  const zone = state.zone(entry, DIRECTION_ORIGINAL);
  for (let e = table.firstBySource(current); e >= 0; e = table.words[e * ENTRY_SIZE + W_NEXT]) {
    table.tuple(e, DIRECTION_ORIGINAL, scratch);
    const isSameSource =
      scratch.protocol === current.protocol &&
      scratch.family === current.family &&
      scratch.source === current.source &&
      scratch.sourcePort === current.sourcePort &&
      state.zone(e, DIRECTION_ORIGINAL) === zone;
    if (!isSameSource) continue;
    table.tuple(e, DIRECTION_REPLY, scratch);
    if (!invertTuple(chosen, scratch)) continue;
    chosen.destination = current.destination;
    chosen.destinationPort = current.destinationPort;
    if (isInRange(environment, chosen, range)) return true;
  }
  return false;
}

/** nf_nat_used_tuple: do answers to this tuple already belong to somebody? */
function isUsed(state: ConntrackState, tuple: Tuple, entry: number): boolean {
  invertTuple(inverted, tuple);
  const reference = state.findLive(inverted, state.zone(entry, DIRECTION_REPLY), state.table.zones(entry));
  if (reference < 0) return false;
  // One flow twice: that is for the clash at confirmation to settle.
  state.table.tuple(reference >> 1, DIRECTION_ORIGINAL, scratch);
  state.table.tuple(entry, DIRECTION_ORIGINAL, inverted);
  return !(scratch.isEqual(inverted) && state.zone(reference >> 1, DIRECTION_ORIGINAL) === state.zone(entry, DIRECTION_ORIGINAL));
}

/** nf_nat_used_tuple_new: as above, but two datagrams that met each other, neither translated, do not count. */
function isUsedByOther(state: ConntrackState, tuple: Tuple, entry: number): boolean {
  if (!isUsed(state, tuple, entry)) return false;
  const { protocol } = tuple;
  if (protocol !== PROTOCOL_UDP && protocol !== PROTOCOL_UDPLITE && protocol !== PROTOCOL_GRE) return true;
  if ((state.status(entry) & IPS_NAT_MASK) !== 0) return true;
  const zones = state.table.zones(entry);
  let reference = state.findInZones(tuple, zones);
  if (reference < 0) {
    invertTuple(inverted, tuple);
    reference = state.findInZones(inverted, zones);
    if (reference < 0) return false;
  }
  const holder = reference >> 1;
  if ((state.status(holder) & IPS_NAT_MASK) !== 0) return true;
  state.table.tuple(holder, DIRECTION_ORIGINAL, scratch);
  state.table.tuple(entry, DIRECTION_REPLY, inverted);
  return !scratch.isEqual(inverted);
}

/** nf_nat_used_tuple_harder: late in the search a connection in TIME_WAIT or CLOSE makes room for a SYN that goes on after it. */
function isUsedAfterAll(state: ConntrackState, tuple: Tuple, entry: number, attemptsLeft: number): boolean {
  const block = state.table.words[entry * ENTRY_SIZE + W_PROTOCOL_DATA];
  if (attemptsLeft > HARDER_THRESHOLD || tuple.protocol !== PROTOCOL_TCP || state.tcp.state(block) !== TCP_SYN_SENT) {
    return isUsed(state, tuple, entry);
  }
  invertTuple(inverted, tuple);
  const reference = state.findInZones(inverted, state.table.zones(entry));
  if (reference < 0) return false;
  if ((reference & 1) === DIRECTION_ORIGINAL) return true;
  const holder = reference >> 1;
  const status = state.status(holder);
  const holderBlock = state.table.words[holder * ENTRY_SIZE + W_PROTOCOL_DATA];
  if (state.tcp.state(holderBlock) < TCP_TIME_WAIT) return true;
  if ((status & (IPS_FIXED_TIMEOUT | IPS_DYING)) !== 0 || (status & IPS_SRC_NAT) === 0) return true;
  const { words } = state.tcp;
  const advance = (words[state.tcp.wordAt(block) + D_END] - words[state.tcp.wordAt(holderBlock) + D_END]) | 0;
  if (advance <= 0) return true;
  state.destroy(holder);
  return false;
}

/** nf_nat_l4proto_unique_tuple: searches a free port for `chosen`; true when one was drawn. */
function choosePort(state: ConntrackState, environment: Environment, entry: number, range: NatRange, manip: number): boolean {
  const { protocol } = chosen;
  const isId = isIcmp(protocol);
  if (!isId && !hasPorts(protocol)) return false;
  const isSpecified = (range.flags & RANGE_PROTO_SPECIFIED) !== 0;
  const port = isId || manip === MANIP_SOURCE ? chosen.sourcePort : chosen.destinationPort;
  let min: number;
  let size: number;
  if (isSpecified) {
    min = Math.min(range.minPort, range.maxPort);
    size = Math.abs(range.maxPort - range.minPort) + 1;
  } else if (isId) {
    min = 0;
    size = 65536;
  } else {
    if (manip === MANIP_DESTINATION) return false; // the destination's port stays
    min = port >= 1024 ? 1024 : port >= 512 ? 600 : 1;
    size = port >= 1024 ? 64512 : port >= 512 ? 424 : 511;
  }
  const { random } = environment;
  const isOffset = (range.flags & RANGE_PROTO_OFFSET) !== 0;
  const isDrawn = !isOffset && ((range.flags & RANGE_PROTO_RANDOM_ALL) !== 0 || manip !== MANIP_DESTINATION);
  let offset = isOffset ? (port - range.basePort) & 0xffff : isDrawn ? random.below(65536) : 0;
  let attempts = Math.min(size, MAX_ATTEMPTS);
  for (;;) {
    for (let i = 0; i < attempts; i++) {
      const candidate = (min + (offset % size)) & 0xffff;
      if (isId || manip === MANIP_SOURCE) chosen.sourcePort = candidate;
      else chosen.destinationPort = candidate;
      if (!isUsedAfterAll(state, chosen, entry, attempts - i)) return isDrawn;
      offset = (offset + 1) & 0xffff;
    }
    if (attempts >= size || attempts < 16) return isDrawn; // give up: confirmation will fail
    attempts >>= 1;
    offset = random.below(65536);
  }
}
