/** Entries by original source and protocol (nf_nat_bysource): chains through W_NEXT, newest first. Empty until NAT needs it. */
import { ENTRY_SIZE, W_NEXT, W_PORTS, W_SOURCE } from './entry-words.js';

const INITIAL_HEADS = 16;

export class SourceIndex {
  private heads: Int32Array<ArrayBuffer> | null = null;

  get byteLength(): number {
    return this.heads === null ? 0 : this.heads.byteLength;
  }

  fork(): SourceIndex {
    const copy = new SourceIndex();
    copy.heads = this.heads === null ? null : this.heads.slice();
    return copy;
  }

  first(source: number, port: number, protocol: number): number {
    const { heads } = this;
    return heads === null ? -1 : heads[hashSource(source, port, protocol) & (heads.length - 1)];
  }

  link(words: Int32Array, entry: number, protocol: number): void {
    const heads = (this.heads ??= new Int32Array(initialLength(words)).fill(-1));
    const head = headOf(heads, words, entry, protocol);
    words[entry * ENTRY_SIZE + W_NEXT] = heads[head];
    heads[head] = entry;
  }

  unlink(words: Int32Array, entry: number, protocol: number): void {
    const { heads } = this;
    if (heads === null) return;
    const head = headOf(heads, words, entry, protocol);
    const next = words[entry * ENTRY_SIZE + W_NEXT];
    let at = heads[head];
    if (at === entry) heads[head] = next;
    else {
      while (at >= 0 && words[at * ENTRY_SIZE + W_NEXT] !== entry) at = words[at * ENTRY_SIZE + W_NEXT];
      if (at >= 0) words[at * ENTRY_SIZE + W_NEXT] = next;
    }
  }

  /** Keeps the chains short for a table of `capacity` entries; their order stays. */
  fit(words: Int32Array, capacity: number, protocolOf: (entry: number) => number): void {
    const old = this.heads;
    if (old === null || 2 * old.length > capacity) return;
    const heads = new Int32Array(2 * old.length).fill(-1);
    const tails = new Int32Array(2 * old.length).fill(-1);
    for (const first of old) {
      for (let entry = first; entry >= 0; ) {
        const next = words[entry * ENTRY_SIZE + W_NEXT];
        const head = headOf(heads, words, entry, protocolOf(entry));
        if (tails[head] < 0) heads[head] = entry;
        else words[tails[head] * ENTRY_SIZE + W_NEXT] = entry;
        words[entry * ENTRY_SIZE + W_NEXT] = -1;
        tails[head] = entry;
        entry = next;
      }
    }
    this.heads = heads;
  }
}

function initialLength(words: Int32Array): number {
  let length = INITIAL_HEADS;
  while (2 * length * ENTRY_SIZE <= words.length) length *= 2;
  return length;
}

function headOf(heads: Int32Array, words: Int32Array, entry: number, protocol: number): number {
  const at = entry * ENTRY_SIZE;
  return hashSource(words[at + W_SOURCE], words[at + W_PORTS] >>> 16, protocol) & (heads.length - 1);
}

function hashSource(source: number, port: number, protocol: number): number {
  const h = Math.imul(source ^ ((protocol << 16) | port), 0x9e3779b1);
  return h ^ (h >>> 15);
}
