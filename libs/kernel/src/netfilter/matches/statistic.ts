/** `statistic` (xt_statistic.c; 6.18): by chance, or every n-th packet of the rule. */
import { CLAUSE_SIZE_SHIFT, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import type { Evaluate } from './answer.js';

const MODE = fieldIn('statistic', 'mode');
const PROBABILITY = fieldIn('statistic', 'probability');
const PROBABILITY_BIT = bitIn('statistic', 'probability');
const EVERY = fieldIn('statistic', 'every');
const EVERY_BIT = bitIn('statistic', 'every');
const PACKET = fieldIn('statistic', 'packet');
const RANDOM = 0;
/** The kernel compares 31 random bits with the probability. */
const ONE = 0x8000_0000;

/** One double: packets since the last that matched; the tool sets it so that packet number `--packet` of each round does. */
export function initStatistic(code: Int32Array, at: number, memory: Float64Array, place: number): void {
  memory[place] = (code[at + EVERY] >>> 0) - 1 - (code[at + PACKET] >>> 0);
}

export const matchStatistic: Evaluate = (m, _, code, at) => {
  const { netfilter } = m;
  m.environment.effects.refuse();
  if (code[at + MODE] === RANDOM) {
    const isInverted = (code[at + RECORD_INVERTED] & PROBABILITY_BIT) !== 0;
    const probability = code[at + PROBABILITY] >>> 0;
    if (probability === ONE || probability === 0) return (probability === ONE) !== isInverted;
    return m.environment.chooser.chance(probability, ONE) !== isInverted;
  }
  const place = netfilter.statePlace(code[at + (code[at] >>> CLAUSE_SIZE_SHIFT) - 1]);
  const memory = netfilter.stateValues;
  const isInverted = (code[at + RECORD_INVERTED] & EVERY_BIT) !== 0;
  const next = memory[place] === (code[at + EVERY] >>> 0) - 1 ? 0 : memory[place] + 1;
  memory[place] = next;
  return (next === 0) !== isInverted;
};
