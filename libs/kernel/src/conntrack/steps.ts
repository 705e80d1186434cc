/** What this room writes into a packet's record: see STEP_CONNTRACK, STEP_TRANSFORM and STEP_NAT_SKIPPED in record/step-code.ts. */
import type { PacketContext } from '../packet/index.js';
import { STEP_CONNTRACK, STEP_TRANSFORM, type Recorder } from '../record/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import { DIRECTION_REPLY } from './constants.js';
import { Tuple, tupleOfPacket } from './tuple.js';

const tuple = new Tuple();

/** One decision about the packet's entry, with both tuples; without an entry the packet's own tuple and nothing. */
export function recordConntrack(state: ConntrackState, m: ConntrackMachine, p: PacketContext, action: number): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step2(p, STEP_CONNTRACK, action, p.conntrackInfo);
  if (p.conntrack >= 0) state.tuple(p.conntrack, 0, tuple);
  else tupleOfPacket(p, tuple);
  recorder.detail(p, tuple.family);
  recorder.detail(p, tuple.protocol);
  detailTuple(recorder, p);
  if (p.conntrack >= 0) state.tuple(p.conntrack, DIRECTION_REPLY, tuple);
  else {
    tuple.source = 0;
    tuple.destination = 0;
    tuple.sourcePort = 0;
    tuple.destinationPort = 0;
  }
  detailTuple(recorder, p);
}

function detailTuple(recorder: Recorder, p: PacketContext): void {
  recorder.detail(p, tuple.source);
  recorder.detail(p, tuple.destination);
  recorder.detail(p, tuple.sourcePort);
  recorder.detail(p, tuple.destinationPort);
}

/** What is to be recorded of a translation; reused. */
export const transform = { manip: 0, cause: 0, address: 0, port: 0, isDrawn: 0, addressBefore: 0, portBefore: 0, addressAfter: 0, portAfter: 0 };

export function recordTransform(m: ConntrackMachine, p: PacketContext): void {
  const { recorder } = m.environment;
  if (!recorder.isOn) return;
  recorder.step5(p, STEP_TRANSFORM, transform.manip, transform.cause, transform.address, transform.port, transform.isDrawn);
  recorder.detail(p, p.family);
  recorder.detail(p, transform.addressBefore);
  recorder.detail(p, transform.portBefore);
  recorder.detail(p, transform.addressAfter);
  recorder.detail(p, transform.portAfter);
}
