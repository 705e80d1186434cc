/** What entries count and when they began (nf_conntrack_acct.c, nf_conntrack_timestamp.c): for those made while the sysctl was on. */
import type { Refreshed } from '../record/index.js';

/** Packets and bytes of the original direction, then of the reply; microseconds at which the entry was confirmed. */
const COUNTERS = 5;
const START = 4;

/** Which counters grow, and by how many bytes. */
export function accountingDetail(direction: number, length: number): number {
  return (length << 1) | direction;
}

export class Accounting implements Refreshed {
  private counters: Float64Array<ArrayBuffer> | null = null;

  get byteLength(): number {
    return this.counters === null ? 0 : this.counters.byteLength;
  }

  /** A new entry counts from here on if `isOn`, and knows its start if `isStamped`. */
  begin(entry: number, isOn: boolean, isStamped: boolean): void {
    if (!isOn && !isStamped && this.counters === null) return;
    const end = (entry + 1) * COUNTERS;
    if (this.counters === null || this.counters.length < end) {
      const wider = new Float64Array(Math.max(2 * (this.counters?.length ?? 0), end + 64 * COUNTERS)).fill(NaN);
      if (this.counters !== null) wider.set(this.counters);
      this.counters = wider;
    }
    this.counters.fill(isOn ? 0 : NaN, end - COUNTERS, end - 1);
    this.counters[end - 1] = isStamped ? 0 : NaN;
  }

  /** The entry is confirmed. */
  start(entry: number, now: number): void {
    if (this.counters !== null && !Number.isNaN(this.counters[entry * COUNTERS + START])) this.counters[entry * COUNTERS + START] = now;
  }

  get isOn(): boolean {
    return this.counters !== null;
  }

  add(entry: number, direction: number, length: number): void {
    this.repeat(entry, accountingDetail(direction, length), 1);
  }

  /** Entries have versions of their own. */
  versionOf(): number {
    return 0;
  }

  /** See `accountingDetail`. */
  repeat(entry: number, detail: number, times: number): void {
    if (this.counters === null) return;
    const at = entry * COUNTERS + 2 * (detail & 1);
    this.counters[at] += times;
    this.counters[at + 1] += times * (detail >> 1);
  }

  /** Takes over what a capture says of a direction. */
  restore(entry: number, direction: number, packets: number, bytes: number): void {
    if (this.counters === null || this.counters.length < (entry + 1) * COUNTERS) this.begin(entry, true, false);
    const at = entry * COUNTERS + 2 * direction;
    (this.counters as Float64Array)[at] = packets;
    (this.counters as Float64Array)[at + 1] = bytes;
  }

  restoreStart(entry: number, startedAt: number): void {
    if (this.counters === null || this.counters.length < (entry + 1) * COUNTERS) this.begin(entry, false, true);
    (this.counters as Float64Array)[entry * COUNTERS + START] = startedAt;
  }

  packets(entry: number, direction: number): number {
    return this.counters?.[entry * COUNTERS + 2 * direction] ?? NaN;
  }

  /** NaN where the entry does not count. */
  bytes(entry: number, direction: number): number {
    return this.counters?.[entry * COUNTERS + 2 * direction + 1] ?? NaN;
  }

  /** NaN where the entry does not know. */
  startOf(entry: number): number {
    return this.counters?.[entry * COUNTERS + START] ?? NaN;
  }

  reset(entry: number): void {
    if (this.counters !== null && !Number.isNaN(this.packets(entry, 0))) this.counters.fill(0, entry * COUNTERS, entry * COUNTERS + START);
  }

  fork(): Accounting {
    const copy = new Accounting();
    copy.counters = this.counters === null ? null : this.counters.slice();
    return copy;
  }
}
