/** `connbytes` (net/netfilter/xt_connbytes.c connbytes_mt; 6.18): packets and bytes that a connection has carried, this one included. */
import { RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import { DIRECTION_ORIGINAL, DIRECTION_REPLY } from '../../conntrack/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import type { Evaluate } from './answer.js';

const RANGE = fieldIn('connbytes', 'connbytes');
const RANGE_BIT = bitIn('connbytes', 'connbytes');
const MODE = fieldIn('connbytes', 'connbytes-mode');
const DIRECTION = fieldIn('connbytes', 'connbytes-dir');
const MODE_PACKETS = 0;
const MODE_BYTES = 1;
const BOTH = 2;

/** Two words; what is above 2^53 is more than any connection carries. */
const wide = (code: Int32Array, at: number): number => (code[at] >>> 0) * 0x1_0000_0000 + (code[at + 1] >>> 0);

/** An entry that began without accounting does not match, inverted or not. */
export const matchConnbytes: Evaluate = (m, p, code, at) => {
  m.environment.effects.refuse();
  if (p.conntrack < 0) return false;
  const packets = sum(m, p.conntrack, code[at + DIRECTION], true);
  if (Number.isNaN(packets)) return false;
  const mode = code[at + MODE];
  const bytes = mode === MODE_PACKETS ? 0 : sum(m, p.conntrack, code[at + DIRECTION], false);
  const what = mode === MODE_PACKETS ? packets : mode === MODE_BYTES ? bytes : packets === 0 ? 0 : Math.floor(bytes / packets);
  const isInside = what >= wide(code, at + RANGE) && what <= wide(code, at + RANGE + 2);
  return isInside !== ((code[at + RECORD_INVERTED] & RANGE_BIT) !== 0);
};

function sum(m: NetfilterMachine, entry: number, direction: number, isPackets: boolean): number {
  const { accounting } = m.conntrack;
  const of = (d: number): number => (isPackets ? accounting.packets(entry, d) : accounting.bytes(entry, d));
  return direction === BOTH ? of(DIRECTION_ORIGINAL) + of(DIRECTION_REPLY) : of(direction);
}
