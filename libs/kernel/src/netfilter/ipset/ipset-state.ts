/**
 * The ipsets of one machine: what `-m set` and `-j SET` ask of them for each packet. Commands are in set-commands.ts.
 *
 * A set's position is the kernel's ip_set_id_t: rules hold positions, `swap` exchanges what stands at two of them.
 */
import type { PacketContext } from '../../packet/index.js';
import type { Environment } from '../../record/index.js';
import { PERMANENT } from './element-table.js';
import { SECOND } from './extensions.js';
import { LONGEST_KEY, maskNetwork, type KernelSet } from './kernel-set.js';
import { writePacketKey } from './packet-key.js';
import {
  COUNTER_EQUAL,
  COUNTER_GREATER,
  COUNTER_LESS,
  COUNTER_NONE,
  COUNTER_NOT_EQUAL,
  DIMENSION_SHIFT,
  SET_EXIST,
  SET_MATCH_COUNTERS,
  SET_RETURN_NOMATCH,
  SET_SKIP_COUNTERS,
  SET_SKIP_SUBCOUNTERS,
} from './set-flags.js';

const MATCH = 1;
const NO_MATCH = 0;
/** -ENOTEMPTY: a nomatch member. */
const NEGATED = -1;

export class IpsetState {
  /** Sets by position; null where one was destroyed. */
  readonly sets: (KernelSet | null)[] = [];
  /** Bumped whenever a lookup may come out differently: sets and members that come and go. Expiry does not count: see `isPure`. */
  generation = 0;

  /** What the last matching member carries (`--map-set`). */
  private matchedSet: KernelSet | null = null;
  private matchedEntry = -1;
  private packetsOperator = COUNTER_NONE;
  private packetsValue = 0;
  private bytesOperator = COUNTER_NONE;
  private bytesValue = 0;
  private round = 0;
  private readonly key = new Int32Array(LONGEST_KEY);
  private readonly raw = new Int32Array(LONGEST_KEY);
  private readonly devices = { input: -1, output: -1 };
  private readonly zeroMac: number;

  constructor(readonly environment: Environment) {
    this.zeroMac = environment.macs.id('00:00:00:00:00:00');
  }

  /** Position of the set with this name (id in Environment.words), or -1. */
  find(nameId: number): number {
    for (let i = 0; i < this.sets.length; i++) if (this.sets[i]?.nameId === nameId) return i;
    return -1;
  }

  /** Whether a lookup changes nothing and depends on the packet's headers, its devices and `generation` alone. */
  isPure(position: number): boolean {
    const set = this.sets[position] ?? null;
    if (set === null) return true;
    const { packets, expiries, macs } = set.table;
    if (packets !== null || expiries !== null || macs !== null) return false;
    return !set.isList || set.order.every((e) => this.isPure(set.table.keys[e]));
  }

  /** A rule begins to use a set: it can be neither destroyed nor renamed meanwhile (ip_set_nfnl_get). */
  hold(position: number): void {
    const set = this.own(position);
    if (set !== null) set.references++;
  }

  /** A rule that used a set is gone. */
  release(position: number): void {
    const set = this.own(position);
    if (set !== null) set.references--;
  }

  /**
   * `--match-set`, ip_set_test: whether the packet is in the set. `directions` is packDirections', `flags` are SET_*;
   * `input` and `output` are name ids of the hook's devices (-1: the hook has none).
   */
  test(p: PacketContext, position: number, directions: number, flags: number, input: number, output: number): boolean {
    this.devices.input = input;
    this.devices.output = output;
    return this.testSet(p, position, directions, flags) > 0;
  }

  /** As `test`, and the member's counters, this packet counted, compare as asked (COUNTER_*). */
  testCounters(
    p: PacketContext,
    position: number,
    directions: number,
    flags: number,
    input: number,
    output: number,
    packetsOperator: number,
    packetsValue: number,
    bytesOperator: number,
    bytesValue: number,
  ): boolean {
    this.packetsOperator = packetsOperator;
    this.packetsValue = packetsValue;
    this.bytesOperator = bytesOperator;
    this.bytesValue = bytesValue;
    return this.test(p, position, directions, flags | SET_MATCH_COUNTERS, input, output);
  }

  /** `--add-set`: `timeout` in seconds, -1 for the set's own; `flags` may be SET_EXIST. True when the set changed. */
  add(p: PacketContext, position: number, directions: number, flags: number, timeout: number, input: number, output: number): boolean {
    this.devices.input = input;
    this.devices.output = output;
    return this.addPacket(p, position, directions, flags, timeout);
  }

  /** `--del-set`. True when a member went. */
  delete(p: PacketContext, position: number, directions: number, input: number, output: number): boolean {
    this.devices.input = input;
    this.devices.output = output;
    return this.deletePacket(p, position, directions);
  }

  /** `--map-set ... --map-mark`: takes over the member's mark. True when the packet is in the set. */
  map(p: PacketContext, position: number, directions: number, isMarkMapped: boolean, input: number, output: number): boolean {
    this.matchedSet = null;
    if (!this.test(p, position, directions, 0, input, output)) return false;
    const skbinfo = (this.matchedSet as KernelSet | null)?.table.skbinfo ?? null;
    // Sets without skbinfo leave mark and mask 0, which changes nothing.
    if (isMarkMapped && skbinfo !== null) p.mark = (p.mark & ~skbinfo[4 * this.matchedEntry + 1]) ^ skbinfo[4 * this.matchedEntry];
    return true;
  }

  /** The set at a position, to be changed: a copy of its own where another run holds it too. */
  own(position: number): KernelSet | null {
    const set = this.sets[position] ?? null;
    if (set === null || !set.isShared) return set;
    const copy = set.fork();
    this.sets[position] = copy;
    return copy;
  }

  /** Both runs keep the sets until one of them changes one. */
  fork(environment: Environment): IpsetState {
    const copy = new IpsetState(environment);
    for (const set of this.sets) {
      if (set !== null) set.isShared = true;
      copy.sets.push(set);
    }
    copy.generation = this.generation;
    return copy;
  }

  private testSet(p: PacketContext, position: number, directions: number, flags: number): number {
    const set = this.sets[position] ?? null;
    if (set === null || directions >> DIMENSION_SHIFT < set.dimension) return NO_MATCH;
    if (set.spec.family !== 0 && set.spec.family !== p.family) return NO_MATCH;
    if (set.isList) return this.testList(p, position, set, directions, flags);
    if (!writePacketKey(this.environment, set, p, directions, this.devices, this.key)) return NO_MATCH;
    let result;
    if (set.firstNet >= 0) result = this.testNetworks(p, position, set, flags);
    else {
      const e = set.table.find(this.key);
      if (e < 0) return NO_MATCH;
      if (set.table.macs !== null) return this.testLateMac(p, position, set, e, directions, flags);
      result = this.matchEntry(p, position, set, e, flags);
    }
    return (flags & SET_RETURN_NOMATCH) !== 0 && set.firstNet >= 0 ? -result : result;
  }

  /** The member with the longest networks that hold the addresses of `key`, or -1. */
  findNetwork(set: KernelSet, key: Int32Array): number {
    this.raw.set(key);
    for (let round = 0; ; round = this.round + 1) {
      const e = this.nextNetwork(set, round);
      if (e < 0 || !set.isExpired(e, this.environment.now)) return e;
    }
  }

  private testNetworks(p: PacketContext, position: number, set: KernelSet, flags: number): number {
    this.raw.set(this.key);
    for (let round = 0; ; round = this.round + 1) {
      const e = this.nextNetwork(set, round);
      if (e < 0) return NO_MATCH;
      const result = this.matchEntry(p, position, set, e, flags);
      if (result !== NO_MATCH) return result;
    }
  }

  /**
   * mtype_test_cidrs (ip_set_hash_gen.h): tries the pairs of prefix lengths, longest first, from pair number `round` on; -1 when none fits.
   * `raw` holds the addresses, `this.round` tells the pair that fitted.
   */
  private nextNetwork(set: KernelSet, round: number): number {
    const { key, raw } = this;
    const { firstNet, secondNet, addressWords, firstLengths, secondLengths, table } = set;
    const inner = secondNet < 0 ? 1 : secondLengths.size;
    const rounds = firstLengths.size * inner;
    for (; round < rounds; round++) {
      const first = firstLengths.list[secondNet < 0 ? round : (round / inner) | 0];
      key.set(raw);
      maskNetwork(key, firstNet, addressWords, first);
      key[firstNet + addressWords] = first;
      if (secondNet >= 0) {
        const second = secondLengths.list[round % inner];
        maskNetwork(key, secondNet, addressWords, second);
        key[secondNet + addressWords] = second;
      }
      const e = table.find(key);
      if (e >= 0) {
        this.round = round;
        return e;
      }
      // The network is there for another interface: shorter ones are not tried (`multi`).
      if (table.isNear) return -1;
    }
    return -1;
  }

  /** bitmap_ipmac_do_test: a member without MAC takes that of the first packet. */
  private testLateMac(p: PacketContext, position: number, set: KernelSet, e: number, directions: number, flags: number): number {
    const mac = (directions & 4) !== 0 ? p.sourceMac : p.destinationMac;
    if (mac === this.zeroMac) return NO_MATCH;
    const known = (set.table.macs as Int32Array)[e];
    if (known >= 0) return known === mac ? this.matchEntry(p, position, set, e, flags) : NO_MATCH;
    this.fillMac(this.own(position) as KernelSet, e, mac);
    return MATCH;
  }

  /** A member's timeout starts when its MAC is known. */
  private fillMac(set: KernelSet, e: number, mac: number): void {
    (set.table.macs as Int32Array)[e] = mac;
    const { expiries } = set.table;
    if (expiries !== null && expiries[e] < 0) expiries[e] = this.environment.now - expiries[e];
  }

  /** list_set_ktest: the first set that matches and whose own counters agree. */
  private testList(p: PacketContext, position: number, list: KernelSet, directions: number, flags: number): number {
    let inner = flags & ~SET_MATCH_COUNTERS;
    if ((flags & SET_SKIP_SUBCOUNTERS) !== 0) inner |= SET_SKIP_COUNTERS;
    for (const e of list.order) {
      if (this.testSet(p, list.table.keys[e], directions, inner) <= 0) continue;
      if (this.matchEntry(p, position, list, e, flags) !== NO_MATCH) return MATCH;
    }
    return NO_MATCH;
  }

  /** ip_set_match_extensions: expired members are not there; counters count before they are compared. */
  private matchEntry(p: PacketContext, position: number, set: KernelSet, e: number, flags: number): number {
    if (set.isExpired(e, this.environment.now)) return NO_MATCH;
    if (set.table.packets !== null && (flags & (SET_SKIP_COUNTERS | SET_MATCH_COUNTERS)) !== SET_SKIP_COUNTERS) {
      if (!this.countMember(p, position, e, flags)) return NO_MATCH;
    }
    if (set.table.skbinfo !== null) {
      this.matchedSet = set;
      this.matchedEntry = e;
    }
    return set.table.isNomatch[e] === 1 ? NEGATED : MATCH;
  }

  private countMember(p: PacketContext, position: number, e: number, flags: number): boolean {
    const { table } = (flags & SET_SKIP_COUNTERS) !== 0 ? (this.sets[position] as KernelSet) : (this.own(position) as KernelSet);
    const packets = table.packets as Float64Array;
    const bytes = table.bytes as Float64Array;
    if ((flags & SET_SKIP_COUNTERS) === 0) {
      packets[e]++;
      bytes[e] += p.length;
    }
    if ((flags & SET_MATCH_COUNTERS) === 0) return true;
    return compare(packets[e], this.packetsOperator, this.packetsValue) && compare(bytes[e], this.bytesOperator, this.bytesValue);
  }

  /** ip_set_add with what the packet has; networks get the set's longest length (INIT_CIDR). */
  private addPacket(p: PacketContext, position: number, directions: number, flags: number, timeout: number): boolean {
    const set = this.sets[position] ?? null;
    if (set === null || !this.isFor(set, p, directions)) return false;
    if (set.isList) return this.someMember(set, (member) => this.addPacket(p, member, directions, flags, timeout));
    if (!this.writeFullKey(set, p, directions)) return false;
    const now = this.environment.now;
    let e = set.table.find(this.key);
    const isThere = e >= 0 && !set.isExpired(e, now);
    const mac = (directions & 4) !== 0 ? p.sourceMac : p.destinationMac;
    const isOpen = isThere && set.table.macs !== null && set.table.macs[e] < 0;
    if (isThere && (flags & SET_EXIST) === 0 && !isOpen) return false;
    const own = this.own(position) as KernelSet;
    if (e < 0) {
      if (!makeRoom(own, now)) return false;
      e = own.insert(this.key);
    }
    this.generation++;
    const { table } = own;
    table.isNomatch[e] = 0;
    if (table.macs !== null) table.macs[e] = mac;
    if (table.packets !== null) table.packets[e] = 1;
    if (table.bytes !== null) table.bytes[e] = p.length;
    if (table.comments !== null) table.comments[e] = null;
    if (table.skbinfo !== null) table.skbinfo.fill(0, 4 * e, 4 * e + 4);
    if (table.expiries !== null) {
      const seconds = timeout < 0 ? (own.spec.timeout ?? 0) : timeout;
      table.expiries[e] = seconds === 0 ? PERMANENT : now + seconds * SECOND;
    }
    return true;
  }

  private deletePacket(p: PacketContext, position: number, directions: number): boolean {
    const set = this.sets[position] ?? null;
    if (set === null || !this.isFor(set, p, directions)) return false;
    if (set.isList) return this.someMember(set, (member) => this.deletePacket(p, member, directions));
    if (!this.writeFullKey(set, p, directions)) return false;
    const e = set.table.find(this.key);
    if (e < 0 || set.isExpired(e, this.environment.now)) return false;
    (this.own(position) as KernelSet).remove(e);
    this.generation++;
    return true;
  }

  private isFor(set: KernelSet, p: PacketContext, directions: number): boolean {
    return directions >> DIMENSION_SHIFT >= set.dimension && (set.spec.family === 0 || set.spec.family === p.family);
  }

  /** The first member set that takes the change ends it (list_set_kadd). */
  private someMember(list: KernelSet, change: (position: number) => boolean): boolean {
    for (const e of list.order) {
      if (!list.isExpired(e, this.environment.now) && change(list.table.keys[e])) return true;
    }
    return false;
  }

  /** The key of a member made from a packet; false where the type refuses it (null address, out of the bitmap's range). */
  private writeFullKey(set: KernelSet, p: PacketContext, directions: number): boolean {
    const { key } = this;
    if (!writePacketKey(this.environment, set, p, directions, this.devices, key)) return false;
    const { firstNet, secondNet, addressWords, addressBits } = set;
    if (firstNet >= 0) {
      const length = set.firstLengths.size > 0 ? set.firstLengths.list[0] : addressBits;
      maskNetwork(key, firstNet, addressWords, length);
      key[firstNet + addressWords] = length;
    }
    if (secondNet >= 0) {
      const length = set.secondLengths.size > 0 ? set.secondLengths.list[0] : addressBits;
      maskNetwork(key, secondNet, addressWords, length);
      key[secondNet + addressWords] = length;
    }
    return isStorable(set, key, this.zeroMac);
  }
}

/** Whether a key may stand in the set at all: hash:ip and hash:mac refuse null, bitmaps what is out of their range. */
export function isStorable(set: KernelSet, key: Int32Array, zeroMac: number): boolean {
  if (set.isBitmap) return key[0] >>> 0 >= set.spec.rangeFrom && key[0] >>> 0 <= set.spec.rangeTo;
  if (set.spec.type.name === 'hash:ip') {
    for (let i = 0; i < set.addressWords; i++) if (key[i] !== 0) return true;
    return false;
  }
  if (set.spec.type.name === 'hash:mac') return key[0] !== zeroMac;
  return true;
}

/** Makes sure that one more fits: expired members go first, with `forceadd` another one too. False: the set is full. */
export function makeRoom(set: KernelSet, now: number): boolean {
  const { table, spec } = set;
  if (spec.type.method !== 'hash' || table.count < spec.maxelem) return true;
  if (table.expiries !== null) set.collect(now);
  if (table.count < spec.maxelem) return true;
  if (!spec.isForceadd || table.count === 0) return false;
  set.remove(table.alive.indexOf(1));
  return true;
}

/** ip_set_match_counter. */
function compare(counter: number, operator: number, value: number): boolean {
  switch (operator) {
    case COUNTER_EQUAL:
      return counter === value;
    case COUNTER_NOT_EQUAL:
      return counter !== value;
    case COUNTER_LESS:
      return counter < value;
    case COUNTER_GREATER:
      return counter > value;
    default:
      return true;
  }
}
