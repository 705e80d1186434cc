/** What a member carries beside its key. */
import type { MemberOptions } from '@worldline/language';
import { PERMANENT } from './element-table.js';
import type { KernelSet } from './kernel-set.js';

/** Microseconds. */
export const SECOND = 1_000_000;

/** Writes the extensions as a command gives them, or as the set's defaults say. */
export function writeExtensions(set: KernelSet, e: number, options: MemberOptions, now: number): void {
  const { table, spec } = set;
  table.isNomatch[e] = options.isNomatch ? 1 : 0;
  if (table.wildcards !== null) table.wildcards[e] = options.isWildcard ? 1 : 0;
  if (table.expiries !== null) {
    const seconds = options.timeout ?? spec.timeout ?? 0;
    table.expiries[e] = seconds === 0 ? PERMANENT : now + seconds * SECOND;
  }
  if (table.packets !== null && options.packets !== null) table.packets[e] = options.packets;
  if (table.bytes !== null && options.bytes !== null) table.bytes[e] = options.bytes;
  if (table.comments !== null) table.comments[e] = options.comment;
  if (table.skbinfo !== null) {
    table.skbinfo[4 * e] = options.skbmark ?? 0;
    table.skbinfo[4 * e + 1] = options.skbmark === null ? 0 : options.skbmarkMask;
    table.skbinfo[4 * e + 2] = options.skbprio ?? 0;
    table.skbinfo[4 * e + 3] = options.skbqueue ?? 0;
  }
}
