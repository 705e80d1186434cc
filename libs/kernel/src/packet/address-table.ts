/**
 * Address handles: one 32-bit integer per address, so that every table of the engine holds both families alike.
 *
 * An IPv4 handle is the address itself. An IPv6 handle is an index into this table, which only grows; forks of a run share it.
 * A handle means something only together with its family.
 */
import { formatIpv4, formatIpv6, type Family, type IpAddress } from '@worldline/model';

const INITIAL_SLOTS = 1024;

export class AddressTable {
  private words = new Int32Array(4 * INITIAL_SLOTS);
  private slots = new Int32Array(2 * INITIAL_SLOTS).fill(-1);
  private used = 0;

  constructor() {
    this.intern6(0, 0, 0, 0); // handle 0 is `::`, as 0 is 0.0.0.0
  }

  handle(address: IpAddress): number {
    const [w0, w1, w2, w3] = address.words;
    return address.family === 4 ? w3 : this.intern6(w0, w1, w2, w3);
  }

  intern6(w0: number, w1: number, w2: number, w3: number): number {
    const { slots, words } = this;
    const mask = slots.length - 1;
    let at = hashWords(w0, w1, w2, w3) & mask;
    for (;;) {
      const id = slots[at];
      if (id < 0) break;
      const o = id << 2;
      if (words[o] === w0 && words[o + 1] === w1 && words[o + 2] === w2 && words[o + 3] === w3) return id;
      at = (at + 1) & mask;
    }
    const id = this.used++;
    const o = id << 2;
    words[o] = w0;
    words[o + 1] = w1;
    words[o + 2] = w2;
    words[o + 3] = w3;
    slots[at] = id;
    if (this.used * 2 > slots.length) this.grow();
    return id;
  }

  /** Word `index` (0 most significant) of an IPv6 handle. */
  word6(handle: number, index: number): number {
    return this.words[(handle << 2) + index];
  }

  /** Whether `handle` lies in the prefix whose masked words are given; the masks are those of `maskWord`. */
  isInPrefix6(handle: number, p: Int32Array, at: number): boolean {
    const { words } = this;
    const o = handle << 2;
    return (
      ((words[o] ^ p[at]) & p[at + 4]) === 0 &&
      ((words[o + 1] ^ p[at + 1]) & p[at + 5]) === 0 &&
      ((words[o + 2] ^ p[at + 2]) & p[at + 6]) === 0 &&
      ((words[o + 3] ^ p[at + 3]) & p[at + 7]) === 0
    );
  }

  value(family: Family, handle: number): IpAddress {
    if (family === 4) return { family, words: [0, 0, 0, handle] };
    const o = handle << 2;
    return { family, words: [this.words[o], this.words[o + 1], this.words[o + 2], this.words[o + 3]] };
  }

  format(family: Family, handle: number): string {
    if (family === 4) return formatIpv4(handle);
    const o = handle << 2;
    return formatIpv6(this.words[o], this.words[o + 1], this.words[o + 2], this.words[o + 3]);
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let id = 0; id < this.used; id++) {
      const o = id << 2;
      let at = hashWords(words[o], words[o + 1], words[o + 2], words[o + 3]) & mask;
      while (slots[at] >= 0) at = (at + 1) & mask;
      slots[at] = id;
    }
    this.slots = slots;
  }
}

function hashWords(w0: number, w1: number, w2: number, w3: number): number {
  let h = Math.imul(w0 ^ Math.imul(w1, 0x85ebca6b), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ w2, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13) ^ w3, 0x165667b1);
  return h ^ (h >>> 16);
}
