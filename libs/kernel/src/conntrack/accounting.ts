/** Packet and byte counters of entries (nf_conntrack_acct.c): kept for those that began while nf_conntrack_acct was on. */
import type { Refreshed } from '../record/index.js';

/** Packets and bytes of the original direction, then of the reply. */
const COUNTERS = 4;

/** Which counters grow, and by how many bytes. */
export function accountingDetail(direction: number, length: number): number {
  return (length << 1) | direction;
}

export class Accounting implements Refreshed {
  private counters: Float64Array<ArrayBuffer> | null = null;

  get byteLength(): number {
    return this.counters === null ? 0 : this.counters.byteLength;
  }

  /** A new entry counts from here on if `isOn`. */
  begin(entry: number, isOn: boolean): void {
    if (!isOn && this.counters === null) return;
    const end = (entry + 1) * COUNTERS;
    if (this.counters === null || this.counters.length < end) {
      const wider = new Float64Array(Math.max(2 * (this.counters?.length ?? 0), end + 64 * COUNTERS)).fill(NaN);
      if (this.counters !== null) wider.set(this.counters);
      this.counters = wider;
    }
    this.counters.fill(isOn ? 0 : NaN, end - COUNTERS, end);
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

  packets(entry: number, direction: number): number {
    return this.counters?.[entry * COUNTERS + 2 * direction] ?? NaN;
  }

  /** NaN where the entry does not count. */
  bytes(entry: number, direction: number): number {
    return this.counters?.[entry * COUNTERS + 2 * direction + 1] ?? NaN;
  }

  reset(entry: number): void {
    if (!Number.isNaN(this.packets(entry, 0))) this.begin(entry, true);
  }

  fork(): Accounting {
    const copy = new Accounting();
    copy.counters = this.counters === null ? null : this.counters.slice();
    return copy;
  }
}
