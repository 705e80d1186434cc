/**
 * Longest-prefix match over a fixed set of routes: one open-addressing hash for all prefix lengths, probed from the longest length that occurs.
 * Made anew whenever a route changes; reading it allocates nothing.
 */
import { maskWord, type Family } from '@worldline/model';
import type { AddressTable } from '../packet/index.js';
import { TABLE_LOCAL, type Route } from './route.js';

const ENTRY = 6; // four masked words, length, position of the first route

export class PrefixTable {
  /** Routes of one prefix stand together, best first. */
  readonly routes: readonly Route[];
  /** Route r is the last of its prefix. */
  private readonly isLast: Uint8Array;
  private readonly slots: Int32Array;
  private readonly entries: Int32Array;
  private readonly lengths: Int32Array;
  private readonly mask: number;

  constructor(
    routes: readonly Route[],
    private readonly family: Family,
    private readonly addresses: AddressTable,
  ) {
    const groups = groupByPrefix(routes, family, addresses);
    const lengths = new Set<number>();
    const size = capacity(groups.length);
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    this.entries = new Int32Array(groups.length * ENTRY);
    const ordered: Route[] = [];
    const last: number[] = [];
    groups.forEach((group, index) => {
      const at = index * ENTRY;
      const [first] = group;
      lengths.add(first.prefixLength);
      for (let i = 0; i < 4; i++) this.entries[at + i] = wordOf(addresses, family, first.destination, i) & maskWord(first.prefixLength, i);
      this.entries[at + 4] = first.prefixLength;
      this.entries[at + 5] = ordered.length;
      this.insert(at);
      for (const route of group) {
        ordered.push(route);
        last.push(0);
      }
      last[last.length - 1] = 1;
    });
    this.routes = ordered;
    this.isLast = Uint8Array.from(last);
    this.lengths = Int32Array.from([...lengths].sort((a, b) => b - a));
  }

  /** Number of distinct lengths; a walk goes from 0, the longest. */
  get lengthCount(): number {
    return this.lengths.length;
  }

  /** Position in `routes` of the best route of the `which`th length that covers an address, -1 for none. */
  first(which: number, handle: number): number {
    const length = this.lengths[which];
    const { entries, slots, mask } = this;
    if (this.family === 4) {
      const w = handle & maskWord(length, 0);
      let at = hash4(w, length) & mask;
      for (;;) {
        const e = slots[at];
        if (e < 0) return -1;
        if (entries[e] === w && entries[e + 4] === length) return entries[e + 5];
        at = (at + 1) & mask;
      }
    }
    return this.first6(length, handle);
  }

  /** The next route of the same prefix, -1 after the last. */
  next(position: number): number {
    return this.isLast[position] === 1 ? -1 : position + 1;
  }

  private first6(length: number, handle: number): number {
    const { entries, slots, mask, addresses } = this;
    const w0 = addresses.word6(handle, 0) & maskWord(length, 0);
    const w1 = addresses.word6(handle, 1) & maskWord(length, 1);
    const w2 = addresses.word6(handle, 2) & maskWord(length, 2);
    const w3 = addresses.word6(handle, 3) & maskWord(length, 3);
    let at = hash6(w0, w1, w2, w3, length) & mask;
    for (;;) {
      const e = slots[at];
      if (e < 0) return -1;
      if (entries[e] === w0 && entries[e + 1] === w1 && entries[e + 2] === w2 && entries[e + 3] === w3 && entries[e + 4] === length) return entries[e + 5];
      at = (at + 1) & mask;
    }
  }

  private insert(entry: number): void {
    const { entries, slots, mask } = this;
    const length = entries[entry + 4];
    const h = this.family === 4 ? hash4(entries[entry], length) : hash6(entries[entry], entries[entry + 1], entries[entry + 2], entries[entry + 3], length);
    let at = h & mask;
    while (slots[at] >= 0) at = (at + 1) & mask;
    slots[at] = entry;
  }
}

/** Word `i` of an address, left-aligned: an IPv4 address stands in word 0. */
function wordOf(addresses: AddressTable, family: Family, handle: number, i: number): number {
  if (family === 6) return addresses.word6(handle, i);
  return i === 0 ? handle : 0;
}

function groupByPrefix(routes: readonly Route[], family: Family, addresses: AddressTable): Route[][] {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const words = [0, 1, 2, 3].map((i) => wordOf(addresses, family, route.destination, i) & maskWord(route.prefixLength, i));
    const key = `${words.join()}/${route.prefixLength}`;
    const group = groups.get(key);
    if (group) group.push(route);
    else groups.set(key, [route]);
  }
  for (const group of groups.values()) group.sort(compareRoutes);
  return [...groups.values()];
}

/**
 * Order of routes of one prefix: the local table before main where both share a trie, then TOS, then metric (fib_find_alias, fib6_add_rt2node).
 * Array.sort is stable, so equals keep the order in which they were added.
 */
function compareRoutes(a: Route, b: Route): number {
  const tables = Number(b.table === TABLE_LOCAL) - Number(a.table === TABLE_LOCAL);
  return tables || b.tos - a.tos || a.metric - b.metric;
}

function capacity(count: number): number {
  let size = 8;
  while (size < 2 * count) size *= 2;
  return size;
}

function hash4(w: number, length: number): number {
  let h = Math.imul(w ^ length, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return h ^ (h >>> 13);
}

function hash6(w0: number, w1: number, w2: number, w3: number, length: number): number {
  let h = Math.imul(w0 ^ length, 0x9e3779b1) ^ Math.imul(w1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ w2, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ w3, 0x27d4eb2f);
  return h ^ (h >>> 16);
}
