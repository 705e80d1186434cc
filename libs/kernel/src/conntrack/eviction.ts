/**
 * How entries go without being asked for: the garbage collector and early_drop (net/netfilter/nf_conntrack_core.c, Linux 6.18).
 *
 * An ended entry counts until somebody walks over it. The collector's pace adapts to the entries' timers as the kernel's does.
 */
import { PROTOCOL_SCTP, PROTOCOL_TCP } from '../packet/index.js';
import type { ConntrackMachine, ConntrackState } from './conntrack-state.js';
import { HZ, IPS_ASSURED, IPS_CONFIRMED, IPS_DYING } from './constants.js';
import { isSctpClosing } from './sctp-state.js';
import { SETTING_BUCKETS, SETTING_MAX } from './settings.js';
import { isTcpClosing } from './tcp-state.js';

const SCAN_INTERVAL_MIN = 1 * HZ;
const SCAN_INTERVAL_MAX = 60 * HZ;
const SCAN_INTERVAL_CLAMP = 300 * HZ;
/** Bias, as if there were this many entries with the longest interval. */
const SCAN_INITIAL_COUNT = 100;
/** Buckets that early_drop looks into. */
const EVICTION_RANGE = 8;

/** gc_worker: deletes what has ended, or is ending in a table that had no room for a new entry, and says when to come again. */
export function collectGarbage(state: ConntrackState): void {
  const { table } = state;
  let average = SCAN_INTERVAL_MAX;
  let count = SCAN_INITIAL_COUNT;
  const limit = state.hasRefused ? Math.trunc(state.settings.values[SETTING_MAX] / 100) * 95 : 0;
  state.hasRefused = false;
  for (let e = 0; e < table.end; e++) {
    if (!table.isUsed(e) || (table.status(e) & (IPS_CONFIRMED | IPS_DYING)) !== IPS_CONFIRMED) continue;
    const remaining = state.left(e);
    if (remaining <= 0) {
      state.destroy(e);
      continue;
    }
    if (limit > 0 && table.count >= limit && mayGoEarly(state, e)) {
      state.destroy(e);
      continue;
    }
    count++;
    average += Math.trunc((Math.min(Math.max(remaining, SCAN_INTERVAL_MIN), SCAN_INTERVAL_CLAMP) - average) / count);
  }
  state.nextCollection = (state.timestamp + Math.min(Math.max(average, SCAN_INTERVAL_MIN), SCAN_INTERVAL_MAX)) | 0;
}

/**
 * early_drop: a full table gives up one entry that is not ASSURED, if there is one in the eight buckets from the new flow's on. Which
 * buckets entries are in is chance (siphash with a secret key), so chance it is here. True when there is room now.
 */
export function earlyDrop(state: ConntrackState, m: ConntrackMachine): boolean {
  const { chooser, random } = m.environment;
  const miss = Math.pow(1 - Math.min(1, EVICTION_RANGE / state.settings.values[SETTING_BUCKETS]), 2 * state.unassured);
  const scale = 0x40000000;
  const numerator = Math.round((1 - miss) * scale);
  if (state.unassured === 0 || numerator === 0) return false;
  if (numerator < scale && !chooser.chance(numerator, scale)) return false;
  const victim = unassuredFrom(state, random.below(state.table.end));
  if (victim < 0) return false;
  state.destroy(victim);
  return true;
}

/** gc_worker_can_early_drop, tcp_can_early_drop, sctp_can_early_drop. */
function mayGoEarly(state: ConntrackState, entry: number): boolean {
  if ((state.status(entry) & IPS_ASSURED) === 0) return true;
  const protocol = state.table.protocol(entry);
  if (protocol === PROTOCOL_TCP) return isTcpClosing(state.protocolState(entry));
  return protocol === PROTOCOL_SCTP && isSctpClosing(state.protocolState(entry));
}

/** The first entry at or after a position, going round, that early_drop may take. */
function unassuredFrom(state: ConntrackState, start: number): number {
  const { table } = state;
  for (let i = 0; i < table.end; i++) {
    const e = (start + i) % table.end;
    if (!table.isUsed(e) || (table.status(e) & (IPS_CONFIRMED | IPS_DYING | IPS_ASSURED)) !== IPS_CONFIRMED) continue;
    if (state.left(e) > 0) return e;
  }
  return -1;
}
