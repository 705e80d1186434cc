/** What this room writes into a packet's record: see STEP_CONNTRACK, STEP_TRANSFORM and STEP_NAT_SKIPPED in record/step-code.ts. */
import type { PacketContext } from '../packet/index.js';
import { STEP_CONNTRACK, STEP_DETAILS, STEP_TRANSFORM } from '../record/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import { ENTRY_SIZE, W_DESTINATION, W_PORTS, W_REPLY } from './entry-words.js';
import { Tuple, tupleOfPacket } from './tuple.js';

const CONNTRACK_DETAILS = STEP_DETAILS[STEP_CONNTRACK];
const TRANSFORM_DETAILS = STEP_DETAILS[STEP_TRANSFORM];

const tuple = new Tuple();

/** One decision about the packet's entry, with both tuples; without an entry the packet's own tuple and nothing. */
export function recordConntrack(state: ConntrackState, m: ConntrackMachine, p: PacketContext, action: number): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step2(p, STEP_CONNTRACK, action, p.conntrackInfo);
  const { conntrack: entry, detailCount } = p;
  const details = roomForDetails(p, CONNTRACK_DETAILS);
  details[detailCount] = p.family;
  details[detailCount + 1] = p.protocol;
  if (entry >= 0) {
    const { words } = state.table;
    copyTuple(details, detailCount + 2, words, entry * ENTRY_SIZE);
    copyTuple(details, detailCount + 6, words, entry * ENTRY_SIZE + W_REPLY);
  } else {
    tupleOfPacket(p, tuple);
    details[detailCount + 2] = tuple.source;
    details[detailCount + 3] = tuple.destination;
    details[detailCount + 4] = tuple.sourcePort;
    details[detailCount + 5] = tuple.destinationPort;
    details.fill(0, detailCount + 6, detailCount + 10);
  }
  p.detailCount = detailCount + CONNTRACK_DETAILS;
}

function copyTuple(details: Int32Array, at: number, words: Int32Array, from: number): void {
  details[at] = words[from];
  details[at + 1] = words[from + W_DESTINATION];
  details[at + 2] = words[from + W_PORTS] >>> 16;
  details[at + 3] = words[from + W_PORTS] & 0xffff;
}

/** The packet's details, with room for some more: written at once, for this is on every packet's way. */
function roomForDetails(p: PacketContext, count: number): Int32Array {
  if (p.detailCount + count > p.details.length) {
    const wider = new Int32Array(2 * p.details.length + count);
    wider.set(p.details);
    p.details = wider;
  }
  return p.details;
}

/** What is to be recorded of a translation; reused. */
export const transform = { manip: 0, cause: 0, address: 0, port: 0, isDrawn: 0, addressBefore: 0, portBefore: 0, addressAfter: 0, portAfter: 0 };

export function recordTransform(m: ConntrackMachine, p: PacketContext): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step5(p, STEP_TRANSFORM, transform.manip, transform.cause, transform.address, transform.port, transform.isDrawn);
  const at = p.detailCount;
  const details = roomForDetails(p, TRANSFORM_DETAILS);
  details[at] = p.family;
  details[at + 1] = transform.addressBefore;
  details[at + 2] = transform.portBefore;
  details[at + 3] = transform.addressAfter;
  details[at + 4] = transform.portAfter;
  p.detailCount = at + TRANSFORM_DETAILS;
}
