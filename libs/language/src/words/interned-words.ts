/**
 * Distinct words of one text as small integers, found by their bytes: no string is made before somebody asks for one.
 */
import type { WordTable } from '@worldline/model';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** Start value of the hash that callers roll over a word's bytes: `hash = (Math.imul(hash, WORD_HASH_FACTOR) + byte) | 0`. */
export const WORD_HASH_START = 0x1505;
export const WORD_HASH_FACTOR = 33;

export class InternedWords implements WordTable {
  private slots: Int32Array<ArrayBuffer>;
  private starts: Int32Array<ArrayBuffer>;
  private lengths: Int32Array<ArrayBuffer>;
  private hashes: Int32Array<ArrayBuffer>;
  private used = 0;
  /** Words that do not stand in the text byte by byte (they were written with escapes). */
  private readonly own = new Map<number, string>();

  constructor(private readonly bytes: Uint8Array) {
    // Dumps of large nodes have a new word every 130 bytes or so
    const capacity = 1 << Math.max(9, 32 - Math.clz32(bytes.length >> 7));
    this.slots = new Int32Array(2 * capacity).fill(-1);
    this.starts = new Int32Array(capacity);
    this.lengths = new Int32Array(capacity);
    this.hashes = new Int32Array(capacity);
    this.intern(0, 0, WORD_HASH_START);
  }

  get count(): number {
    return this.used;
  }

  text(id: number): string {
    const own = this.own.get(id);
    if (own !== undefined) return own;
    const start = this.starts[id];
    return decodeUtf8(this.bytes, start, start + this.lengths[id]);
  }

  /** Words that were written with escapes are not found. */
  find(text: string): number {
    const { bytes, hash } = soughtWord(text);
    const mask = this.slots.length - 1;
    for (let at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
      const id = this.slots[at];
      if (id < 0) return -1;
      if (this.hashes[id] === hash && this.lengths[id] === bytes.length && this.text(id) === text) return id;
    }
  }

  /** Where a word's bytes stand in `source`, as start and length; -1 for a word that was written with escapes. */
  startOf(id: number): number {
    return this.starts[id];
  }

  lengthOf(id: number): number {
    return this.lengths[id];
  }

  get source(): Uint8Array {
    return this.bytes;
  }

  /** The id of the bytes `start ... end - 1`, whose rolled hash is given. */
  intern(start: number, end: number, hash: number): number {
    const { slots, bytes, starts, lengths, hashes } = this;
    const mask = slots.length - 1;
    const length = end - start;
    let at = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const id = slots[at];
      if (id < 0) break;
      if (hashes[id] === hash && lengths[id] === length) {
        const other = starts[id];
        let i = 0;
        while (i < length && bytes[other + i] === bytes[start + i]) i++;
        if (i === length) return id;
      }
      at = (at + 1) & mask;
    }
    const id = this.add(start, length, hash);
    slots[at] = id;
    if (2 * this.used > slots.length) this.rehash();
    return id;
  }

  /** A word that was written with escapes. Such words are not looked for again: two ids may have one text. */
  internText(text: string): number {
    const id = this.add(-1, encodeUtf8(text).length, 0);
    this.own.set(id, text);
    return id;
  }

  private add(start: number, length: number, hash: number): number {
    const id = this.used++;
    if (id === this.starts.length) {
      this.starts = widened(this.starts);
      this.lengths = widened(this.lengths);
      this.hashes = widened(this.hashes);
    }
    this.starts[id] = start;
    this.lengths[id] = length;
    this.hashes[id] = hash;
    return id;
  }

  private rehash(): void {
    const slots = new Int32Array(4 * this.slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.used; id++) {
      if (this.starts[id] < 0) continue;
      const hash = this.hashes[id];
      let at = (hash ^ (hash >>> 15)) & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = id;
    }
    this.slots = slots;
  }
}

interface SoughtWord {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

/** Words that are looked for again and again: the vocabulary of a language. */
const sought = new Map<string, SoughtWord>();

function soughtWord(text: string): SoughtWord {
  let word = sought.get(text);
  if (!word) {
    const bytes = encodeUtf8(text);
    let hash = WORD_HASH_START;
    for (const byte of bytes) hash = (Math.imul(hash, WORD_HASH_FACTOR) + byte) | 0;
    word = { bytes, hash };
    sought.set(text, word);
  }
  return word;
}

function widened(array: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * array.length);
  wider.set(array);
  return wider;
}
