import { CLAUSE_INVERTED } from '@worldline/language';
import type { PacketContext } from '../../packet/index.js';
import type { NetfilterMachine } from '../machine-view.js';

/** Whether a packet satisfies the clause at `at`, inversion included. */
export type Evaluate = (m: NetfilterMachine, p: PacketContext, code: Int32Array, at: number) => boolean;

export function isInverted(code: Int32Array, at: number): boolean {
  return (code[at] & CLAUSE_INVERTED) !== 0;
}

/** Compares as the kernel compares unsigned 32-bit numbers. */
export function isWithin(value: number, low: number, high: number): boolean {
  const v = value >>> 0;
  return v >= low >>> 0 && v <= high >>> 0;
}
