/** Entries from captured text and back: what `conntrack -L -o extended` says of the table. */
import { parseAddress, type ConntrackCapture, type Family, type TupleCapture } from '@worldline/model';
import { PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP, type AddressTable } from '../packet/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import {
  DIRECTION_ORIGINAL,
  DIRECTION_REPLY,
  HZ,
  IPS_ASSURED,
  IPS_DST_NAT,
  IPS_DST_NAT_DONE,
  IPS_OFFLOAD,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
  IPS_SRC_NAT_DONE,
  PROTOCOL_UDPLITE,
  SCTP_STATE_NAMES,
  TCP_STATE_NAMES,
  ZONE_ONLY_ORIGINAL,
  ZONE_ONLY_REPLY,
} from './constants.js';
import { ENTRY_SIZE, W_MARK, W_PROTOCOL_DATA, W_TIMEOUT } from './entry-words.js';
import { SETTING_UDP } from './settings.js';
import { Tuple, hasPorts, isIcmp } from './tuple.js';

const original = new Tuple();
const reply = new Tuple();

/**
 * Puts a captured entry into the table; false when a tuple of it is taken or is no tuple. What the text does not say is taken as the
 * kernel most likely has it: the windows of TCP are unknown and not checked, and nat is done with it (`isBound`).
 */
export function insertCaptured(state: ConntrackState, m: ConntrackMachine, capture: ConntrackCapture, isBound = true): boolean {
  const { addresses } = m.environment;
  state.beginInstant(m.environment.now);
  state.settings.refresh(m.sysctl);
  if (!fill(original, capture.original, capture, addresses) || !fill(reply, capture.reply, capture, addresses)) return false;
  const zone = zoneOfCapture(capture);
  if (state.findInZone(original, zone) >= 0 || state.findInZone(reply, zone) >= 0) return false;
  const entry = state.create(original, reply, zone);
  const at = entry * ENTRY_SIZE;
  const { words } = state.table;
  words[at + W_TIMEOUT] = Math.min(capture.timeout * HZ, 0x7fffffff);
  words[at + W_MARK] = capture.mark | 0;
  if (capture.extras.some((extra) => extra.endsWith('OFFLOAD]'))) state.table.setStatus(entry, IPS_OFFLOAD);
  takeExtras(state, m.environment.now, entry, capture.extras);
  if (capture.isReplied) state.table.setStatus(entry, IPS_SEEN_REPLY);
  if (capture.isAssured) state.table.setStatus(entry, IPS_ASSURED);
  setNat(state, entry, isBound);
  setProtocolState(state, entry, capture);
  state.insert(entry, false);
  state.generation++;
  return true;
}

/** Counters, the age, and words that are kept for printing. */
function takeExtras(state: ConntrackState, now: number, entry: number, extras: readonly string[]): void {
  const numbers = (prefix: string): number[] => extras.filter((e) => e.startsWith(prefix)).map((e) => Number(e.slice(prefix.length)));
  const packets = numbers('packets=');
  const bytes = numbers('bytes=');
  for (let direction = DIRECTION_ORIGINAL; direction <= DIRECTION_REPLY; direction++) {
    if (packets.length === 2 && bytes.length === 2) state.accounting.restore(entry, direction, packets[direction], bytes[direction]);
  }
  const [age] = numbers('delta-time=');
  if (age !== undefined) state.accounting.restoreStart(entry, now - age * 1e6);
  const remarks = extras.filter((e) => REMARKS.some((r) => e.startsWith(r)));
  if (remarks.length > 0) state.remarks.set(entry, remarks);
}

const REMARKS = ['helper=', 'secctx=', 'labels='];

/** IPS_SRC_NAT and IPS_DST_NAT stand for a change that was made; a bound entry is done with both manips. */
function setNat(state: ConntrackState, entry: number, isBound: boolean): void {
  const isIcmpEntry = isIcmp(original.protocol);
  const isSourceChanged = reply.destination !== original.source || (isIcmpEntry ? reply.sourcePort !== original.sourcePort : reply.destinationPort !== original.sourcePort);
  const isDestinationChanged = reply.source !== original.destination || (!isIcmpEntry && reply.sourcePort !== original.destinationPort);
  if (isSourceChanged) state.table.setStatus(entry, IPS_SRC_NAT);
  if (isDestinationChanged) state.table.setStatus(entry, IPS_DST_NAT);
  if (!isBound && !isSourceChanged && !isDestinationChanged) return;
  state.table.linkBySource(entry);
  state.table.setStatus(entry, IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE);
}

function setProtocolState(state: ConntrackState, entry: number, capture: ConntrackCapture): void {
  const { words } = state.table;
  const data = entry * ENTRY_SIZE + W_PROTOCOL_DATA;
  switch (capture.protocol) {
    case PROTOCOL_TCP:
      state.tcp.setUnknownWindows(words[data], Math.max(0, TCP_STATE_NAMES.indexOf(capture.state as (typeof TCP_STATE_NAMES)[number])));
      break;
    case PROTOCOL_SCTP:
      words[data] = Math.max(0, SCTP_STATE_NAMES.indexOf(capture.state as (typeof SCTP_STATE_NAMES)[number]));
      break;
    case PROTOCOL_UDP:
    case PROTOCOL_UDPLITE: {
      // Its last packet was when the timer was set; an entry that is a stream already has been there for longer than 2 s.
      const age = Math.max(0, state.settings.values[SETTING_UDP] - capture.timeout * HZ);
      words[data] = (state.timestamp + (capture.isAssured ? -1 : 2 * HZ - age)) | 0;
      break;
    }
  }
}

function fill(tuple: Tuple, capture: TupleCapture, entry: ConntrackCapture, addresses: AddressTable): boolean {
  const source = parseAddress(capture.source);
  const destination = parseAddress(capture.destination);
  if (source === null || destination === null || source.family !== entry.family || destination.family !== entry.family) return false;
  tuple.family = entry.family;
  tuple.protocol = entry.protocol;
  tuple.source = addresses.handle(source);
  tuple.destination = addresses.handle(destination);
  tuple.sourcePort = capture.sourcePort;
  tuple.destinationPort = isIcmp(entry.protocol) ? (capture.icmpType << 8) | capture.icmpCode : capture.destinationPort;
  return true;
}

function zoneOfCapture(capture: ConntrackCapture): number {
  if (capture.zone !== 0) return capture.zone;
  if (capture.original.zone !== 0) return capture.original.zone | ZONE_ONLY_ORIGINAL;
  return capture.reply.zone === 0 ? 0 : capture.reply.zone | ZONE_ONLY_REPLY;
}

/** An entry as the tool would print it now. */
export function captureEntry(state: ConntrackState, m: ConntrackMachine, entry: number): ConntrackCapture {
  const { addresses, now } = m.environment;
  const { table } = state;
  const family = table.family(entry);
  const protocol = table.protocol(entry);
  const status = table.status(entry);
  const zones = [table.zone(entry, DIRECTION_ORIGINAL), table.zone(entry, DIRECTION_REPLY)] as const;
  const isOneZone = zones[0] === zones[1];
  const extras: string[] = [];
  for (let direction = DIRECTION_ORIGINAL; direction <= DIRECTION_REPLY; direction++) {
    const bytes = state.accounting.bytes(entry, direction);
    if (!Number.isNaN(bytes)) extras.push(`packets=${state.accounting.packets(entry, direction)}`, `bytes=${bytes}`);
  }
  if ((status & IPS_OFFLOAD) !== 0) extras.push('[OFFLOAD]');
  const start = state.accounting.startOf(entry);
  if (!Number.isNaN(start)) extras.push(`delta-time=${Math.floor((now - start) / 1e6)}`);
  extras.push(...(state.remarks.get(entry) ?? []));
  const protocolState = state.protocolState(entry);
  return {
    family,
    protocol,
    timeout: Math.max(0, Math.floor(state.remaining(entry, now))),
    state: protocol === PROTOCOL_TCP ? TCP_STATE_NAMES[protocolState] : protocol === PROTOCOL_SCTP ? SCTP_STATE_NAMES[protocolState] : null,
    original: captureTuple(state, entry, DIRECTION_ORIGINAL, addresses, family, isOneZone ? 0 : zones[0]),
    reply: captureTuple(state, entry, DIRECTION_REPLY, addresses, family, isOneZone ? 0 : zones[1]),
    isReplied: (status & IPS_SEEN_REPLY) !== 0,
    isAssured: (status & IPS_ASSURED) !== 0,
    mark: state.mark(entry) >>> 0,
    zone: isOneZone ? zones[0] : 0,
    extras,
    line: 0,
  };
}

function captureTuple(state: ConntrackState, entry: number, direction: number, addresses: AddressTable, family: Family, zone: number): TupleCapture {
  state.table.tuple(entry, direction, original);
  const { protocol, sourcePort, destinationPort } = original;
  const isIcmpEntry = isIcmp(protocol);
  return {
    source: addresses.format(family, original.source),
    destination: addresses.format(family, original.destination),
    sourcePort: isIcmpEntry || hasPorts(protocol) ? sourcePort : 0,
    destinationPort: isIcmpEntry ? sourcePort : hasPorts(protocol) ? destinationPort : 0,
    icmpType: isIcmpEntry ? destinationPort >> 8 : 0,
    icmpCode: isIcmpEntry ? destinationPort & 0xff : 0,
    zone,
  };
}
