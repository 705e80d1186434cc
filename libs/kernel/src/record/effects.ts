/**
 * What evaluating a packet did and what it depended on, so that cache/ can tell whether the same packet, coming again, may be answered without being run.
 *
 * Whoever changes lasting state says `change`; whoever consults chance, a clock or a memory says `refuse`; what every packet does alike (rule counters, the timer of an
 * entry, the last use of a neighbour) is noted and can be done many times at once. Nothing is noted while nobody watches.
 */

/** State of which a packet refreshes an entry. */
export interface Refreshed {
  /** A number that is never the same again once anything but the refreshing has happened to the entry. */
  versionOf(entry: number): number;
  /** Does what was noted as `refresh(..., detail)` for the last of `times` packets, which came at `now` (microseconds). */
  repeat(entry: number, detail: number, times: number, now: number): void;
}

/** Counters of rules. They move to a wider array when another chain begins to count, so who adds to them later asks for it again. */
export interface Counters {
  readonly values: Float64Array;
}

const INITIAL = 64;

export class Effects {
  /** Grows with every lasting change that is not one of an entry with versions. */
  generation = 0;
  isWatched = false;
  /** Whether what is being watched could be repeated without being run. */
  isRepeatable = false;
  /** From this microsecond on it may come out differently. */
  until = Infinity;
  /** No timer of any machine changes anything before this microsecond. */
  dueAt = Infinity;
  /** How long after its last packet what it refreshed is still alive, microseconds. */
  lease = Infinity;

  /** Counters that grew by one, and the ones beside them that grew by a length. */
  readonly counted: Counters[] = [];
  readonly refreshed: Refreshed[] = [];
  countedCount = 0;
  refreshedCount = 0;
  places = new Int32Array(INITIAL);
  lengths = new Int32Array(INITIAL);
  entries = new Int32Array(INITIAL);
  details = new Int32Array(INITIAL);

  watch(): void {
    this.isWatched = true;
    this.isRepeatable = true;
    this.until = Infinity;
    this.lease = Infinity;
    this.countedCount = 0;
    this.refreshedCount = 0;
  }

  /** Ends the watch; whether everything that was seen can be repeated. */
  unwatch(): boolean {
    this.isWatched = false;
    return this.isRepeatable;
  }

  /** Lasting state has changed: nothing that was known before holds. */
  change(): void {
    this.generation++;
    this.isRepeatable = false;
  }

  /** What is being evaluated cannot be repeated. */
  refuse(): void {
    this.isRepeatable = false;
  }

  /** `counters.values[place]` grew by one, `counters.values[place + 1]` by `length`. */
  count(counters: Counters, place: number, length: number): void {
    const n = this.countedCount++;
    if (n === this.places.length) {
      this.places = wider(this.places);
      this.lengths = wider(this.lengths);
    }
    this.counted[n] = counters;
    this.places[n] = place;
    this.lengths[n] = length;
  }

  /** An entry was refreshed; without another packet it lives for `lease` microseconds from now. */
  refresh(owner: Refreshed, entry: number, detail: number, lease: number): void {
    const n = this.refreshedCount++;
    if (n === this.entries.length) {
      this.entries = wider(this.entries);
      this.details = wider(this.details);
    }
    this.refreshed[n] = owner;
    this.entries[n] = entry;
    this.details[n] = detail;
    if (lease < this.lease) this.lease = lease;
  }

  /** A timer was set to `time`. */
  due(time: number): void {
    if (time < this.dueAt) this.dueAt = time;
  }

  /** From `time` on (microseconds) it may come out differently. */
  limit(time: number): void {
    if (time < this.until) this.until = time;
  }
}

function wider(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * array.length);
  copy.set(array);
  return copy;
}
