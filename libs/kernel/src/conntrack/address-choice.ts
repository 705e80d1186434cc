/** Which address of a NAT range: find_best_ips_proto and nf_nat_inet_in_range (net/netfilter/nf_nat_core.c, Linux 6.18). */
import type { Family } from '@worldline/model';
import { jhash2, swapWord, type AddressTable } from '../packet/index.js';
import { MANIP_SOURCE, RANGE_MAP_IPS, RANGE_PERSISTENT } from './constants.js';
import type { NatRange } from './nat-range.js';
import type { Tuple } from './tuple.js';

const words = new Int32Array(4);

/** Whether an address lies between the range's first and last. */
export function isAddressInRange(addresses: AddressTable, family: Family, address: number, range: NatRange): boolean {
  return compare(addresses, family, address, range.minAddress) >= 0 && compare(addresses, family, address, range.maxAddress) <= 0;
}

function compare(addresses: AddressTable, family: Family, one: number, two: number): number {
  if (family === 4) return (one >>> 0) - (two >>> 0);
  for (let i = 0; i < 4; i++) {
    const difference = (addresses.word6(one, i) >>> 0) - (addresses.word6(two, i) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Sets the manipulated address of `tuple`: of several, one by the kernel's own hash of source and, unless persistent, destination. */
export function chooseAddress(addresses: AddressTable, tuple: Tuple, range: NatRange, manip: number, zone: number): void {
  if ((range.flags & RANGE_MAP_IPS) === 0) return;
  const address = range.minAddress === range.maxAddress ? range.minAddress : spread(addresses, tuple, range, manip, zone);
  if (manip === MANIP_SOURCE) tuple.source = address;
  else tuple.destination = address;
}

function spread(addresses: AddressTable, tuple: Tuple, range: NatRange, manip: number, zone: number): number {
  const { family } = tuple;
  const isPersistent = (range.flags & RANGE_PERSISTENT) !== 0;
  const last = family === 4 ? 0 : 3;
  const initial = isPersistent ? 0 : swapWord(wordOf(addresses, family, tuple.destination, last)) ^ zone;
  let j = hashSource(addresses, family, tuple.source, initial);
  let isFullRange = false;
  for (let i = 0; i <= last; i++) {
    let min = 0;
    let distance = 0xffffffff;
    if (!isFullRange) {
      min = wordOf(addresses, family, range.minAddress, i) >>> 0;
      distance = ((wordOf(addresses, family, range.maxAddress, i) >>> 0) - min + 1) >>> 0;
    }
    words[i] = (min + reciprocalScale(j, distance)) | 0;
    if (words[i] !== wordOf(addresses, family, range.maxAddress, i)) isFullRange = true;
    // Where the destination is chosen, the kernel has written its new word already.
    if (!isPersistent) j = (j ^ swapWord(manip === MANIP_SOURCE ? wordOf(addresses, family, tuple.destination, i) : words[i])) >>> 0;
  }
  return family === 4 ? words[0] : addresses.intern6(words[0], words[1], words[2], words[3]);
}

function wordOf(addresses: AddressTable, family: Family, handle: number, index: number): number {
  return family === 4 ? (index === 0 ? handle : 0) : addresses.word6(handle, index);
}

/** The upper half of a 64-bit product. */
function reciprocalScale(value: number, range: number): number {
  const high = (value >>> 16) * range;
  const low = (value & 0xffff) * range;
  return Math.floor((high + Math.floor(low / 0x10000)) / 0x10000);
}

/** jhash2 over the four words of an address. */
function hashSource(addresses: AddressTable, family: Family, handle: number, initial: number): number {
  for (let i = 0; i < 4; i++) words[i] = swapWord(wordOf(addresses, family, handle, i));
  return jhash2(words, 4, initial) >>> 0;
}
