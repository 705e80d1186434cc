/**
 * Members of one set: an open hash table over fixed-size keys of integers, and beside it what each member carries.
 *
 * Members keep their index while they live; freed indexes are used again. Linear probing over a power of two, at most half full.
 */
import type { IpsetSpec } from '@worldline/language';
import type { NameTable } from '../../packet/index.js';

const NONE = -1;
const GONE = -2;
const FIRST_CAPACITY = 16;

/** Expiry of a member that stays. */
export const PERMANENT = Infinity;

export class ElementTable {
  /** Key of member e: `keys[e * stride] ...`. */
  keys: Int32Array;
  /** 1 while the member lives. */
  alive: Uint8Array;
  /** The later it came, the larger. */
  arrivals: Float64Array;
  isNomatch: Uint8Array;
  /** 1 where the last word of the key names the beginning of a device's name; null for types without interfaces. */
  wildcards: Uint8Array | null;
  /** Time of expiry in microseconds; null where the set has no timeouts. */
  expiries: Float64Array | null;
  packets: Float64Array | null;
  bytes: Float64Array | null;
  comments: (string | null)[] | null;
  /** Mark, mask, priority, queue per member. */
  skbinfo: Int32Array | null;
  /** MAC ids of bitmap:ip,mac, -1 while open. */
  macs: Int32Array | null;
  /** Members that live. */
  count = 0;
  /** Indexes ever used. */
  used = 0;
  /** After `find`: whether a member with the same hashed words but another rest was seen. */
  isNear = false;

  private slots: Int32Array;
  private freed: number[] = [];
  private arrived = 0;
  private gone = 0;

  /** `hashed` words of the `stride` decide the bucket; the rest (an interface) only tells members apart. */
  constructor(
    readonly stride: number,
    readonly hashed: number,
    spec: IpsetSpec,
    /** What the last word of the key is an id of, for types with interfaces. */
    private readonly names: NameTable,
  ) {
    this.keys = new Int32Array(FIRST_CAPACITY * stride);
    this.alive = new Uint8Array(FIRST_CAPACITY);
    this.arrivals = new Float64Array(FIRST_CAPACITY);
    this.isNomatch = new Uint8Array(FIRST_CAPACITY);
    this.wildcards = hashed < stride ? new Uint8Array(FIRST_CAPACITY) : null;
    this.expiries = spec.timeout === null ? null : new Float64Array(FIRST_CAPACITY);
    this.packets = spec.hasCounters ? new Float64Array(FIRST_CAPACITY) : null;
    this.bytes = spec.hasCounters ? new Float64Array(FIRST_CAPACITY) : null;
    this.comments = spec.hasComments ? [] : null;
    this.skbinfo = spec.hasSkbinfo ? new Int32Array(4 * FIRST_CAPACITY) : null;
    this.macs = spec.type.name === 'bitmap:ip,mac' ? new Int32Array(FIRST_CAPACITY) : null;
    this.slots = new Int32Array(4 * FIRST_CAPACITY).fill(NONE);
  }

  /** The member with this key, or -1. */
  find(key: Int32Array): number {
    const { slots, keys, stride, hashed } = this;
    const mask = slots.length - 1;
    this.isNear = false;
    let at = hashOf(key, 0, hashed) & mask;
    for (;;) {
      const e = slots[at];
      if (e === NONE) return -1;
      if (e >= 0) {
        const o = e * stride;
        let i = 0;
        while (i < hashed && keys[o + i] === key[i]) i++;
        if (i === hashed) {
          while (i < stride && keys[o + i] === key[i]) i++;
          if (i === stride || (this.wildcards !== null && this.wildcards[e] === 1 && this.begins(e, key))) return e;
          this.isNear = true;
        }
      }
      at = (at + 1) & mask;
    }
  }

  /** Adds a key that is not there; its extensions are blank. */
  add(key: Int32Array): number {
    const e = this.freed.pop() ?? this.used++;
    if (e >= this.alive.length) this.grow();
    this.keys.set(key.subarray(0, this.stride), e * this.stride);
    this.alive[e] = 1;
    this.arrivals[e] = ++this.arrived;
    this.count++;
    this.isNomatch[e] = 0;
    if (this.wildcards !== null) this.wildcards[e] = 0;
    if (this.expiries !== null) this.expiries[e] = PERMANENT;
    if (this.packets !== null) this.packets[e] = 0;
    if (this.bytes !== null) this.bytes[e] = 0;
    if (this.comments !== null) this.comments[e] = null;
    if (this.skbinfo !== null) this.skbinfo.fill(0, 4 * e, 4 * e + 4);
    if (this.macs !== null) this.macs[e] = -1;
    if (2 * (this.count + this.gone) > this.slots.length) this.rehash();
    else this.insert(e);
    return e;
  }

  remove(e: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = hashOf(this.keys, e * this.stride, this.hashed) & mask;
    while (slots[at] !== e) at = (at + 1) & mask;
    slots[at] = GONE;
    this.gone++;
    this.alive[e] = 0;
    this.count--;
    this.freed.push(e);
  }

  clear(): void {
    this.slots.fill(NONE);
    this.alive.fill(0);
    this.freed = [];
    this.count = 0;
    this.used = 0;
    this.gone = 0;
  }

  fork(spec: IpsetSpec): ElementTable {
    const copy = new ElementTable(this.stride, this.hashed, spec, this.names);
    copy.keys = this.keys.slice();
    copy.alive = this.alive.slice();
    copy.arrivals = this.arrivals.slice();
    copy.arrived = this.arrived;
    copy.isNomatch = this.isNomatch.slice();
    copy.wildcards = this.wildcards?.slice() ?? null;
    copy.expiries = this.expiries?.slice() ?? null;
    copy.packets = this.packets?.slice() ?? null;
    copy.bytes = this.bytes?.slice() ?? null;
    copy.comments = this.comments?.slice() ?? null;
    copy.skbinfo = this.skbinfo?.slice() ?? null;
    copy.macs = this.macs?.slice() ?? null;
    copy.slots = this.slots.slice();
    copy.freed = this.freed.slice();
    copy.count = this.count;
    copy.used = this.used;
    copy.gone = this.gone;
    return copy;
  }

  /** hash_netiface4_data_equal with `wildcard`. */
  private begins(e: number, key: Int32Array): boolean {
    const last = this.stride - 1;
    return this.names.name(key[last]).startsWith(this.names.name(this.keys[e * this.stride + last]));
  }

  private insert(e: number): void {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = hashOf(this.keys, e * this.stride, this.hashed) & mask;
    while (slots[at] >= 0) at = (at + 1) & mask;
    if (slots[at] === GONE) this.gone--;
    slots[at] = e;
  }

  private rehash(): void {
    let size = 4 * FIRST_CAPACITY;
    while (size < 4 * this.count) size *= 2;
    this.slots = new Int32Array(size).fill(NONE);
    this.gone = 0;
    for (let e = 0; e < this.used; e++) if (this.alive[e] === 1) this.insert(e);
  }

  private grow(): void {
    const capacity = 2 * this.alive.length;
    this.keys = widened(this.keys, capacity * this.stride);
    this.alive = bytesWidened(this.alive, capacity);
    this.arrivals = floatsWidened(this.arrivals, capacity);
    this.isNomatch = bytesWidened(this.isNomatch, capacity);
    this.wildcards = this.wildcards && bytesWidened(this.wildcards, capacity);
    this.expiries = this.expiries && floatsWidened(this.expiries, capacity);
    this.packets = this.packets && floatsWidened(this.packets, capacity);
    this.bytes = this.bytes && floatsWidened(this.bytes, capacity);
    this.skbinfo = this.skbinfo && widened(this.skbinfo, 4 * capacity);
    this.macs = this.macs && widened(this.macs, capacity);
  }
}

function hashOf(key: Int32Array, from: number, words: number): number {
  let h = 0x2545f491;
  for (let i = 0; i < words; i++) {
    h = Math.imul(h ^ key[from + i], 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h ^ (h >>> 13);
}

function widened(array: Int32Array, length: number): Int32Array {
  const wider = new Int32Array(length);
  wider.set(array);
  return wider;
}

function floatsWidened(array: Float64Array, length: number): Float64Array {
  const wider = new Float64Array(length);
  wider.set(array);
  return wider;
}

function bytesWidened(array: Uint8Array, length: number): Uint8Array {
  const wider = new Uint8Array(length);
  wider.set(array);
  return wider;
}
