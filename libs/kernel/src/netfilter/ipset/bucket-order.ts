/**
 * The order in which the kernel lists a set's members: bitmaps by number, lists in their own order, hashes bucket by bucket.
 * A hash has as many buckets as its members need: it doubles when one of them overflows (mtype_add, mtype_resize in ip_set_hash_gen.h, 6.18).
 */
import { jhash2, swapWord } from '../../packet/index.js';
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

interface HashedParts {
  /** Offsets of the addresses in the key. */
  readonly addresses: readonly number[];
  readonly lengths: readonly number[];
  readonly protocol: number;
  readonly port: number;
  readonly mark: number;
  readonly mac: number;
  readonly physdev: number;
}

/** Writes what the kernel hashes of a member, as little-endian words; how many there are. */
function writeHashed(environment: Environment, set: KernelSet, e: number, words: Int32Array): number {
  const bytes = new Uint8Array(words.buffer);
  bytes.fill(0);
  const { keys } = set.table;
  const parts = hashedParts(set, e);
  let size = 0;
  const put = (value: number, width: number): void => {
    for (let i = 0; i < width; i++) bytes[size++] = (value >>> (8 * i)) & 0xff;
  };
  const putAddress = (at: number): void => {
    for (let w = 0; w < set.addressWords; w++) put(swapWord(keys[at + w]), 4);
  };
  for (const field of HASHED[set.spec.type.name] ?? []) {
    switch (field) {
      case 'ip':
      case 'ip2':
        putAddress(parts.addresses[field === 'ip' ? 0 : 1]);
        break;
      case 'port':
        put((parts.port >> 8) | ((parts.port & 0xff) << 8), 2);
        break;
      case 'mac':
        for (const digits of environment.macs.name(parts.mac).split(':')) put(parseInt(digits, 16), 1);
        break;
      case 'mark':
        put(parts.mark, 4);
        break;
      case 'protocol':
      case 'physdev':
        put(parts[field], 1);
        break;
      case 'cidr':
        put(parts.lengths[0], 1);
        break;
      case 'cidr2':
        put(parts.lengths[1], 1);
        break;
      case 'cidr-1':
        put(parts.lengths[0] - 1, 1);
        break;
      case 'one':
        put(1, 1);
        break;
      case 'pad1':
        put(0, 1);
        break;
      case 'pad2':
        put(0, 2);
        break;
    }
  }
  return (size + 3) >> 2;
}

function hashedParts(set: KernelSet, e: number): HashedParts {
  const { keys, stride } = set.table;
  const first = (kind: number): number => {
    const i = set.kinds.indexOf(kind);
    return i < 0 ? 0 : keys[e * stride + set.offsets[i]];
  };
  const addresses: number[] = [];
  const lengths: number[] = [];
  for (let i = 0; i < set.kinds.length; i++) {
    const at = e * stride + set.offsets[i];
    if (set.kinds[i] === PART_IP || set.kinds[i] === PART_NET) addresses.push(at);
    if (set.kinds[i] === PART_NET) lengths.push(keys[at + set.addressWords]);
  }
  const port = first(PART_PORT);
  return {
    addresses,
    lengths,
    protocol: port >>> 16,
    port: port & 0xffff,
    mark: first(PART_MARK),
    mac: first(PART_MAC),
    physdev: first(PART_IFACE),
  };
}

type HashedField = 'ip' | 'ip2' | 'port' | 'protocol' | 'mac' | 'mark' | 'physdev' | 'cidr' | 'cidr2' | 'cidr-1' | 'one' | 'pad1' | 'pad2';

/** The structures that are hashed (struct hash_*4_elem), field by field; flags such as nomatch count as 0. */
const HASHED: Readonly<Record<string, readonly HashedField[]>> = {
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
