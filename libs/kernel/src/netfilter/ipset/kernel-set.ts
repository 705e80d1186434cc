/** One set: how its members are laid out as integers, the members themselves, and which prefix lengths stand among them. */
import { maskWord } from '@worldline/model';
import type { IpsetSpec, SetPart } from '@worldline/language';
import type { NameTable } from '../../packet/index.js';
import { ElementTable } from './element-table.js';
import { ipsetTypeEntry } from './ipset-types.js';

export const PART_IP = 0;
export const PART_NET = 1;
export const PART_PORT = 2;
/** Port of bitmap:port: no protocol. */
export const PART_BITMAP_PORT = 3;
export const PART_MAC = 4;
/** Beside the key: bitmap:ip,mac fills it in later. */
export const PART_LATE_MAC = 5;
export const PART_IFACE = 6;
export const PART_MARK = 7;
export const PART_SET = 8;

/** Words of the parts that are no addresses: an interface is whether it is a bridge port, and its name. */
const WIDTHS = [0, 0, 1, 1, 1, 0, 2, 1, 1];

/** Longest key: two IPv6 networks and a port. */
export const LONGEST_KEY = 11;

/** Lengths of the networks in one part of a set, longest first (struct net_prefixes). */
class PrefixLengths {
  readonly list = new Uint8Array(129);
  size = 0;
  private readonly uses = new Int32Array(129);

  add(length: number): void {
    if (this.uses[length]++ === 0) this.rebuild();
  }

  remove(length: number): void {
    if (--this.uses[length] === 0) this.rebuild();
  }

  clear(): void {
    this.uses.fill(0);
    this.size = 0;
  }

  fork(): PrefixLengths {
    const copy = new PrefixLengths();
    copy.uses.set(this.uses);
    copy.rebuild();
    return copy;
  }

  private rebuild(): void {
    this.size = 0;
    for (let length = 128; length >= 0; length--) if (this.uses[length] > 0) this.list[this.size++] = length;
  }
}

export class KernelSet {
  readonly dimension: number;
  readonly isList: boolean;
  readonly isBitmap: boolean;
  readonly features: number;
  readonly acceptsZeroPrefix: boolean;
  /** 32 or 128. */
  readonly addressBits: number;
  /** Words of an address in a key. */
  readonly addressWords: number;
  /** PART_* and offset into the key, per part. */
  readonly kinds: Int8Array;
  readonly offsets: Int8Array;
  /** Offsets of the `net` parts; -1 for none. */
  readonly firstNet: number;
  readonly secondNet: number;
  /** Masks of `netmask` and `bitmask` for addresses that are no networks. */
  readonly masks: Int32Array;
  table: ElementTable;
  firstLengths: PrefixLengths;
  secondLengths: PrefixLengths;
  /** list:set: members are keys into the table, in this order; the key is a set's position. */
  order: number[] = [];
  /** Rules and lists that hold this set. */
  references = 0;
  /** Held by more than one run: copied before it is changed. */
  isShared = false;

  constructor(
    /** Id in Environment.words. */
    public nameId: number,
    readonly spec: IpsetSpec,
    private readonly interfaceNames: NameTable,
  ) {
    const { type, family } = spec;
    const entry = ipsetTypeEntry(type.name);
    this.dimension = type.parts.length;
    this.isList = type.method === 'list';
    this.isBitmap = type.method === 'bitmap';
    this.features = entry.features;
    this.acceptsZeroPrefix = entry.acceptsZeroPrefix;
    this.addressBits = family === 6 ? 128 : 32;
    this.addressWords = family === 6 ? 4 : 1;
    this.kinds = Int8Array.from(type.parts, (part) => kindOf(spec, part));
    this.offsets = new Int8Array(type.parts.length);
    const nets: number[] = [];
    let stride = 0;
    for (let i = 0; i < this.kinds.length; i++) {
      this.offsets[i] = stride;
      const kind = this.kinds[i];
      if (kind === PART_NET) nets.push(stride);
      stride += kind === PART_IP ? this.addressWords : kind === PART_NET ? this.addressWords + 1 : WIDTHS[kind];
    }
    this.firstNet = nets[0] ?? -1;
    this.secondNet = nets[1] ?? -1;
    this.masks = masksOf(spec);
    this.table = new ElementTable(stride, type.parts.includes('iface') ? stride - 1 : stride, spec, interfaceNames);
    this.firstLengths = new PrefixLengths();
    this.secondLengths = new PrefixLengths();
  }

  /** Adds a key that is not there. */
  insert(key: Int32Array): number {
    if (this.firstNet >= 0) this.firstLengths.add(key[this.firstNet + this.addressWords]);
    if (this.secondNet >= 0) this.secondLengths.add(key[this.secondNet + this.addressWords]);
    return this.table.add(key);
  }

  remove(e: number): void {
    const { table, addressWords } = this;
    const at = e * table.stride;
    if (this.firstNet >= 0) this.firstLengths.remove(table.keys[at + this.firstNet + addressWords]);
    if (this.secondNet >= 0) this.secondLengths.remove(table.keys[at + this.secondNet + addressWords]);
    if (this.isList) this.order.splice(this.order.indexOf(e), 1);
    table.remove(e);
  }

  flush(): void {
    this.table.clear();
    this.firstLengths.clear();
    this.secondLengths.clear();
    this.order = [];
  }

  isExpired(e: number, now: number): boolean {
    const { expiries } = this.table;
    return expiries !== null && expiries[e] >= 0 && expiries[e] < now;
  }

  /** Drops what has expired, as the set's collector does when the set is full. */
  collect(now: number): void {
    for (let e = 0; e < this.table.used; e++) if (this.table.alive[e] === 1 && this.isExpired(e, now)) this.remove(e);
  }

  fork(): KernelSet {
    const copy = new KernelSet(this.nameId, this.spec, this.interfaceNames);
    copy.table = this.table.fork(this.spec);
    copy.firstLengths = this.firstLengths.fork();
    copy.secondLengths = this.secondLengths.fork();
    copy.order = this.order.slice();
    copy.references = this.references;
    return copy;
  }
}

/** Masks address words in place for a network of that length. */
export function maskNetwork(words: Int32Array, at: number, addressWords: number, length: number): void {
  if (addressWords === 1) words[at] &= maskWord(length, 0);
  else for (let i = 0; i < 4; i++) words[at + i] &= maskWord(length, i);
}

function kindOf(spec: IpsetSpec, part: SetPart): number {
  switch (part) {
    case 'ip':
      return PART_IP;
    case 'net':
      return PART_NET;
    case 'port':
      return spec.type.method === 'bitmap' ? PART_BITMAP_PORT : PART_PORT;
    case 'mac':
      return spec.type.method === 'bitmap' ? PART_LATE_MAC : PART_MAC;
    case 'iface':
      return PART_IFACE;
    case 'mark':
      return PART_MARK;
    case 'set':
      return PART_SET;
  }
}

function masksOf(spec: IpsetSpec): Int32Array {
  const masks = new Int32Array(4).fill(-1);
  if (spec.bitmask !== null) {
    if (spec.family === 6) masks.set(spec.bitmask.words);
    else masks[0] = spec.bitmask.words[3];
  } else if (spec.netmask !== null) {
    for (let i = 0; i < 4; i++) masks[i] = maskWord(spec.netmask, i);
  }
  return masks;
}
