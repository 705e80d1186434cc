/**
 * Distinct words of one text as small integers, found by their bytes: no string is made before somebody asks for one.
 */
import type { WordTable } from '@worldline/model';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** Start value of the hash that callers roll over a word's bytes: `hash = (Math.imul(hash, WORD_HASH_FACTOR) + byte) | 0`. */
export const WORD_HASH_START = 0x1505;
export const WORD_HASH_FACTOR = 33;

export class InternedWords implements WordTable {
  /** Pairs: a word's hash, and its id plus one (0: free). */
  private slots: Int32Array<ArrayBuffer>;
  /** Pairs: where a word begins in the text (-1: nowhere), and its length. */
  private spans: Int32Array<ArrayBuffer>;
  private used = 0;
  /** Words that do not stand in the text byte by byte (they were written with escapes). */
  private readonly own = new Map<number, string>();

  constructor(private readonly bytes: Uint8Array) {
    // Dumps of large nodes have a new word every 130 bytes or so
    const capacity = 1 << Math.max(9, 32 - Math.clz32(bytes.length >> 7));
    this.slots = new Int32Array(4 * capacity);
    this.spans = new Int32Array(2 * capacity);
    this.intern(0, 0, WORD_HASH_START);
  }

  get count(): number {
    return this.used;
  }

  text(id: number): string {
    const own = this.own.get(id);
    if (own !== undefined) return own;
    const start = this.spans[2 * id];
    return decodeUtf8(this.bytes, start, start + this.spans[2 * id + 1]);
  }

  /** Words that were written with escapes are not found. */
  find(text: string): number {
    const { bytes, hash } = soughtWord(text);
    const { slots } = this;
    const mask = slots.length - 1;
    for (let at = (slotOf(hash) << 1) & mask; ; at = (at + 2) & mask) {
      const id = slots[at + 1] - 1;
      if (id < 0) return -1;
      if (slots[at] === hash && this.spans[2 * id + 1] === bytes.length && this.text(id) === text) return id;
    }
  }

  /** Where a word's bytes stand in `source`; -1 for a word that was written with escapes. */
  startOf(id: number): number {
    return this.spans[2 * id];
  }

  lengthOf(id: number): number {
    return this.spans[2 * id + 1];
  }

  get source(): Uint8Array {
    return this.bytes;
  }

  /** The id of the bytes `start ... end - 1`, whose rolled hash is given. */
  intern(start: number, end: number, hash: number): number {
    const { slots, bytes, spans } = this;
    const mask = slots.length - 1;
    const length = end - start;
    let at = (slotOf(hash) << 1) & mask;
    for (;;) {
      const id = slots[at + 1] - 1;
      if (id < 0) break;
      if (slots[at] === hash && spans[2 * id + 1] === length) {
        const other = spans[2 * id];
        let i = 0;
        while (i < length && bytes[other + i] === bytes[start + i]) i++;
        if (i === length) return id;
      }
      at = (at + 2) & mask;
    }
    const id = this.add(start, length);
    slots[at] = hash;
    slots[at + 1] = id + 1;
    if (4 * this.used > slots.length) this.rehash();
    return id;
  }

  /** A word that was written with escapes. Such words are not looked for again: two ids may have one text. */
  internText(text: string): number {
    const id = this.add(-1, encodeUtf8(text).length);
    this.own.set(id, text);
    return id;
  }

  private add(start: number, length: number): number {
    const id = this.used++;
    if (2 * id === this.spans.length) {
      const wider = new Int32Array(2 * this.spans.length);
      wider.set(this.spans);
      this.spans = wider;
    }
    this.spans[2 * id] = start;
    this.spans[2 * id + 1] = length;
    return id;
  }

  private rehash(): void {
    const old = this.slots;
    const slots = new Int32Array(4 * old.length);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue;
      let at = (slotOf(old[i]) << 1) & mask;
      while (slots[at + 1] !== 0) at = (at + 2) & mask;
      slots[at] = old[i];
      slots[at + 1] = old[i + 1];
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

/** Words that differ in their last digits have neighbouring hashes: spreads them. */
function slotOf(hash: number): number {
  const h = Math.imul(hash, 0x9e3779b1);
  return h ^ (h >>> 15);
}
