/** `hashlimit` (net/netfilter/xt_hashlimit.c hashlimit_mt_common; 6.18). */
import {
  HASH_DESTINATION_ADDRESS,
  HASH_DESTINATION_PORT,
  HASH_SOURCE_ADDRESS,
  HASH_SOURCE_PORT,
  HASHLIMIT_SCALE,
  RECORD_GIVEN,
  bitIn,
  bytesOfCost,
  fieldIn,
  packetRateText,
} from '@worldline/language';
import { maskWord } from '@worldline/model';
import { PROTOCOL_SCTP, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../../packet/index.js';
import { HZ, jiffies } from '../../conntrack/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import type { Evaluate } from './answer.js';
import type { HashlimitBucket, HashlimitTable } from './hashlimit-table.js';

const UPTO = fieldIn('hashlimit', 'hashlimit-upto');
const ABOVE = fieldIn('hashlimit', 'hashlimit-above');
const ABOVE_BIT = bitIn('hashlimit', 'hashlimit-above');
const BURST = fieldIn('hashlimit', 'hashlimit-burst');
const BURST_BIT = bitIn('hashlimit', 'hashlimit-burst');
const MODE = fieldIn('hashlimit', 'hashlimit-mode');
const NAME = fieldIn('hashlimit', 'hashlimit-name');
const SIZE = fieldIn('hashlimit', 'hashlimit-htable-size');
const MAXIMUM = fieldIn('hashlimit', 'hashlimit-htable-max');
const EXPIRE = fieldIn('hashlimit', 'hashlimit-htable-expire');
const SOURCE_MASK = fieldIn('hashlimit', 'hashlimit-srcmask');
const DESTINATION_MASK = fieldIn('hashlimit', 'hashlimit-dstmask');
const RATE_MATCH_BIT = bitIn('hashlimit', 'hashlimit-rate-match');
const INTERVAL = fieldIn('hashlimit', 'hashlimit-rate-interval');

/** XT_HASHLIMIT_BYTE_SHIFT. */
const BYTE_SHIFT = 4;
/** POW2_BELOW32(0xFFFFFFFF / (HZ * 60 * 60 * 24)). */
const CREDITS_PER_JIFFY_BYTES = 128;
/** XT_HASHLIMIT_BYTE_EXPIRE and XT_HASHLIMIT_BYTE_EXPIRE_BURST, seconds. */
const BYTE_EXPIRE = 15;
const BYTE_EXPIRE_BURST = 60;
/** htable_create with more than a GiB of memory. */
const DEFAULT_SIZE = 8192;
const DEFAULT_BURST = 5;

export const matchHashlimit: Evaluate = (m, p, code, at) => {
  const { netfilter, environment } = m;
  m.environment.effects.refuse();
  const isAbove = (code[at + RECORD_GIVEN] & ABOVE_BIT) !== 0;
  const key = keyOf(m, p, code, at);
  if (key === null) return hotdrop(m);
  const table = netfilter.hashlimits.table(p.family, code[at + NAME]);
  const limit = at + (isAbove ? ABOVE : UPTO);
  const now = jiffies(environment.now);
  let bucket = table.buckets.get(key);
  if (bucket !== undefined && bucket.expires <= now) {
    table.buckets.delete(key);
    bucket = undefined;
  }
  if (bucket === undefined) {
    if (isFull(table, maximumOf(code, at), now)) return hotdrop(m);
    bucket = newBucket(code, at, limit, now);
    table.buckets.set(key, bucket);
  } else refill(bucket, code, at, limit, now);
  bucket.expires = now + Math.ceil((expiry(code, at, limit) * HZ) / 1000);
  return isBelow(bucket, code, at, limit, p.length) !== isAbove;
};

/** As many entries as asked for, but no fewer than buckets; eight for each of them unasked (htable_create). */
function maximumOf(code: Int32Array, at: number): number {
  const size = code[at + SIZE] >>> 0 || DEFAULT_SIZE;
  const maximum = code[at + MAXIMUM] >>> 0;
  return maximum === 0 ? 8 * size : Math.max(maximum, size);
}

function isFull(table: HashlimitTable, maximum: number, now: number): boolean {
  if (table.buckets.size < maximum) return false;
  for (const [key, bucket] of table.buckets) if (bucket.expires <= now) table.buckets.delete(key);
  return table.buckets.size >= maximum;
}

/** A packet without a key, or a full table: it is dropped whatever the target (par->hotdrop). */
function hotdrop(m: NetfilterMachine): boolean {
  m.netfilter.isHotdrop = true;
  return false;
}

function keyOf(m: NetfilterMachine, p: PacketContext, code: Int32Array, at: number): string | null {
  const mode = code[at + MODE];
  const parts: (string | number)[] = [];
  const { addresses } = m.environment;
  const masked = (handle: number, length: number): string | number => {
    if (p.family === 4) return handle & maskWord(length < 0 ? 32 : length, 0);
    return [0, 1, 2, 3].map((i) => addresses.word6(handle, i) & maskWord(length < 0 ? 128 : length, i)).join('.');
  };
  if ((mode & HASH_SOURCE_ADDRESS) !== 0) parts.push(masked(p.source, code[at + SOURCE_MASK]));
  if ((mode & HASH_DESTINATION_ADDRESS) !== 0) parts.push(masked(p.destination, code[at + DESTINATION_MASK]));
  if ((mode & (HASH_SOURCE_PORT | HASH_DESTINATION_PORT)) !== 0) {
    const hasPorts = p.protocol === PROTOCOL_TCP || p.protocol === PROTOCOL_UDP || p.protocol === PROTOCOL_SCTP;
    if (hasPorts && p.fragmentOffset !== 0) return null;
    parts.push((mode & HASH_SOURCE_PORT) !== 0 && hasPorts ? p.sourcePort : 0, (mode & HASH_DESTINATION_PORT) !== 0 && hasPorts ? p.destinationPort : 0);
  }
  return parts.join(',');
}

/** What a packet costs in 1/HASHLIMIT_SCALE s, or a chunk of bytes. */
function costOf(code: Int32Array, limit: number): number {
  return (code[limit + 1] >>> 0) * 0x1_0000_0000 + (code[limit + 2] >>> 0);
}

/** Packets as given; of bytes how often the rate fits into it (hashlimit_mt_check, libxt_hashlimit.c). */
function burstOf(code: Int32Array, at: number, limit: number): number {
  const isGiven = (code[at + RECORD_GIVEN] & BURST_BIT) !== 0;
  const burst = code[at + BURST] >>> 0;
  if (code[limit] !== 1) return isGiven ? burst : DEFAULT_BURST;
  return isGiven ? Math.ceil(burst / bytesOfCost(costOf(code, limit))) : 0;
}

/** What a jiffy gives. */
const CREDITS_PER_JIFFY = HASHLIMIT_SCALE / HZ;
/** The most that a bucket counted in bytes holds. */
const FULL = CREDITS_PER_JIFFY_BYTES * HZ;

/** rateinfo_init. */
function newBucket(code: Int32Array, at: number, limit: number, now: number): HashlimitBucket {
  const burst = burstOf(code, at, limit);
  const bucket: HashlimitBucket = { expires: 0, previous: now, credit: 0, cap: 0, rate: 0, isPreviousWindowFull: false };
  if ((code[at + RECORD_GIVEN] & RATE_MATCH_BIT) !== 0) return bucket;
  if (code[limit] === 1) {
    bucket.credit = FULL;
    // Here the cap counts how often the bucket may be filled again
    bucket.cap = burst;
  } else {
    bucket.credit = costOf(code, limit) * burst;
    bucket.cap = bucket.credit;
  }
  return bucket;
}

/** rateinfo_recalc. */
function refill(bucket: HashlimitBucket, code: Int32Array, at: number, limit: number, now: number): void {
  const delta = now - bucket.previous;
  if (delta === 0) return;
  if ((code[at + RECORD_GIVEN] & RATE_MATCH_BIT) !== 0) {
    const interval = Math.max(1, code[at + INTERVAL]) * HZ;
    if (delta < interval) return;
    bucket.previous = now;
    bucket.isPreviousWindowFull = bucket.rate * interval > delta * rateOf(code, limit);
    bucket.rate = 0;
    return;
  }
  bucket.previous = now;
  if (code[limit] === 1) bucket.credit = Math.min(FULL, bucket.credit + CREDITS_PER_JIFFY_BYTES * delta);
  else bucket.credit = Math.min(bucket.cap, bucket.credit + CREDITS_PER_JIFFY * delta);
}

/** user2rate, user2rate_bytes. */
function rateOf(code: Int32Array, limit: number): number {
  const cost = costOf(code, limit);
  return code[limit] === 1 ? bytesOfCost(cost) : cost === 0 ? 0 : Math.floor(HASHLIMIT_SCALE / cost);
}

function isBelow(bucket: HashlimitBucket, code: Int32Array, at: number, limit: number, length: number): boolean {
  const isBytes = code[limit] === 1;
  if ((code[at + RECORD_GIVEN] & RATE_MATCH_BIT) !== 0) {
    bucket.rate += isBytes ? length : 1;
    const burst = burstOf(code, at, limit);
    const rate = rateOf(code, limit);
    return !bucket.isPreviousWindowFull && bucket.rate <= (isBytes ? Math.max(1, burst) * rate : burst + rate);
  }
  const cost = isBytes ? byteCost(bucket, costOf(code, limit), length) : costOf(code, limit);
  if (bucket.credit < cost) return false;
  bucket.credit -= cost;
  return true;
}

/** hashlimit_byte_cost. */
function byteCost(bucket: HashlimitBucket, perChunk: number, length: number): number {
  const credits = Math.floor((perChunk * FULL) / 0x1_0000_0000);
  const cost = Math.min(FULL, ((length >> BYTE_SHIFT) + 1) * credits);
  if (bucket.credit < cost && bucket.cap > 0) {
    bucket.cap--;
    bucket.credit = FULL;
  }
  return cost;
}

/** Milliseconds that a bucket outlives its last packet: as given, else the unit of the rate. */
function expiry(code: Int32Array, at: number, limit: number): number {
  if (code[at + EXPIRE] !== 0) return code[at + EXPIRE];
  if (code[limit] === 1) return 1000 * ((code[at + RECORD_GIVEN] & BURST_BIT) !== 0 ? BYTE_EXPIRE_BURST : BYTE_EXPIRE);
  return 1000 * packetRateText(costOf(code, limit), HASHLIMIT_SCALE).unitSeconds;
}
