/** Members of list:set: their order, `before` and `after` (net/netfilter/ipset/ip_set_list_set.c list_set_uadd, list_set_udel, list_set_utest, 6.18). */
import type { IpsetEntry, MemberOptions } from '@worldline/language';
import { writeExtensions } from './extensions.js';
import type { IpsetState } from './ipset-state.js';
import type { KernelSet } from './kernel-set.js';
import * as faults from './set-faults.js';

/** Adds a set: at the end, or beside another member. */
export function addListMember(state: IpsetState, list: KernelSet, entry: IpsetEntry, options: MemberOptions, isExist: boolean): string | null {
  const place = resolve(state, entry, options);
  if (typeof place === 'string') return place;
  dropExpired(state, list);
  const known = memberOf(list, place.member);
  const beside = place.beside < 0 ? -1 : memberOf(list, place.beside);
  if (place.beside >= 0 && (beside < 0 || beside === known)) return faults.FAULT_REFERENCE_NOT_ADDED;
  if (known >= 0 && !isExist) return faults.FAULT_ADDED;
  if (known >= 0) {
    writeExtensions(list, known, options, state.environment.now);
    return null;
  }
  const e = list.insert(Int32Array.of(place.member));
  const at = beside < 0 ? list.order.length : list.order.indexOf(beside) + (options.before === null ? 1 : 0);
  list.order.splice(at, 0, e);
  writeExtensions(list, e, options, state.environment.now);
  state.hold(place.member);
  return null;
}

export function deleteListMember(state: IpsetState, list: KernelSet, entry: IpsetEntry, options: MemberOptions, isExist: boolean): string | null {
  const place = resolve(state, entry, options);
  if (typeof place === 'string') return place;
  dropExpired(state, list);
  const e = memberOf(list, place.member);
  if (e < 0 || !isBeside(list, e, place.beside, options)) return isExist ? null : faults.FAULT_NOT_ADDED;
  list.remove(e);
  state.release(place.member);
  return null;
}

export function testListMember(state: IpsetState, list: KernelSet, entry: IpsetEntry, options: MemberOptions): boolean {
  const place = resolve(state, entry, options);
  if (typeof place === 'string') return false;
  const e = memberOf(list, place.member);
  return e >= 0 && !list.isExpired(e, state.environment.now) && isBeside(list, e, place.beside, options);
}

function resolve(state: IpsetState, entry: IpsetEntry, options: MemberOptions): { member: number; beside: number } | string {
  const position = (name: string | null): number => {
    const id = name === null ? -1 : state.environment.words.find(name);
    return id < 0 ? -1 : state.find(id);
  };
  const member = position(entry.set);
  if (member < 0) return faults.FAULT_NO_MEMBER_SET;
  if (state.sets[member]?.isList === true) return faults.FAULT_LOOP;
  const neighbour = options.before ?? options.after;
  const beside = position(neighbour);
  return neighbour !== null && beside < 0 ? faults.FAULT_NO_REFERENCE : { member, beside };
}

function memberOf(list: KernelSet, position: number): number {
  return list.table.find(Int32Array.of(position));
}

function isBeside(list: KernelSet, e: number, beside: number, options: MemberOptions): boolean {
  if (beside < 0) return true;
  const at = list.order.indexOf(e);
  const neighbour = list.order[options.before === null ? at - 1 : at + 1];
  return neighbour !== undefined && list.table.keys[neighbour] === beside;
}

function dropExpired(state: IpsetState, list: KernelSet): void {
  for (const e of list.order.slice()) {
    if (!list.isExpired(e, state.environment.now)) continue;
    const member = list.table.keys[e];
    list.remove(e);
    state.release(member);
  }
}
