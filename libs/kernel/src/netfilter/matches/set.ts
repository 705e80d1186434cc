/** `set` (xt_set.c set_match_v4; 6.18). */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import { COUNTER_EQUAL, COUNTER_GREATER, COUNTER_LESS, COUNTER_NONE, COUNTER_NOT_EQUAL, DIMENSION_SHIFT, SET_MATCH_COUNTERS, SET_RETURN_NOMATCH, SET_SKIP_COUNTERS, SET_SKIP_SUBCOUNTERS } from '../ipset/index.js';
import type { Evaluate } from './answer.js';

const SET = fieldIn('set', 'match-set');
const SET_BIT = bitIn('set', 'match-set');
const NOMATCH_BIT = bitIn('set', 'return-nomatch');
const COUNTERS_BIT = bitIn('set', 'update-counters');
const SUBCOUNTERS_BIT = bitIn('set', 'update-subcounters');

interface Comparison {
  readonly equal: number;
  readonly equalBit: number;
  readonly less: number;
  readonly lessBit: number;
  readonly greater: number;
  readonly greaterBit: number;
}
const comparison = (name: string): Comparison => ({
  equal: fieldIn('set', `${name}-eq`),
  equalBit: bitIn('set', `${name}-eq`),
  less: fieldIn('set', `${name}-lt`),
  lessBit: bitIn('set', `${name}-lt`),
  greater: fieldIn('set', `${name}-gt`),
  greaterBit: bitIn('set', `${name}-gt`),
});
const PACKETS = comparison('packets');
const BYTES = comparison('bytes');
const COMPARED = PACKETS.equalBit | PACKETS.lessBit | PACKETS.greaterBit | BYTES.equalBit | BYTES.lessBit | BYTES.greaterBit;

export const matchSet: Evaluate = (m, p, code, at) => {
  const { netfilter } = m;
  const isInverted = (code[at + RECORD_INVERTED] & SET_BIT) !== 0;
  const position = netfilter.setPosition(code[at + SET]);
  // Sets of the other family, or none: iptables refuses such a rule; nothing is ever in it
  if (position < 0) return isInverted;
  if (!netfilter.ipsets.isPure(position)) m.environment.effects.refuse();
  const given = code[at + RECORD_GIVEN];
  const inverted = code[at + RECORD_INVERTED];
  const directions = directionsAt(code, at + SET + 1);
  let flags = (given & NOMATCH_BIT) !== 0 ? SET_RETURN_NOMATCH : 0;
  if ((given & inverted & COUNTERS_BIT) !== 0) flags |= SET_SKIP_COUNTERS;
  if ((given & inverted & SUBCOUNTERS_BIT) !== 0) flags |= SET_SKIP_SUBCOUNTERS;
  const { ipsets, inputName, outputName } = netfilter;
  if ((given & COMPARED) === 0) return ipsets.test(p, position, directions, flags, inputName, outputName) !== isInverted;
  const packets = operatorOf(PACKETS, given, inverted);
  const bytes = operatorOf(BYTES, given, inverted);
  return (
    ipsets.testCounters(
      p, position, directions, flags | SET_MATCH_COUNTERS, inputName, outputName,
      packets, valueOf(PACKETS, packets, code, at), bytes, valueOf(BYTES, bytes, code, at),
    ) !== isInverted
  );
};

/** Directions as the ipset room packs them, from a count and a bit per `src`. */
export function directionsAt(code: Int32Array, at: number): number {
  return (code[at] << DIMENSION_SHIFT) | (code[at + 1] << 1);
}

function operatorOf(c: Comparison, given: number, inverted: number): number {
  if ((given & c.equalBit) !== 0) return (inverted & c.equalBit) !== 0 ? COUNTER_NOT_EQUAL : COUNTER_EQUAL;
  if ((given & c.lessBit) !== 0) return COUNTER_LESS;
  return (given & c.greaterBit) !== 0 ? COUNTER_GREATER : COUNTER_NONE;
}

function valueOf(c: Comparison, operator: number, code: Int32Array, at: number): number {
  const field = operator === COUNTER_LESS ? c.less : operator === COUNTER_GREATER ? c.greater : c.equal;
  return (code[at + field] >>> 0) * 0x1_0000_0000 + (code[at + field + 1] >>> 0);
}
