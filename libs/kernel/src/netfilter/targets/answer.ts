import type { PacketContext } from '../../packet/index.js';
import type { NetfilterMachine } from '../machine-view.js';

/** What a target makes of a packet: RULE_* of record; RULE_CONTINUE goes on with the next rule. */
export type Act = (m: NetfilterMachine, p: PacketContext, code: Int32Array, at: number) => number;

/** The target has dropped the packet for a reason of its own, which stands in the context already. */
export const RULE_FAILED = -1;
