/** What commands do to the sets: create, add, del, test, swap and the rest, with the kernel's refusals (net/netfilter/ipset/ip_set_core.c, 6.18). */
import { maskWord, type IpsetCapture, type IpsetMember, type Issue } from '@worldline/model';
import {
  NO_OPTIONS,
  isFault,
  readEntry,
  readMemberOptions,
  readSetSpec,
  type Fault,
  type IpsetEntry,
  type IpsetSpec,
  type MemberOptions,
} from '@worldline/language';
import { PERMANENT } from './element-table.js';
import { expandEntry, writeEntryKey } from './entry-keys.js';
import { writeExtensions } from './extensions.js';
import { isStorable, makeRoom, type IpsetState } from './ipset-state.js';
import { KernelSet, LONGEST_KEY } from './kernel-set.js';
import * as faults from './set-faults.js';
import { addListMember, deleteListMember, testListMember } from './list-members.js';

/** null: done. Otherwise what ipset prints. */
export type IpsetOutcome = string | null;

/** Most elements of a bitmap (IPSET_BITMAP_MAX_RANGE). */
const LARGEST_BITMAP = 0x10000;

/** Fills the state from a dump. */
export function loadIpsets(state: IpsetState, captures: readonly IpsetCapture[], file: string): Issue[] {
  const issues: Issue[] = [];
  const report = (line: number, word: string, message: string): void => {
    issues.push({ code: 'UnknownSet', severity: 'warning', message: `ipset: ${message}`, file, line, word });
  };
  for (const capture of captures) {
    const spec = readSetSpec(capture.type, capture.options);
    if (isFault(spec)) report(capture.line, spec.word, spec.fault);
    else {
      const outcome = createSet(state, capture.name, spec, false);
      if (outcome !== null) report(capture.line, capture.name, outcome);
    }
  }
  // Lists may name sets that stand later in the dump.
  for (const capture of captures) {
    const set = state.sets[findSet(state, capture.name)] ?? null;
    if (set === null) continue;
    for (const member of capture.members) {
      const options = optionsOf(set.spec, member);
      const entry = readEntry(set.spec, member.entry);
      if (isFault(entry)) report(member.line, entry.word, entry.fault);
      else if (isFault(options)) report(member.line, options.word, options.fault);
      else {
        const outcome = addEntry(state, capture.name, entry, options, true);
        if (outcome !== null) report(member.line, member.entry, outcome);
      }
    }
  }
  return issues;
}

/** Position of the set of that name, or -1. */
export function findSet(state: IpsetState, name: string): number {
  const id = state.environment.words.find(name);
  return id < 0 ? -1 : state.find(id);
}

/** ip_set_create: takes the first free position. */
export function createSet(state: IpsetState, name: string, spec: IpsetSpec, isExist: boolean): IpsetOutcome {
  const known = state.sets[findSet(state, name)] ?? null;
  if (known !== null) return isExist && isSame(known.spec, spec) ? null : faults.FAULT_EXISTS;
  if (spec.netmask !== null && spec.type.method === 'bitmap' && spec.netmask <= commonBits(spec)) return faults.FAULT_OUT_OF_RANGE;
  if (spec.type.method === 'bitmap' && bitmapSize(spec) > LARGEST_BITMAP) return faults.FAULT_RANGE_SIZE;
  const seeded = spec.type.method === 'hash' && spec.initval === null ? { ...spec, initval: state.environment.random.next() | 0 } : spec;
  const set = new KernelSet(state.environment.words.id(name), seeded, state.environment.interfaceNames);
  const free = state.sets.indexOf(null);
  state.sets[free < 0 ? state.sets.length : free] = set;
  state.generation++;
  return null;
}

/** ip_set_destroy: one set, or all of them if none is in use. */
export function destroySet(state: IpsetState, name: string | null): IpsetOutcome {
  if (name === null) {
    // References of lists among the sets that go do not count.
    if (state.sets.some((set, i) => set !== null && set.references > listReferences(state, i))) return faults.FAULT_IN_USE;
    state.sets.length = 0;
    state.generation++;
    return null;
  }
  const position = findSet(state, name);
  const set = state.sets[position] ?? null;
  if (set === null) return faults.FAULT_NO_SET;
  if (set.references > 0) return faults.FAULT_IN_USE;
  if (set.isList) for (const e of set.order) state.release(set.table.keys[e]);
  state.sets[position] = null;
  state.generation++;
  return null;
}

/** ip_set_flush. */
export function flushSet(state: IpsetState, name: string | null): IpsetOutcome {
  const position = name === null ? -1 : findSet(state, name);
  if (name !== null && position < 0) return faults.FAULT_NO_SET;
  state.generation++;
  for (let i = 0; i < state.sets.length; i++) {
    if (name !== null && i !== position) continue;
    const set = state.own(i);
    if (set === null) continue;
    if (set.isList) for (const e of set.order) state.release(set.table.keys[e]);
    set.flush();
  }
  return null;
}

/** ip_set_rename. */
export function renameSet(state: IpsetState, from: string, to: string): IpsetOutcome {
  const set = state.own(findSet(state, from));
  if (set === null) return faults.FAULT_NO_SET;
  if (set.references > 0) return faults.FAULT_RENAME_IN_USE;
  if (findSet(state, to) >= 0) return faults.FAULT_RENAME_EXISTS;
  set.nameId = state.environment.words.id(to);
  state.generation++;
  return null;
}

/** ip_set_swap: names and references stay where they are, the contents change places. */
export function swapSets(state: IpsetState, first: string, second: string): IpsetOutcome {
  const i = findSet(state, first);
  const j = findSet(state, second);
  if (i < 0) return faults.FAULT_NO_SET;
  if (j < 0) return faults.FAULT_SWAP_NO_SET;
  const a = state.own(i) as KernelSet;
  const b = state.own(j) as KernelSet;
  if (a.features !== b.features || a.spec.family !== b.spec.family) return faults.FAULT_SWAP_TYPE;
  [a.nameId, b.nameId] = [b.nameId, a.nameId];
  [a.references, b.references] = [b.references, a.references];
  state.sets[i] = b;
  state.sets[j] = a;
  state.generation++;
  return null;
}

/** Adds an element, ranges taken apart; what was added before a refusal stays. */
export function addEntry(state: IpsetState, name: string, entry: IpsetEntry, options: MemberOptions, isExist: boolean): IpsetOutcome {
  const position = findSet(state, name);
  const set = state.own(position);
  if (set === null) return faults.FAULT_NO_SET;
  const refused = refuseFirst(set, entry) ?? refuseOptions(set.spec, options);
  if (refused !== null) return refused;
  state.generation++;
  if (set.isList) return addListMember(state, set, entry, options, isExist);
  const zeroMac = state.environment.macs.id('00:00:00:00:00:00');
  return expandEntry(state.environment, set, entry, (key) => {
    if (!isStorable(set, key, zeroMac)) return set.isBitmap ? faults.FAULT_OUT_OF_RANGE : faults.FAULT_NULL;
    return addKey(state, set, key, entry, options, isExist);
  });
}

/** Deletes an element or a range of them. */
export function deleteEntry(state: IpsetState, name: string, entry: IpsetEntry, options: MemberOptions, isExist: boolean): IpsetOutcome {
  const set = state.own(findSet(state, name));
  if (set === null) return faults.FAULT_NO_SET;
  state.generation++;
  if (set.isList) return deleteListMember(state, set, entry, options, isExist);
  return expandEntry(state.environment, set, entry, (key) => {
    const e = set.table.find(key);
    if (e < 0 || set.isExpired(e, state.environment.now)) return isExist ? null : faults.FAULT_NOT_ADDED;
    set.remove(e);
    return null;
  });
}

/** `ipset test`: true or false, or what ipset prints instead. */
export function testEntry(state: IpsetState, name: string, entry: IpsetEntry, options: MemberOptions): boolean | string {
  const set = state.sets[findSet(state, name)] ?? null;
  if (set === null) return faults.FAULT_NO_SET;
  if (set.isList) return testListMember(state, set, entry, options);
  const key = new Int32Array(LONGEST_KEY);
  writeEntryKey(state.environment, set, entry, key);
  const e = set.firstNet < 0 ? set.table.find(key) : findNetwork(state, set, entry, key);
  if (e < 0 || set.isExpired(e, state.environment.now)) return false;
  const mac = set.table.macs === null ? -1 : set.table.macs[e];
  if (mac >= 0 && entry.mac !== null && state.environment.macs.name(mac) !== entry.mac) return false;
  return (set.table.isNomatch[e] === 1) === options.isNomatch; // ip_set_enomatch
}

/** A network is looked up as it stands, an address among networks of all lengths (mtype_test). */
function findNetwork(state: IpsetState, set: KernelSet, entry: IpsetEntry, key: Int32Array): number {
  const nets = entry.addresses.filter((_, i) => set.spec.type.parts.filter((p) => p === 'ip' || p === 'net')[i] === 'net');
  if (nets.some((net) => net.length !== set.addressBits)) return set.table.find(key);
  return state.findNetwork(set, key);
}

function addKey(state: IpsetState, set: KernelSet, key: Int32Array, entry: IpsetEntry, options: MemberOptions, isExist: boolean): IpsetOutcome {
  const { now, macs } = state.environment;
  let e = set.table.find(key);
  const isThere = e >= 0 && !set.isExpired(e, now);
  const mac = entry.mac === null ? -1 : macs.id(entry.mac);
  const fillsMac = isThere && set.table.macs !== null && set.table.macs[e] < 0 && mac >= 0;
  if (isThere && !isExist && !fillsMac) return faults.FAULT_ADDED;
  if (e < 0) {
    if (!makeRoom(set, now)) return faults.FAULT_FULL;
    e = set.insert(key);
  }
  writeExtensions(set, e, options, now);
  const { table } = set;
  if (table.macs !== null && (mac >= 0 || !isThere)) table.macs[e] = mac;
  // Without a MAC the clock of bitmap:ip,mac does not run yet.
  if (table.macs !== null && table.macs[e] < 0 && table.expiries !== null && table.expiries[e] !== PERMANENT) table.expiries[e] = now - table.expiries[e];
  return null;
}

/** bitmap_port_uadt looks at the port before anything else. */
function refuseFirst(set: KernelSet, entry: IpsetEntry): IpsetOutcome {
  if (!set.isBitmap || entry.port === null) return null;
  return entry.port.from < set.spec.rangeFrom || entry.port.from > set.spec.rangeTo ? faults.FAULT_OUT_OF_RANGE : null;
}

/** ip_set_get_extensions: what the set was not created for. */
function refuseOptions(spec: IpsetSpec, options: MemberOptions): IpsetOutcome {
  if (options.timeout !== null && spec.timeout === null) return faults.FAULT_NO_TIMEOUT;
  if ((options.packets !== null || options.bytes !== null) && !spec.hasCounters) return faults.FAULT_NO_COUNTERS;
  if (options.comment !== null && !spec.hasComments) return faults.FAULT_NO_COMMENT;
  const hasSkbinfo = options.skbmark !== null || options.skbprio !== null || options.skbqueue !== null;
  return hasSkbinfo && !spec.hasSkbinfo ? faults.FAULT_NO_SKBINFO : null;
}

/** The `same_set` functions: what `create -exist` wants equal. */
function isSame(a: IpsetSpec, b: IpsetSpec): boolean {
  return (
    a.type === b.type &&
    a.family === b.family &&
    a.timeout === b.timeout &&
    a.hasCounters === b.hasCounters &&
    a.hasComments === b.hasComments &&
    a.hasSkbinfo === b.hasSkbinfo &&
    a.netmask === b.netmask &&
    a.markmask === b.markmask &&
    a.rangeFrom === b.rangeFrom &&
    a.rangeTo === b.rangeTo &&
    (a.type.method !== 'hash' || a.maxelem === b.maxelem) &&
    (a.type.method !== 'list' || a.size === b.size)
  );
}

function bitmapSize(spec: IpsetSpec): number {
  const hosts = spec.netmask === null ? 1 : 2 ** (32 - spec.netmask);
  return (spec.rangeTo - spec.rangeFrom + 1) / hosts;
}

/** range_to_mask: bits that all addresses of the range share, 32 where it is no network. */
function commonBits({ rangeFrom, rangeTo }: IpsetSpec): number {
  let bits = 31;
  while (bits > 0 && (rangeTo & maskWord(bits, 0)) >>> 0 !== rangeFrom) bits--;
  return bits === 0 && (rangeFrom !== 0 || rangeTo !== 0xffffffff) ? 32 : bits;
}

function listReferences(state: IpsetState, position: number): number {
  let count = 0;
  for (const set of state.sets) if (set?.isList === true) for (const e of set.order) if (set.table.keys[e] === position) count++;
  return count;
}

/** The options of a captured member, read as if they stood on a command line. */
function optionsOf(spec: IpsetSpec, member: IpsetMember): MemberOptions | Fault {
  const words = [
    ...(member.isNomatch ? ['nomatch'] : []),
    ...(member.isWildcard ? ['wildcard'] : []),
    ...pair('timeout', member.timeout),
    ...pair('packets', member.packets),
    ...pair('bytes', member.bytes),
    ...pair('comment', member.comment),
    ...pair('skbmark', member.skbmark),
    ...pair('skbprio', member.skbprio),
    ...pair('skbqueue', member.skbqueue),
  ];
  return words.length === 0 ? NO_OPTIONS : readMemberOptions(spec, words);
}

function pair(option: string, value: string | number | null): string[] {
  return value === null ? [] : [option, String(value)];
}
