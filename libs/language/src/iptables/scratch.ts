/** Where the clauses of one rule are put together. */
import type { ValueKind } from './value/value-kind.js';

/** A word that became operands. */
export interface Fill {
  /** Position among the rule's words. */
  readonly token: number;
  readonly kind: ValueKind;
  readonly scratch: Scratch;
  readonly at: number;
}

/** Clauses of the rule at hand, and for each of them where it was written. */
export class Scratch {
  values = new Int32Array(1024);
  length = 0;
  /** First and last token of each clause, in pairs. */
  origins = new Int32Array(256);
  count = 0;

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  push(value: number): void {
    if (this.length === this.values.length) this.values = widened(this.values);
    this.values[this.length++] = value;
  }

  begin(header: number, from: number, to: number): void {
    this.push(header);
    if (2 * this.count + 2 > this.origins.length) this.origins = widened(this.origins);
    this.origins[2 * this.count] = from;
    this.origins[2 * this.count + 1] = to;
    this.count++;
  }
}

export function widened(array: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * array.length);
  wider.set(array);
  return wider;
}
