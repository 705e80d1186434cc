/**
 * The order in which the kernel lists a set's members: bitmaps by number, lists in their own order, hashes bucket by bucket.
 * A hash has as many buckets as its members need: it doubles when one of them overflows (mtype_add, mtype_resize in ip_set_hash_gen.h, 6.18).
 */
import type { Environment } from '../../record/index.js';
import { PART_IFACE, PART_IP, PART_MAC, PART_MARK, PART_NET, PART_PORT, type KernelSet } from './kernel-set.js';

export interface BucketOrder {
  readonly entries: readonly number[];
  /** Buckets at the end. */
  readonly hashsize: number;
}

export function bucketOrder(environment: Environment, set: KernelSet): BucketOrder {
  const { table, spec } = set;
  if (set.isList) return { entries: set.order, hashsize: spec.hashsize };
  const living: number[] = [];
  for (let e = 0; e < table.used; e++) if (table.alive[e] === 1) living.push(e);
  if (set.isBitmap) return { entries: living.sort((a, b) => (table.keys[a] >>> 0) - (table.keys[b] >>> 0)), hashsize: spec.hashsize };
  living.sort((a, b) => table.arrivals[a] - table.arrivals[b]);
  const words = new Int32Array(12);
  const hashes = new Map(living.map((e) => [e, jhash2(words, writeHashed(environment, set, e, words), spec.initval ?? 0)]));
  let hashsize = spec.hashsize;
  let buckets = fill(living, hashes, hashsize);
  while (buckets.some((bucket) => bucket !== undefined && bucket.length > spec.bucketsize)) {
    hashsize *= 2;
    buckets = fill(living, hashes, hashsize);
  }
  return { entries: buckets.flat(), hashsize };
}

function fill(living: readonly number[], hashes: ReadonlyMap<number, number>, hashsize: number): number[][] {
  const buckets: number[][] = [];
  for (const e of living) {
    const at = ((hashes.get(e) as number) & (hashsize - 1)) >>> 0;
    (buckets[at] ??= []).push(e);
  }
  return buckets;
}

/** Writes what the kernel hashes of a member, as little-endian words; how many there are. */
function writeHashed(environment: Environment, set: KernelSet, e: number, words: Int32Array): number {
  const bytes = new Uint8Array(words.buffer);
  bytes.fill(0);
  const { keys, stride } = set.table;
  const layout = HASHED[set.spec.type.name] ?? [];
  const parts: Record<string, number> = {};
  let size = 0;
  const put = (value: number, width: number): void => {
    for (let i = 0; i < width; i++) bytes[size++] = (value >>> (8 * i)) & 0xff;
  };
  const putAddress = (at: number): void => {
    for (let w = 0; w < set.addressWords; w++) put(swapped(keys[e * stride + at + w]), 4);
  };
  for (let i = 0; i < set.kinds.length; i++) {
    const at = set.offsets[i];
    const key = keys[e * stride + at];
    switch (set.kinds[i]) {
      case PART_IP:
      case PART_NET:
        parts[parts['ip'] === undefined ? 'ip' : 'ip2'] = at;
        if (set.kinds[i] === PART_NET) parts[parts['cidr'] === undefined ? 'cidr' : 'cidr2'] = keys[e * stride + at + set.addressWords];
        break;
      case PART_PORT:
        parts['port'] = key & 0xffff;
        parts['protocol'] = (key >>> 16) & 0xff;
        break;
      case PART_MARK:
        parts['mark'] = key;
        break;
      case PART_MAC:
        parts['mac'] = key;
        break;
      case PART_IFACE:
        parts['physdev'] = key;
        break;
    }
  }
  for (const field of layout) {
    switch (field) {
      case 'ip':
      case 'ip2':
        putAddress(parts[field] as number);
        break;
      case 'port':
        put(((parts['port'] as number) >> 8) | (((parts['port'] as number) & 0xff) << 8), 2);
        break;
      case 'mac':
        for (const digits of environment.macs.name(parts['mac'] as number).split(':')) put(parseInt(digits, 16), 1);
        break;
      case 'mark':
        put(parts['mark'] as number, 4);
        break;
      case 'cidr-1':
        put((parts['cidr'] as number) - 1, 1);
        break;
      case 'pad1':
        put(0, 1);
        break;
      case 'pad2':
        put(0, 2);
        break;
      case 'one':
        put(1, 1);
        break;
      default:
        put(parts[field] ?? 0, 1);
    }
  }
  return (size + 3) >> 2;
}

/** The structures that are hashed (struct hash_*4_elem), field by field; flags such as nomatch count as 0. */
const HASHED: Readonly<Record<string, readonly string[]>> = {
  'hash:ip': ['ip'],
  'hash:mac': ['mac', 'pad2'],
  'hash:ip,mac': ['ip', 'mac', 'pad2'],
  'hash:ip,mark': ['ip', 'mark'],
  'hash:ip,port': ['ip', 'port', 'protocol', 'pad1'],
  'hash:ip,port,ip': ['ip', 'ip2', 'port', 'protocol', 'pad1'],
  'hash:ip,port,net': ['ip', 'ip2', 'port', 'cidr-1', 'protocol'],
  'hash:net': ['ip', 'pad2', 'pad1', 'cidr'],
  'hash:net,net': ['ip', 'ip2', 'cidr', 'cidr2', 'pad2'],
  'hash:net,port': ['ip', 'port', 'protocol', 'cidr-1'],
  'hash:net,port,net': ['ip', 'ip2', 'cidr', 'cidr2', 'port', 'protocol', 'pad1', 'pad2'],
  'hash:net,iface': ['ip', 'physdev', 'cidr', 'pad1', 'one'],
};

function swapped(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}

/** jhash2 of include/linux/jhash.h. */
function jhash2(k: Int32Array, length: number, initval: number): number {
  let a = (0xdeadbeef + (length << 2) + initval) | 0;
  let b = a;
  let c = a;
  let at = 0;
  while (length > 3) {
    a = (a + k[at]) | 0;
    b = (b + k[at + 1]) | 0;
    c = (c + k[at + 2]) | 0;
    a = (a - c) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 4);
    b = (b + a) | 0;
    length -= 3;
    at += 3;
  }
  if (length === 0) return c;
  if (length >= 3) c = (c + k[at + 2]) | 0;
  if (length >= 2) b = (b + k[at + 1]) | 0;
  a = (a + k[at]) | 0;
  c = (c ^ b) - rotated(b, 14);
  a = (a ^ c) - rotated(c, 11);
  b = (b ^ a) - rotated(a, 25);
  c = (c ^ b) - rotated(b, 16);
  a = (a ^ c) - rotated(c, 4);
  b = (b ^ a) - rotated(a, 14);
  c = (c ^ b) - rotated(b, 24);
  return c | 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
