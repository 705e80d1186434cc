/** `quota` (xt_quota.c; 6.18): bytes left; a packet that is too long takes the rest away. */
import { CLAUSE_SIZE_SHIFT, RECORD_INVERTED, fieldIn } from '@worldline/language';
import type { Evaluate } from './answer.js';

const QUOTA = fieldIn('quota', 'quota');

export function initQuota(code: Int32Array, at: number, memory: Float64Array, place: number): void {
  memory[place] = (code[at + QUOTA] >>> 0) * 0x1_0000_0000 + (code[at + QUOTA + 1] >>> 0);
}

export const matchQuota: Evaluate = (m, p, code, at) => {
  const { netfilter } = m;
  m.environment.effects.refuse();
  const place = netfilter.statePlace(code[at + (code[at] >>> CLAUSE_SIZE_SHIFT) - 1]);
  const memory = netfilter.stateValues;
  const isInverted = code[at + RECORD_INVERTED] !== 0;
  if (memory[place] >= p.length) {
    memory[place] -= p.length;
    return !isInverted;
  }
  memory[place] = 0;
  return isInverted;
};
