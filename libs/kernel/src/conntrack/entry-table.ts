/**
 * All entries of one machine as one array of integers, and one open hash over both of their tuples.
 *
 * A slot of the hash holds `entry << 1 | direction` in its low bits and bits of the tuple's hash above, so that a probe seldom has to
 * look at a wrong entry. An unconfirmed entry is in the array but not in the hash. Numbers of freed entries are used again.
 */
import type { Family } from '@worldline/model';
import { DIRECTION_REPLY } from './constants.js';
import {
  ENTRY_SIZE,
  W_DESTINATION,
  W_META,
  W_NEXT,
  W_PORTS,
  W_REPLY,
  W_ZONES,
} from './entry-words.js';
import { SourceIndex } from './source-index.js';
import type { Tuple } from './tuple.js';

const META_PROTOCOL = 16;
const META_IPV6 = 1 << 24;
const META_HOLDER = 1 << 25;
/** An entry that holds nothing. */
const META_FREE = -1;

const META_KIND = 0x1ff0000; // protocol and family

const EMPTY = -1;
const DELETED = -2;
const SMALLEST_SLOTS = 64;
/** From this many entries on a table grows at once, by up to LEAP times, to what the run may need. */
const LARGE = 256;
const LEAP = 16;
/** Source, destination, ports, kind, zone. */
const VAIN_SIZE = 5;
const VAIN_KIND = 3;
/** The hash of a table that never had an entry; shared, and never written. */
const NO_SLOTS = Int32Array.of(EMPTY);
const NO_WORDS = new Int32Array(0);

export class EntryTable {
  words = NO_WORDS;
  /** By entry; never the same again once something that packets depend on has changed in it. */
  versions = NO_WORDS;
  /** Entries at positions from here on were never used. */
  end = 0;
  /** Unconfirmed and confirmed entries: what the kernel compares with nf_conntrack_max. */
  count = 0;

  /** How many entries the run may make: a table that has become large grows to hold them at once. */
  expected = 0;

  private free = -1;
  private slots = NO_SLOTS;
  /** The last two tuples that were looked for in vain since something was put into the hash. */
  private readonly vain = new Int32Array(2 * VAIN_SIZE).fill(-1);
  private vainTurn = 0;
  private usedSlots = 0;
  /** Bits of a slot that say which entry and direction. */
  private referenceMask = 1;
  private sources = new SourceIndex();

  get capacity(): number {
    return this.words.length / ENTRY_SIZE;
  }

  /** Bytes held for entries and hashes. */
  get byteLength(): number {
    return this.words.byteLength + this.versions.byteLength + this.slots.byteLength + this.sources.byteLength;
  }

  fork(): EntryTable {
    const copy = new EntryTable();
    copy.words = this.words.slice();
    copy.versions = this.versions.slice();
    copy.end = this.end;
    copy.expected = this.expected;
    copy.count = this.count;
    copy.free = this.free;
    copy.slots = this.slots.slice();
    copy.usedSlots = this.usedSlots;
    copy.referenceMask = this.referenceMask;
    copy.sources = this.sources.fork();
    return copy;
  }

  isUsed(entry: number): boolean {
    return entry < this.end && this.words[entry * ENTRY_SIZE + W_META] !== META_FREE;
  }

  family(entry: number): Family {
    return (this.words[entry * ENTRY_SIZE + W_META] & META_IPV6) === 0 ? 4 : 6;
  }

  protocol(entry: number): number {
    return (this.words[entry * ENTRY_SIZE + W_META] >>> META_PROTOCOL) & 0xff;
  }

  status(entry: number): number {
    return this.words[entry * ENTRY_SIZE + W_META] & 0xffff;
  }

  setStatus(entry: number, bits: number): void {
    this.words[entry * ENTRY_SIZE + W_META] |= bits;
  }

  clearStatus(entry: number, bits: number): void {
    this.words[entry * ENTRY_SIZE + W_META] &= ~bits;
  }

  /** Both directions' zones: the original's in the low half. */
  zones(entry: number): number {
    return this.words[entry * ENTRY_SIZE + W_ZONES];
  }

  zone(entry: number, direction: number): number {
    const zones = this.words[entry * ENTRY_SIZE + W_ZONES];
    return direction === DIRECTION_REPLY ? zones >>> 16 : zones & 0xffff;
  }

  tuple(entry: number, direction: number, tuple: Tuple): void {
    const { words } = this;
    const at = entry * ENTRY_SIZE;
    const o = direction === DIRECTION_REPLY ? at + W_REPLY : at;
    tuple.family = this.family(entry);
    tuple.protocol = this.protocol(entry);
    tuple.source = words[o];
    tuple.destination = words[o + 1];
    tuple.sourcePort = words[o + 2] >>> 16;
    tuple.destinationPort = words[o + 2] & 0xffff;
  }

  /** Replaces a direction's tuple. Only for entries that are not in the hash. */
  setTuple(entry: number, direction: number, tuple: Tuple): void {
    const { words } = this;
    const o = entry * ENTRY_SIZE + (direction === DIRECTION_REPLY ? W_REPLY : 0);
    words[o] = tuple.source;
    words[o + 1] = tuple.destination;
    words[o + 2] = (tuple.sourcePort << 16) | tuple.destinationPort;
  }

  /** Takes a place for a new entry, held by one packet and in no hash. */
  allocate(tuple: Tuple, reply: Tuple, zones: number): number {
    let entry = this.free;
    if (entry >= 0) this.free = this.words[entry * ENTRY_SIZE + W_NEXT];
    else {
      entry = this.end;
      if (entry === this.capacity) this.grow();
      this.end = entry + 1;
    }
    const at = entry * ENTRY_SIZE;
    this.words.fill(0, at, at + ENTRY_SIZE);
    this.words[at + W_META] = (tuple.protocol << META_PROTOCOL) | (tuple.family === 6 ? META_IPV6 : 0) | META_HOLDER;
    this.words[at + W_ZONES] = zones;
    this.words[at + W_NEXT] = -1;
    this.setTuple(entry, 0, tuple);
    this.setTuple(entry, DIRECTION_REPLY, reply);
    this.count++;
    return entry;
  }

  /** One more packet holds an unconfirmed entry. */
  hold(entry: number): void {
    this.words[entry * ENTRY_SIZE + W_META] += META_HOLDER;
  }

  /** One packet less; true when it was the last. */
  release(entry: number): boolean {
    const meta = (this.words[entry * ENTRY_SIZE + W_META] -= META_HOLDER);
    return meta < META_HOLDER;
  }

  /** No packet holds it any more as unconfirmed. */
  unhold(entry: number): void {
    this.words[entry * ENTRY_SIZE + W_META] &= META_HOLDER - 1;
  }

  /** Gives an entry's place back. It must be in no hash. */
  deallocate(entry: number): void {
    const at = entry * ENTRY_SIZE;
    this.words[at + W_META] = META_FREE;
    this.words[at + W_NEXT] = this.free;
    this.free = entry;
  }

  /**
   * `entry << 1 | direction` of the tuple, or -1. Expired ones are found too. It is looked for under `zone`, and an entry must have in the direction that is found
   * the zone of `zones` for that direction (nf_ct_key_equal): the original's in the low half, the reply's in the high one.
   */
  find(tuple: Tuple, zone: number, zones: number): number {
    const { slots, words, referenceMask } = this;
    const { source, destination } = tuple;
    const ports = (tuple.sourcePort << 16) | tuple.destinationPort;
    const kind = (tuple.protocol << META_PROTOCOL) | (tuple.family === 6 ? META_IPV6 : 0);
    if (this.isVain(source, destination, ports, kind, zone)) return -1;
    const h = hashTuple(source, destination, ports, kind, zone);
    const tag = h & ~referenceMask & 0x7fffffff;
    const mask = slots.length - 1;
    for (let at = h & mask; ; at = (at + 1) & mask) {
      const slot = slots[at];
      if (slot === EMPTY) {
        this.noteVain(source, destination, ports, kind, zone);
        return -1;
      }
      if (slot < 0 || (slot & ~referenceMask) !== tag) continue;
      const reference = slot & referenceMask;
      const e = (reference >> 1) * ENTRY_SIZE;
      const o = e + (reference & 1) * W_REPLY;
      if (
        words[o] === source &&
        words[o + W_DESTINATION] === destination &&
        words[o + W_PORTS] === ports &&
        (words[e + W_META] & META_KIND) === kind &&
        (((words[e + W_ZONES] ^ zones) >>> ((reference & 1) << 4)) & 0xffff) === 0
      ) {
        return reference;
      }
    }
  }

  private isVain(source: number, destination: number, ports: number, kind: number, zone: number): boolean {
    const { vain } = this;
    for (let at = 0; at < 2 * VAIN_SIZE; at += VAIN_SIZE) {
      if (vain[at] === source && vain[at + 1] === destination && vain[at + 2] === ports && vain[at + 3] === kind && vain[at + 4] === zone) return true;
    }
    return false;
  }

  private noteVain(source: number, destination: number, ports: number, kind: number, zone: number): void {
    const { vain, vainTurn: at } = this;
    vain[at] = source;
    vain[at + 1] = destination;
    vain[at + 2] = ports;
    vain[at + 3] = kind;
    vain[at + 4] = zone;
    this.vainTurn = VAIN_SIZE - at;
  }

  /** Puts a direction of an entry into the hash. The tuple must not be there yet. */
  insert(entry: number, direction: number): void {
    // no tuple is of this kind
    this.vain[VAIN_KIND] = -1;
    this.vain[VAIN_SIZE + VAIN_KIND] = -1;
    if (4 * (this.usedSlots + 1) > 3 * this.slots.length) this.rehash(this.referenceMask);
    const { slots } = this;
    const h = this.hash(entry, direction);
    const at = freeSlot(slots, h);
    if (slots[at] === EMPTY) this.usedSlots++;
    slots[at] = (h & ~this.referenceMask & 0x7fffffff) | (entry << 1) | direction;
  }

  /** Takes a direction of an entry out of the hash, if it is there. */
  remove(entry: number, direction: number): void {
    const { slots, referenceMask } = this;
    const reference = (entry << 1) | direction;
    const mask = slots.length - 1;
    for (let at = this.hash(entry, direction) & mask; slots[at] !== EMPTY; at = (at + 1) & mask) {
      if (slots[at] < 0 || (slots[at] & referenceMask) !== reference) continue;
      if (slots[(at + 1) & mask] === EMPTY) {
        slots[at] = EMPTY;
        this.usedSlots--;
      } else slots[at] = DELETED;
      return;
    }
  }

  /** Makes an entry known as the newest with its original source (nf_nat_setup_info). */
  linkBySource(entry: number): void {
    this.sources.link(this.words, entry, this.protocol(entry));
  }

  unlinkBySource(entry: number): void {
    this.sources.unlink(this.words, entry, this.protocol(entry));
  }

  /** The newest entry of those among which the ones with this original source are; go on by W_NEXT until -1. */
  firstBySource(tuple: Tuple): number {
    return this.sources.first(tuple.source, tuple.sourcePort, tuple.protocol);
  }

  private hash(entry: number, direction: number): number {
    const { words } = this;
    const e = entry * ENTRY_SIZE;
    const o = e + direction * W_REPLY;
    return hashTuple(words[o], words[o + 1], words[o + 2], words[e + W_META] & META_KIND, this.zone(entry, direction));
  }

  /** A quarter more room, as doubling would leave too much of it unused; a large table takes what the run may need in a few leaps. */
  private grow(): void {
    const leap = this.capacity < LARGE ? 0 : Math.min(this.expected, LEAP * this.capacity);
    const capacity = Math.max(this.capacity + Math.max(16, this.capacity >> 2), leap);
    const words = new Int32Array(ENTRY_SIZE * capacity);
    words.set(this.words);
    this.words = words;
    const versions = new Int32Array(capacity);
    versions.set(this.versions);
    this.versions = versions;
    let referenceMask = this.referenceMask;
    while (referenceMask < 2 * capacity - 1) referenceMask = 2 * referenceMask + 1;
    if (referenceMask !== this.referenceMask) this.rehash(referenceMask, leap);
    this.sources.fit(this.words, capacity, (entry) => this.protocol(entry));
  }

  /** Makes the hash anew, without deleted slots, at most half full, and with room for `entries`. */
  private rehash(referenceMask: number, entries = 0): void {
    const old = this.slots;
    let used = 0;
    for (const slot of old) if (slot >= 0) used++;
    let length = SMALLEST_SLOTS;
    while (length < 2 * used + 2 || 3 * length < 8 * entries) length *= 2;
    const slots = new Int32Array(length).fill(EMPTY);
    for (const slot of old) {
      if (slot < 0) continue;
      const reference = slot & this.referenceMask;
      const h = this.hash(reference >> 1, reference & 1);
      slots[freeSlot(slots, h)] = (h & ~referenceMask & 0x7fffffff) | reference;
    }
    this.slots = slots;
    this.usedSlots = used;
    this.referenceMask = referenceMask;
  }
}

/** The first slot from a hash's own on that holds nothing. */
function freeSlot(slots: Int32Array, hash: number): number {
  const mask = slots.length - 1;
  let at = hash & mask;
  while (slots[at] >= 0) at = (at + 1) & mask;
  return at;
}

function hashTuple(source: number, destination: number, ports: number, kind: number, zone: number): number {
  let h = Math.imul(source ^ kind, 0x9e3779b1) ^ zone;
  h = Math.imul(h ^ (h >>> 15) ^ destination, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13) ^ ports, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
