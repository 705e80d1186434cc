/**
 * Distinct words of one text as small integers, found by their bytes: no string is made before somebody asks for one.
 */
import type { WordTable } from '@worldline/model';
import { decodeUtf8, encodeUtf8 } from './utf8.js';

/** Integers of a slot: a word's hash, its id plus one (0: free). */
const SLOT_SIZE = 2;

export class InternedWords implements WordTable {
  private slots: Int32Array<ArrayBuffer>;
  /** Pairs: where a word begins in the text (-1: nowhere), and its length. */
  private spans: Int32Array<ArrayBuffer>;
  private used = 0;
  private interned = 0;
  /** Words that do not stand in the text byte by byte (they were written with escapes). */
  private readonly own = new Map<number, string>();
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Dumps of large nodes have a new word every 130 bytes or so, half of them numbers
    const capacity = 1 << Math.max(9, 32 - Math.clz32(bytes.length >> 8));
    this.slots = new Int32Array(SLOT_SIZE * capacity);
    this.spans = new Int32Array(4 * capacity);
    this.intern(0, 0);
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
    const { view, hash } = soughtWord(text);
    const { slots } = this;
    const mask = slots.length - 1;
    for (let at = (hash << 1) & mask; ; at = (at + SLOT_SIZE) & mask) {
      const id = slots[at + 1] - 1;
      if (id < 0) return -1;
      if (slots[at] === hash && this.spans[2 * id + 1] === view.byteLength && isSame(this.view, this.spans[2 * id], view, 0, view.byteLength)) return id;
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

  /** The id of the bytes `start ... end - 1`. Written out in one piece: the compiler then makes it once, not once for each caller. */
  intern(start: number, end: number): number {
    const { slots, spans, view } = this;
    const mask = slots.length - 1;
    const length = end - start;
    const last = end - 4;
    let hash = length;
    if (length < 4) for (let i = start; i < end; i++) hash = mix(hash, view.getUint8(i));
    else {
      for (let i = start; i < last; i += 4) hash = mix(hash, view.getInt32(i, true));
      hash = mix(hash, view.getInt32(last, true));
    }
    let at = (hash << 1) & mask;
    for (;; at = (at + SLOT_SIZE) & mask) {
      const id = slots[at + 1] - 1;
      if (id < 0) break;
      if (slots[at] !== hash || spans[2 * id + 1] !== length) continue;
      const shift = spans[2 * id] - start;
      let i = start;
      if (length < 4) while (i < end && view.getUint8(i + shift) === view.getUint8(i)) i++;
      else {
        while (i < last && view.getInt32(i + shift, true) === view.getInt32(i, true)) i += 4;
        if (i >= last && view.getInt32(last + shift, true) === view.getInt32(last, true)) i = end;
      }
      if (i >= end) return id;
    }
    slots[at] = hash;
    slots[at + 1] = this.used + 1;
    if (4 * SLOT_SIZE * ++this.interned > 3 * slots.length) this.rehash();
    return this.add(start, length);
  }

  /** A word that was written with escapes. Such words are not looked for again: two ids may have one text. */
  internText(text: string): number {
    const id = this.add(-1, encodeUtf8(text).length);
    this.own.set(id, text);
    return id;
  }

  /** Whether the bytes from `start` on are a word's. */
  isAt(id: number, start: number, length: number): boolean {
    const { spans, view } = this;
    return spans[2 * id + 1] === length && spans[2 * id] >= 0 && isSame(view, spans[2 * id], view, start, length);
  }

  /** A word that nobody looks for, such as an address: it gets an id of its own, whether it has one or not. */
  add(start: number, length: number): number {
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
    const slots = new Int32Array(2 * old.length);
    const mask = slots.length - 1;
    for (let i = 0; i < old.length; i += SLOT_SIZE) {
      if (old[i + 1] === 0) continue;
      let at = (old[i] << 1) & mask;
      while (slots[at + 1] !== 0) at = (at + SLOT_SIZE) & mask;
      slots[at] = old[i];
      slots[at + 1] = old[i + 1];
    }
    this.slots = slots;
  }
}

interface SoughtWord {
  readonly view: DataView;
  readonly hash: number;
}

/** Words that are looked for again and again: the vocabulary of a language. */
const sought = new Map<string, SoughtWord>();

function soughtWord(text: string): SoughtWord {
  let word = sought.get(text);
  if (!word) {
    const bytes = encodeUtf8(text);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    word = { view, hash: hashBytes(view, 0, bytes.length) };
    sought.set(text, word);
  }
  return word;
}

/** Four bytes at a time; the last four once more when they are no whole step. */
function hashBytes(view: DataView, start: number, length: number): number {
  let hash = length;
  if (length < 4) {
    for (let i = 0; i < length; i++) hash = mix(hash, view.getUint8(start + i));
    return hash;
  }
  const end = start + length;
  for (let at = start; at + 4 < end; at += 4) hash = mix(hash, view.getInt32(at, true));
  return mix(hash, view.getInt32(end - 4, true));
}

function mix(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return h ^ (h >>> 15);
}

function isSame(a: DataView, from: number, b: DataView, start: number, length: number): boolean {
  if (length < 4) {
    for (let i = 0; i < length; i++) if (a.getUint8(from + i) !== b.getUint8(start + i)) return false;
    return true;
  }
  const last = length - 4;
  for (let i = 0; i < last; i += 4) if (a.getInt32(from + i, true) !== b.getInt32(start + i, true)) return false;
  return a.getInt32(from + last, true) === b.getInt32(start + last, true);
}
