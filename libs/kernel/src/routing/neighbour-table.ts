/**
 * Neighbours of one machine: addresses on a link and what is known of their MAC addresses (net/core/neighbour.c, Linux 6.18).
 *
 * The table knows states and times; it sends nothing. What wants to be asked is handed out by `takeSolicitation`, and what was decided meanwhile
 * by `takeResolved` and `takeFailed`; the machine keeps the packets that wait, by the number of the entry.
 */
import type { Family } from '@worldline/model';
import { Effects, type Environment, type Refreshed } from '../record/index.js';
import {
  NEIGH_APP_SOLICIT,
  NEIGH_BASE_REACHABLE_TIME_MS,
  NEIGH_DELAY_FIRST_PROBE_TIME,
  NEIGH_LOCKTIME,
  NEIGH_MCAST_RESOLICIT,
  NEIGH_MCAST_SOLICIT,
  NEIGH_RETRANS_TIME_MS,
  NEIGH_UCAST_SOLICIT,
  SYSCTL_NEIGH6_GC_THRESH3,
  SYSCTL_NEIGH_GC_THRESH3,
  type SysctlState,
} from '../sysctl/index.js';

export const NUD_NONE = 0;
export const NUD_INCOMPLETE = 1;
export const NUD_REACHABLE = 2;
export const NUD_STALE = 3;
export const NUD_DELAY = 4;
export const NUD_PROBE = 5;
export const NUD_FAILED = 6;
export const NUD_NOARP = 7;
export const NUD_PERMANENT = 8;
export const NUD_WORDS = ['NONE', 'INCOMPLETE', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'FAILED', 'NOARP', 'PERMANENT'] as const;

/** What a message on the link says of its sender: the state and flags that neigh_update gets. */
export interface LinkWord {
  /** NUD_REACHABLE: an answer to this machine; else NUD_STALE. */
  readonly isConfirming: boolean;
  /** A neighbour that is not known yet becomes known. */
  readonly isCreating: boolean;
  /** NEIGH_UPDATE_F_OVERRIDE: `always`, or only of what has not changed for the time of `locktime`. */
  readonly overrides: 'always' | 'old';
}

/** Answers of `ask`. */
export const NEIGHBOR_QUEUED = -1;
export const NEIGHBOR_UNREACHABLE = -2;

const NEVER = Infinity;
const INITIAL = 16;

export class NeighbourTable implements Refreshed {
  /** The run's; until a machine has this table, nobody looks. */
  effects = new Effects();
  /** Columns by entry. */
  private families: Uint8Array = new Uint8Array(INITIAL);
  private devices = new Int32Array(INITIAL);
  private addresses = new Int32Array(INITIAL);
  private macs = new Int32Array(INITIAL);
  private states = new Uint8Array(INITIAL);
  private probes = new Int32Array(INITIAL);
  private confirmed = new Float64Array(INITIAL);
  private used = new Float64Array(INITIAL);
  private due = new Float64Array(INITIAL);
  private updated = new Float64Array(INITIAL);
  private isDeleted = new Uint8Array(INITIAL);
  private count = 0;
  private live = 0;
  private slots = new Int32Array(2 * INITIAL).fill(-1);
  /** The earliest of `due`, or earlier. */
  private earliest = NEVER;

  private solicitations: number[] = [];
  private failures: number[] = [];
  private resolutions: number[] = [];

  /** The entry of an address, -1 for none. */
  find(family: Family, device: number, address: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = hash(family, device, address) & mask;
    for (;;) {
      const e = slots[at];
      if (e < 0) return -1;
      if (this.addresses[e] === address && this.devices[e] === device && this.families[e] === family && this.isDeleted[e] === 0) return e;
      at = (at + 1) & mask;
    }
  }

  /**
   * neigh_resolve_output with __neigh_event_send: the MAC address to send to; NEIGHBOR_QUEUED while it is asked for (`asked` is the entry);
   * NEIGHBOR_UNREACHABLE when there is no room for one more neighbour.
   */
  ask(sysctl: SysctlState, environment: Environment, family: Family, device: number, address: number): number {
    let entry = this.find(family, device, address);
    if (entry >= 0) {
      const state = this.states[entry];
      if (state === NUD_PERMANENT || state === NUD_NOARP) return this.macs[entry];
      const { now } = environment;
      if (now >= this.due[entry]) this.expire(sysctl, now, entry);
      this.used[entry] = now;
      if (this.effects.isWatched) this.effects.refresh(this, entry, 0, Infinity);
      switch (this.states[entry]) {
        case NUD_REACHABLE:
        case NUD_DELAY:
        case NUD_PROBE:
          return this.macs[entry];
        case NUD_STALE:
          this.change(entry, NUD_DELAY, now);
          this.schedule(entry, now + sysctl.neighbour(family, device, NEIGH_DELAY_FIRST_PROBE_TIME) * 1e6);
          return this.macs[entry];
        case NUD_INCOMPLETE:
          this.asked = entry;
          return NEIGHBOR_QUEUED;
        default:
          break;
      }
    } else {
      if (this.live >= sysctl.global[family === 4 ? SYSCTL_NEIGH_GC_THRESH3 : SYSCTL_NEIGH6_GC_THRESH3] && !this.collect(family)) return NEIGHBOR_UNREACHABLE;
      entry = this.add(family, device, address);
    }
    this.asked = entry;
    this.startAsking(sysctl, environment.now, entry);
    return NEIGHBOR_QUEUED;
  }

  /** A new state or address is a change of the whole (`change`); nothing else of an entry decides where frames go. */
  versionOf(): number {
    return 0;
  }

  repeat(entry: number, detail: number, times: number, now: number): void {
    void detail;
    void times;
    if (now > this.used[entry]) this.used[entry] = now;
  }

  /** The entry that `ask` spoke of last. */
  asked = -1;

  /** neigh_update by a message on the link. Fills `takeResolved`. */
  learn(sysctl: SysctlState, environment: Environment, family: Family, device: number, address: number, mac: number, word: LinkWord): void {
    let entry = this.find(family, device, address);
    if (entry < 0) {
      if (!word.isCreating) return;
      entry = this.add(family, device, address);
    }
    const state = this.states[entry];
    if (state === NUD_PERMANENT || state === NUD_NOARP) return;
    const { now } = environment;
    const wasWaiting = state === NUD_INCOMPLETE;
    const isKnown = state === NUD_REACHABLE || state === NUD_STALE || state === NUD_DELAY || state === NUD_PROBE;
    if (isKnown && this.macs[entry] !== mac) {
      // USER_HZ ticks of 10 ms
      const isLocked = word.overrides === 'old' && now <= this.updated[entry] + sysctl.neighbour(family, device, NEIGH_LOCKTIME) * 10_000;
      if (isLocked) return;
    }
    // An unsolicited word changes nothing of an entry that holds already (neigh_update with equal lladdr and NUD_STALE)
    if (isKnown && !word.isConfirming && this.macs[entry] === mac) return;
    const next = word.isConfirming ? NUD_REACHABLE : NUD_STALE;
    if (next !== state || this.macs[entry] !== mac) this.change(entry, next, now);
    this.macs[entry] = mac;
    if (word.isConfirming) {
      this.confirmed[entry] = now;
      this.schedule(entry, now + sysctl.neighbour(family, device, NEIGH_BASE_REACHABLE_TIME_MS) * 1000);
    } else this.due[entry] = NEVER;
    if (wasWaiting) this.resolutions.push(entry);
  }

  /** Sets an entry as `ip neigh` does. */
  set(family: Family, device: number, address: number, mac: number, state: number, now = 0): void {
    let entry = this.find(family, device, address);
    if (entry < 0) entry = this.add(family, device, address);
    const wasWaiting = this.states[entry] === NUD_INCOMPLETE;
    this.macs[entry] = mac;
    this.change(entry, state, now);
    this.confirmed[entry] = now;
    this.used[entry] = now;
    this.due[entry] = NEVER;
    if (wasWaiting && mac >= 0) this.resolutions.push(entry);
  }

  /** Takes over a captured entry: what was being asked for then has failed, what was known is as old as the capture. */
  restore(family: Family, device: number, address: number, mac: number, state: number): void {
    const isAsking = state === NUD_INCOMPLETE || state === NUD_NONE || (mac < 0 && state !== NUD_FAILED);
    this.set(family, device, address, mac, isAsking ? NUD_FAILED : state === NUD_PROBE || state === NUD_DELAY ? NUD_STALE : state);
    if (state === NUD_REACHABLE) this.schedule(this.find(family, device, address), 0);
  }

  delete(entry: number): void {
    if (this.isDeleted[entry] === 1) return;
    if (this.states[entry] === NUD_INCOMPLETE) this.failures.push(entry);
    this.isDeleted[entry] = 1;
    this.due[entry] = NEVER;
    this.live--;
  }

  /** neigh_ifdown: everything of an interface goes; with `isCarrierOnly` permanent entries stay (neigh_carrier_down). */
  flushDevice(device: number, isCarrierOnly: boolean, family: Family | 0 = 0): void {
    for (let e = 0; e < this.count; e++) {
      if (this.isDeleted[e] === 1 || this.devices[e] !== device || (family !== 0 && this.families[e] !== family)) continue;
      if (isCarrierOnly && this.states[e] === NUD_PERMANENT) continue;
      this.delete(e);
    }
  }

  /** When something is due next; Infinity for never. */
  nextTimer(): number {
    return this.earliest;
  }

  /** neigh_timer_handler for all that is due at `now`. */
  advance(sysctl: SysctlState, now: number): void {
    if (now < this.earliest) return;
    this.earliest = NEVER;
    for (let e = 0; e < this.count; e++) {
      if (this.due[e] <= now) this.expire(sysctl, now, e);
      if (this.due[e] < this.earliest) this.earliest = this.due[e];
    }
  }

  /** An entry that wants to be asked for now, -1 for none. `isUnicast` of it says how. */
  takeSolicitation(): number {
    return this.solicitations.shift() ?? -1;
  }

  /** An entry whose waiting packets may go, -1 for none. */
  takeResolved(): number {
    return this.resolutions.shift() ?? -1;
  }

  /** An entry whose waiting packets are lost (neigh_invalidate), -1 for none. */
  takeFailed(): number {
    return this.failures.shift() ?? -1;
  }

  familyOf(entry: number): Family {
    return this.families[entry] as Family;
  }

  deviceOf(entry: number): number {
    return this.devices[entry];
  }

  addressOf(entry: number): number {
    return this.addresses[entry];
  }

  /** -1 while unknown. */
  macOf(entry: number): number {
    return this.macs[entry];
  }

  stateOf(entry: number): number {
    return this.states[entry];
  }

  /** NUD_VALID: its MAC address may be used. */
  isValid(entry: number): boolean {
    if (entry < 0) return false;
    const state = this.states[entry];
    return state === NUD_PERMANENT || state === NUD_NOARP || state === NUD_REACHABLE || state === NUD_STALE || state === NUD_DELAY || state === NUD_PROBE;
  }

  /** Whether the next probe goes to the MAC address known rather than to all. */
  isUnicastProbe(entry: number): boolean {
    return this.states[entry] === NUD_PROBE && this.macs[entry] >= 0;
  }

  /** Calls back for every entry in the order of their making. */
  forEach(visit: (entry: number) => void): void {
    for (let e = 0; e < this.count; e++) if (this.isDeleted[e] === 0) visit(e);
  }

  fork(): NeighbourTable {
    const copy = new NeighbourTable();
    copy.families = this.families.slice();
    copy.devices = this.devices.slice();
    copy.addresses = this.addresses.slice();
    copy.macs = this.macs.slice();
    copy.states = this.states.slice();
    copy.probes = this.probes.slice();
    copy.confirmed = this.confirmed.slice();
    copy.used = this.used.slice();
    copy.due = this.due.slice();
    copy.updated = this.updated.slice();
    copy.isDeleted = this.isDeleted.slice();
    copy.count = this.count;
    copy.live = this.live;
    copy.slots = this.slots.slice();
    copy.earliest = this.earliest;
    copy.asked = this.asked;
    copy.solicitations = this.solicitations.slice();
    copy.failures = this.failures.slice();
    copy.resolutions = this.resolutions.slice();
    return copy;
  }

  private startAsking(sysctl: SysctlState, now: number, entry: number): void {
    const family = this.familyOf(entry);
    const device = this.devices[entry];
    const probes = sysctl.neighbour(family, device, NEIGH_MCAST_SOLICIT) + sysctl.neighbour(family, device, NEIGH_APP_SOLICIT);
    if (probes === 0) {
      this.change(entry, NUD_FAILED, now);
      this.due[entry] = NEVER;
      this.failures.push(entry);
      return;
    }
    this.change(entry, NUD_INCOMPLETE, now);
    this.macs[entry] = -1;
    this.probes[entry] = sysctl.neighbour(family, device, NEIGH_UCAST_SOLICIT);
    this.probe(sysctl, now, entry);
  }

  private probe(sysctl: SysctlState, now: number, entry: number): void {
    this.probes[entry]++;
    this.solicitations.push(entry);
    const retransMs = Math.max(sysctl.neighbour(this.familyOf(entry), this.devices[entry], NEIGH_RETRANS_TIME_MS), 10);
    this.schedule(entry, now + retransMs * 1000);
  }

  /** neigh_timer_handler for one entry. */
  private expire(sysctl: SysctlState, now: number, entry: number): void {
    const family = this.familyOf(entry);
    const device = this.devices[entry];
    this.due[entry] = NEVER;
    switch (this.states[entry]) {
      case NUD_REACHABLE: {
        const reachable = sysctl.neighbour(family, device, NEIGH_BASE_REACHABLE_TIME_MS) * 1000;
        const delay = sysctl.neighbour(family, device, NEIGH_DELAY_FIRST_PROBE_TIME) * 1e6;
        if (now < this.confirmed[entry] + reachable) this.schedule(entry, this.confirmed[entry] + reachable);
        else if (now < this.used[entry] + delay) {
          this.change(entry, NUD_DELAY, now);
          this.schedule(entry, now + delay);
        } else this.change(entry, NUD_STALE, now);
        return;
      }
      case NUD_DELAY: {
        const delay = sysctl.neighbour(family, device, NEIGH_DELAY_FIRST_PROBE_TIME) * 1e6;
        if (now < this.confirmed[entry] + delay) {
          this.change(entry, NUD_REACHABLE, now);
          this.schedule(entry, this.confirmed[entry] + sysctl.neighbour(family, device, NEIGH_BASE_REACHABLE_TIME_MS) * 1000);
          return;
        }
        this.change(entry, NUD_PROBE, now);
        this.probes[entry] = 0;
        this.probe(sysctl, now, entry);
        return;
      }
      case NUD_PROBE:
      case NUD_INCOMPLETE:
        if (this.probes[entry] < this.maxProbes(sysctl, entry)) {
          this.probe(sysctl, now, entry);
          return;
        }
        this.change(entry, NUD_FAILED, now);
        this.failures.push(entry);
        return;
      default:
        return;
    }
  }

  /** neigh_max_probes. */
  private maxProbes(sysctl: SysctlState, entry: number): number {
    const family = this.familyOf(entry);
    const device = this.devices[entry];
    const last = this.states[entry] === NUD_PROBE ? NEIGH_MCAST_RESOLICIT : NEIGH_MCAST_SOLICIT;
    return sysctl.neighbour(family, device, NEIGH_UCAST_SOLICIT) + sysctl.neighbour(family, device, NEIGH_APP_SOLICIT) + sysctl.neighbour(family, device, last);
  }

  private change(entry: number, state: number, now: number): void {
    this.effects.change();
    this.states[entry] = state;
    this.updated[entry] = now;
  }

  private schedule(entry: number, at: number): void {
    this.due[entry] = at;
    if (at < this.earliest) this.earliest = at;
    this.effects.due(at);
  }

  /** neigh_forced_gc: entries that nobody is waiting for make room. */
  private collect(family: Family): boolean {
    let isAnyGone = false;
    for (let e = 0; e < this.count; e++) {
      if (this.isDeleted[e] === 1 || this.families[e] !== family) continue;
      const state = this.states[e];
      if (state !== NUD_FAILED && state !== NUD_STALE) continue;
      this.delete(e);
      isAnyGone = true;
    }
    return isAnyGone;
  }

  private add(family: Family, device: number, address: number): number {
    if (this.count === this.addresses.length) this.grow();
    const entry = this.count++;
    this.families[entry] = family;
    this.devices[entry] = device;
    this.addresses[entry] = address;
    this.macs[entry] = -1;
    this.states[entry] = NUD_NONE;
    this.due[entry] = NEVER;
    this.live++;
    this.link(entry);
    return entry;
  }

  private link(entry: number): void {
    const mask = this.slots.length - 1;
    let at = hash(this.families[entry], this.devices[entry], this.addresses[entry]) & mask;
    while (this.slots[at] >= 0) at = (at + 1) & mask;
    this.slots[at] = entry;
  }

  private grow(): void {
    const size = 2 * this.addresses.length;
    this.families = widerBytes(this.families, size);
    this.devices = wider(this.devices, size);
    this.addresses = wider(this.addresses, size);
    this.macs = wider(this.macs, size);
    this.states = widerBytes(this.states, size);
    this.probes = wider(this.probes, size);
    this.isDeleted = widerBytes(this.isDeleted, size);
    this.confirmed = widerTimes(this.confirmed, size);
    this.used = widerTimes(this.used, size);
    this.due = widerTimes(this.due, size);
    this.updated = widerTimes(this.updated, size);
    this.slots = new Int32Array(2 * size).fill(-1);
    for (let e = 0; e < this.count; e++) this.link(e);
  }
}

function hash(family: number, device: number, address: number): number {
  const h = Math.imul(address ^ family, 0x9e3779b1) ^ Math.imul(device + 1, 0x85ebca6b);
  return h ^ (h >>> 15);
}

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}

function widerBytes(array: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(length);
  copy.set(array);
  return copy;
}

function widerTimes(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(array);
  return copy;
}
