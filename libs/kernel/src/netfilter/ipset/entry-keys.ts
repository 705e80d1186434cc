/** Elements of commands as keys: ranges taken apart as the `uadt` functions do (net/netfilter/ipset/ip_set_hash_*.c, 6.18). */
import { maskWord } from '@worldline/model';
import type { EntryAddress, IpsetEntry, ProtocolPort } from '@worldline/language';
import type { Environment } from '../../record/index.js';
import {
  LONGEST_KEY,
  PART_BITMAP_PORT,
  PART_IFACE,
  PART_IP,
  PART_LATE_MAC,
  PART_MAC,
  PART_MARK,
  PART_NET,
  PART_PORT,
  maskNetwork,
  type KernelSet,
} from './kernel-set.js';
import { FAULT_CIDR, FAULT_OUT_OF_RANGE, FAULT_WHOLE_RANGE } from './set-faults.js';

/** Calls `visit` with the key of every element that an entry names; ends with what the first refusal says. */
export function expandEntry(
  environment: Environment,
  set: KernelSet,
  entry: IpsetEntry,
  visit: (key: Int32Array) => string | null,
): string | null {
  const key = new Int32Array(LONGEST_KEY);
  writeEntryKey(environment, set, entry, key);
  return expandPart(set, entry, 0, 0, key, visit);
}

/** The key of an entry's first element; networks with their length, masked. */
export function writeEntryKey(environment: Environment, set: KernelSet, entry: IpsetEntry, key: Int32Array): void {
  let address = 0;
  for (let i = 0; i < set.kinds.length; i++) {
    const at = set.offsets[i];
    switch (set.kinds[i]) {
      case PART_IP:
        writeAddress(set, entry.addresses[address++], at, key);
        for (let w = 0; w < set.addressWords; w++) key[at + w] &= set.masks[w];
        break;
      case PART_NET: {
        const net = entry.addresses[address++];
        writeAddress(set, net, at, key);
        maskNetwork(key, at, set.addressWords, net.length);
        key[at + set.addressWords] = net.length;
        break;
      }
      case PART_PORT: {
        const port = entry.port as ProtocolPort;
        key[at] = (port.protocol << 16) | port.from;
        break;
      }
      case PART_BITMAP_PORT:
        key[at] = (entry.port as ProtocolPort).from;
        break;
      case PART_MAC:
        key[at] = environment.macs.id(entry.mac ?? '');
        break;
      case PART_LATE_MAC:
        break;
      case PART_IFACE:
        key[at] = entry.isPhysical ? 1 : 0;
        key[at + 1] = environment.interfaceNames.id(entry.device ?? '');
        break;
      case PART_MARK:
        key[at] = (entry.mark ?? 0) & set.spec.markmask;
        break;
    }
  }
}

/** Takes the ranges of part `i` and those after it apart, outermost first. */
function expandPart(
  set: KernelSet,
  entry: IpsetEntry,
  i: number,
  address: number,
  key: Int32Array,
  visit: (key: Int32Array) => string | null,
): string | null {
  if (i === set.kinds.length) return visit(key);
  const at = set.offsets[i];
  switch (set.kinds[i]) {
    case PART_IP:
      return expandAddresses(set, entry.addresses[address], at, key, () => expandPart(set, entry, i + 1, address + 1, key, visit));
    case PART_NET:
      return expandNetworks(set, entry.addresses[address], at, key, () => expandPart(set, entry, i + 1, address + 1, key, visit));
    case PART_PORT:
    case PART_BITMAP_PORT: {
      const port = entry.port as ProtocolPort;
      const high = set.kinds[i] === PART_PORT ? port.protocol << 16 : 0;
      if (set.isBitmap && (port.from < set.spec.rangeFrom || port.to > set.spec.rangeTo)) return FAULT_OUT_OF_RANGE;
      for (let n = port.from; n <= port.to; n++) {
        key[at] = high | n;
        const outcome = expandPart(set, entry, i + 1, address, key, visit);
        if (outcome !== null) return outcome;
      }
      return null;
    }
    default:
      return expandPart(set, entry, i + 1, address, key, visit);
  }
}

/** Every address of a range or network of IPv4, a network mask of the set at a time. */
function expandAddresses(set: KernelSet, range: EntryAddress, at: number, key: Int32Array, visit: () => string | null): string | null {
  if (set.addressWords === 4) return visit();
  if (range.length === 0) return FAULT_CIDR;
  const { netmask, bitmask, rangeFrom, rangeTo } = set.spec;
  let [from, to] = bounds(range);
  if (set.isBitmap && (from < rangeFrom || to > rangeTo)) return FAULT_OUT_OF_RANGE;
  if (set.isBitmap || range.rangeEnd === null) from = (from & maskWord(netmask ?? 32, 0)) >>> 0;
  else {
    // hash_ip4_uadt masks the end that was written first, then puts both in order
    const first = (range.address.words[3] & maskWord(netmask ?? 32, 0)) >>> 0;
    const second = range.rangeEnd.words[3] >>> 0;
    [from, to] = [Math.min(first, second), Math.max(first, second)];
  }
  const step = netmask === null ? 1 : 2 ** (32 - netmask);
  for (let ip = from; ip <= to; ip += step) {
    key[at] = bitmask === null ? ip | 0 : (ip | 0) & set.masks[0];
    const outcome = visit();
    if (outcome !== null) return outcome;
  }
  return null;
}

/** The fewest networks that cover a range (ip_set_range_to_cidr). */
function expandNetworks(set: KernelSet, range: EntryAddress, at: number, key: Int32Array, visit: () => string | null): string | null {
  if (range.length === 0 && !set.acceptsZeroPrefix) return FAULT_CIDR;
  if (range.rangeEnd === null) {
    writeAddress(set, range, at, key);
    maskNetwork(key, at, set.addressWords, range.length);
    key[at + set.addressWords] = range.length;
    return visit();
  }
  const [from, to] = bounds(range);
  if (from === 0 && to === 0xffffffff) return FAULT_WHOLE_RANGE;
  for (let ip = from; ip <= to; ) {
    let length = 32;
    while (length > 1 && (ip & maskWord(length - 1, 0)) >>> 0 === ip && ip + 2 ** (33 - length) - 1 <= to) length--;
    key[at] = ip | 0;
    key[at + 1] = length;
    const outcome = visit();
    if (outcome !== null) return outcome;
    ip += 2 ** (32 - length);
  }
  return null;
}

function bounds(range: EntryAddress): [number, number] {
  const word = range.address.words[3];
  if (range.rangeEnd !== null) {
    const other = range.rangeEnd.words[3] >>> 0;
    return [Math.min(word >>> 0, other), Math.max(word >>> 0, other)];
  }
  const mask = maskWord(range.length, 0);
  return [(word & mask) >>> 0, (word | ~mask) >>> 0];
}

function writeAddress(set: KernelSet, { address }: EntryAddress, at: number, key: Int32Array): void {
  if (set.addressWords === 1) key[at] = address.words[3];
  else key.set(address.words, at);
}
