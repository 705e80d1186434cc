/** The sets as `ipset save` would print them. */
import type { IpsetCapture, IpsetMember } from '@worldline/model';
import { NO_ENTRY, printEntry, printSetSpec, printSkbmark, printSkbprio, type EntryAddress, type IpsetEntry } from '@worldline/language';
import type { IpsetState } from './ipset-state.js';
import {
  PART_BITMAP_PORT,
  PART_IFACE,
  PART_IP,
  PART_LATE_MAC,
  PART_MAC,
  PART_MARK,
  PART_NET,
  PART_PORT,
  PART_SET,
  type KernelSet,
} from './kernel-set.js';
import { PERMANENT } from './element-table.js';
import { SECOND } from './extensions.js';
import { bucketOrder } from './bucket-order.js';

/** All sets by position, or the one at `only`. */
export function captureIpsets(state: IpsetState, only = -1): IpsetCapture[] {
  const captures: IpsetCapture[] = [];
  state.sets.forEach((set, position) => {
    if (set === null || (only >= 0 && position !== only)) return;
    const order = bucketOrder(state.environment, set);
    captures.push({
      name: state.environment.words.name(set.nameId),
      type: set.spec.type.name,
      options: printSetSpec({ ...set.spec, hashsize: order.hashsize }),
      members: order.entries.filter((e) => !set.isExpired(e, state.environment.now)).map((e) => captureMember(state, set, e)),
      line: 0,
    });
  });
  return captures;
}

function captureMember(state: IpsetState, set: KernelSet, e: number): IpsetMember {
  const { table } = set;
  const { skbinfo } = table;
  return {
    entry: printEntry(set.spec, entryOf(state, set, e)),
    isNomatch: table.isNomatch[e] === 1,
    isWildcard: table.wildcards !== null && table.wildcards[e] === 1,
    timeout: table.expiries === null ? null : secondsLeft(table.expiries[e], state.environment.now),
    packets: table.packets === null ? null : table.packets[e],
    bytes: table.bytes === null ? null : table.bytes[e],
    comment: table.comments === null ? null : (table.comments[e] ?? null),
    skbmark: skbinfo === null ? null : printSkbmark(skbinfo[4 * e], skbinfo[4 * e + 1]),
    skbprio: skbinfo === null ? null : printSkbprio(skbinfo[4 * e + 2]),
    skbqueue: skbinfo === null || skbinfo[4 * e + 3] === 0 ? null : skbinfo[4 * e + 3],
    line: 0,
  };
}

/** ip_set_timeout_get: whole seconds, at least one; 0 for a member that stays. */
function secondsLeft(expiry: number, now: number): number {
  if (expiry === PERMANENT) return 0;
  if (expiry < 0) return Math.round(-expiry / SECOND);
  return Math.max(1, Math.floor((expiry - now) / SECOND));
}

function entryOf(state: IpsetState, set: KernelSet, e: number): IpsetEntry {
  const { environment } = state;
  const { keys, stride, macs } = set.table;
  const entry: { -readonly [K in keyof IpsetEntry]: IpsetEntry[K] } = { ...NO_ENTRY };
  const addresses: EntryAddress[] = [];
  for (let i = 0; i < set.kinds.length; i++) {
    const at = e * stride + set.offsets[i];
    switch (set.kinds[i]) {
      case PART_IP:
        addresses.push(addressOf(set, keys, at, set.addressBits));
        break;
      case PART_NET:
        addresses.push(addressOf(set, keys, at, keys[at + set.addressWords]));
        break;
      case PART_PORT:
        entry.port = { protocol: keys[at] >>> 16, from: keys[at] & 0xffff, to: keys[at] & 0xffff };
        break;
      case PART_BITMAP_PORT:
        entry.port = { protocol: 0, from: keys[at], to: keys[at] };
        break;
      case PART_MAC:
        entry.mac = environment.macs.name(keys[at]);
        break;
      case PART_LATE_MAC:
        entry.mac = macs === null || macs[e] < 0 ? null : environment.macs.name(macs[e]);
        break;
      case PART_IFACE:
        entry.device = environment.interfaceNames.name(keys[at + 1]);
        entry.isPhysical = keys[at] === 1;
        break;
      case PART_MARK:
        entry.mark = keys[at];
        break;
      case PART_SET: {
        const member = state.sets[keys[at]] ?? null;
        entry.set = member === null ? '' : environment.words.name(member.nameId);
        break;
      }
    }
  }
  entry.addresses = addresses;
  return entry;
}

function addressOf(set: KernelSet, keys: Int32Array, at: number, length: number): EntryAddress {
  const words = set.addressWords === 1 ? ([0, 0, 0, keys[at]] as const) : ([keys[at], keys[at + 1], keys[at + 2], keys[at + 3]] as const);
  const family = set.addressWords === 1 ? 4 : 6;
  return { family, address: { family, words }, length, rangeEnd: null };
}
