/** MAC addresses as integers, by their id in Environment.macs: read once each. */
import { readMac } from '@worldline/language';
import type { NameTable } from '../../packet/index.js';

export class MacWords {
  /** Upper 16 bits. */
  high = new Int32Array(64);
  /** Lower 32 bits. */
  low = new Int32Array(64);
  private known = 0;

  /** Reads the addresses that are new. */
  load(macs: NameTable): void {
    const { count } = macs;
    if (count > this.high.length) {
      this.high = widened(this.high, 2 * count);
      this.low = widened(this.low, 2 * count);
    }
    for (let id = this.known; id < count; id++) {
      const mac = readMac(macs.name(id));
      this.high[id] = mac?.high ?? 0;
      this.low[id] = mac?.low ?? 0;
    }
    this.known = count;
  }

  /** Whether the address has the four words (address, mask) at `at`. */
  isMasked(macs: NameTable, id: number, code: Int32Array, at: number): boolean {
    if (id < 0) return false;
    if (id >= this.known) this.load(macs);
    return (this.high[id] & code[at + 2]) === code[at] && (this.low[id] & code[at + 3]) === code[at + 1];
  }
}

function widened(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(length);
  wider.set(array);
  return wider;
}
