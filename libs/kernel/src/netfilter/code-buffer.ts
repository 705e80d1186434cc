/** A growing run of integers. Position 0 is never used, so that 0 can mean nowhere. */
export class CodeBuffer {
  values: Int32Array<ArrayBuffer>;
  length = 1;

  constructor(capacity = 256) {
    this.values = new Int32Array(capacity + 1);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.reserve(1);
    this.values[this.length++] = value;
  }

  reserve(count: number): void {
    if (this.length + count <= this.values.length) return;
    const wider = new Int32Array(2 * (this.length + count));
    wider.set(this.values);
    this.values = wider;
  }

  copy(from: Int32Array, start: number, end: number): void {
    this.reserve(end - start);
    const { values } = this;
    let at = this.length;
    for (let i = start; i < end; i++) values[at++] = from[i];
    this.length = at;
  }
}
