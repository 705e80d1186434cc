/** Interns sequences of integers: equal sequences have one number. They are compared by every integer, not by their hash alone. */
const INITIAL = 64;

export class SequenceTable {
  private slots = new Int32Array(2 * INITIAL).fill(-1);
  private hashes = new Int32Array(INITIAL);
  private starts = new Int32Array(INITIAL + 1);
  private store = new Int32Array(16 * INITIAL);
  private used = 0;

  /** How many there are. */
  get size(): number {
    return this.used;
  }

  /** The number of a sequence, given as the first `length` integers; a new one counts on from the last. */
  intern(values: Int32Array, length: number): number {
    let h = length;
    for (let i = 0; i < length; i++) {
      h = Math.imul(h ^ values[i], 0x9e3779b1);
      h ^= h >>> 15;
    }
    const mask = this.slots.length - 1;
    let at = h & mask;
    for (;;) {
      const id = this.slots[at];
      if (id < 0) return this.add(values, length, h, at);
      if (this.hashes[id] === h && this.equals(id, values, length)) return id;
      at = (at + 1) & mask;
    }
  }

  private equals(id: number, values: Int32Array, length: number): boolean {
    const start = this.starts[id];
    if (this.starts[id + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.store[start + i] !== values[i]) return false;
    return true;
  }

  private add(values: Int32Array, length: number, hash: number, at: number): number {
    const id = this.used++;
    const start = this.starts[id];
    if (start + length > this.store.length) this.store = wider(this.store, Math.max(2 * this.store.length, start + length));
    if (id === this.hashes.length) {
      this.hashes = wider(this.hashes, 2 * id);
      this.starts = wider(this.starts, 2 * id + 1);
    }
    this.store.set(values.subarray(0, length), start);
    this.starts[id + 1] = start + length;
    this.hashes[id] = hash;
    this.slots[at] = id;
    if (2 * this.used > this.slots.length) this.rehash();
    return id;
  }

  private rehash(): void {
    const slots = new Int32Array(2 * this.slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.used; id++) {
      let at = this.hashes[id] & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = id;
    }
    this.slots = slots;
  }
}

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
