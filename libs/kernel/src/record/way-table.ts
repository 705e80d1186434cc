/**
 * Finished ways, each kept once. A way is known by 64 bits of hash that grew with its steps, and by its length: telling two ways apart by all their integers would
 * cost as much as half a machine. Every COMPARED-th is compared nevertheless, so that a hash which is not as good as it should be cannot go unseen.
 */
import { assert } from '@worldline/model';

const INITIAL = 256;
const COMPARED = 64;

export class WayTable {
  private slots = new Int32Array(2 * INITIAL).fill(-1);
  private low = new Int32Array(INITIAL);
  private high = new Int32Array(INITIAL);
  private starts = new Int32Array(INITIAL + 1);
  private store = new Int32Array(64 * INITIAL);
  private used = 0;
  private asked = 0;

  /** The number of a way of `length` integers; a new one counts on from the last. */
  intern(steps: Int32Array, length: number, low: number, high: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let at = (low ^ (high >>> 16)) & mask;
    for (;;) {
      const way = slots[at];
      if (way < 0) return this.add(steps, length, low, high, at);
      if (this.low[way] === low && this.high[way] === high && this.starts[way + 1] - this.starts[way] === length) {
        if (++this.asked % COMPARED === 0) assert(this.equals(way, steps), 'two ways have one hash');
        return way;
      }
      at = (at + 1) & mask;
    }
  }

  /** The integers of a way; a view, not to be kept or changed. */
  way(id: number): Int32Array {
    return this.store.subarray(this.starts[id], this.starts[id + 1]);
  }

  private equals(way: number, steps: Int32Array): boolean {
    const start = this.starts[way];
    const length = this.starts[way + 1] - start;
    for (let i = 0; i < length; i++) if (this.store[start + i] !== steps[i]) return false;
    return true;
  }

  private add(steps: Int32Array, length: number, low: number, high: number, at: number): number {
    const id = this.used++;
    if (id === this.low.length) {
      this.low = wider(this.low, 2 * id);
      this.high = wider(this.high, 2 * id);
      this.starts = wider(this.starts, 2 * id + 1);
    }
    const start = this.starts[id];
    if (start + length > this.store.length) this.store = wider(this.store, Math.max(2 * this.store.length, start + length));
    this.store.set(steps.subarray(0, length), start);
    this.starts[id + 1] = start + length;
    this.low[id] = low;
    this.high[id] = high;
    this.slots[at] = id;
    if (2 * this.used > this.slots.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const slots = new Int32Array(2 * this.slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let way = 0; way < this.used; way++) {
      let at = (this.low[way] ^ (this.high[way] >>> 16)) & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = way;
    }
    this.slots = slots;
  }
}

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
