/** Growing columns of numbers. Room that is never written costs nothing: it is given out zeroed, and touched only by what is not zero. */

/** Columns of rules, all of one length. */
export class RuleTable {
  count = 0;
  chain: Int32Array<ArrayBuffer>;
  line: Int32Array<ArrayBuffer>;
  textStart: Int32Array<ArrayBuffer>;
  textEnd: Int32Array<ArrayBuffer>;
  /** One longer: where the words of the last rule end. */
  tokenStart: Int32Array<ArrayBuffer>;
  form: Uint16Array<ArrayBuffer>;
  packets: Float64Array<ArrayBuffer>;
  bytes: Float64Array<ArrayBuffer>;

  constructor(capacity: number) {
    this.chain = new Int32Array(capacity);
    this.line = new Int32Array(capacity);
    this.textStart = new Int32Array(capacity);
    this.textEnd = new Int32Array(capacity);
    this.tokenStart = new Int32Array(capacity + 1);
    this.form = new Uint16Array(capacity);
    this.packets = new Float64Array(capacity);
    this.bytes = new Float64Array(capacity);
  }

  /** Room for one more. */
  add(): number {
    if (this.count === this.chain.length) this.grow();
    return this.count++;
  }

  private grow(): void {
    const wider = new RuleTable(2 * this.chain.length);
    wider.chain.set(this.chain);
    wider.line.set(this.line);
    wider.textStart.set(this.textStart);
    wider.textEnd.set(this.textEnd);
    wider.tokenStart.set(this.tokenStart);
    wider.form.set(this.form);
    wider.packets.set(this.packets);
    wider.bytes.set(this.bytes);
    Object.assign(this, wider, { count: this.count });
  }
}

export class IntColumn {
  array: Int32Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.array = new Int32Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.array.length) this.grow();
    this.array[this.length++] = value;
  }

  values(): Int32Array<ArrayBuffer> {
    return this.array.subarray(0, this.length);
  }

  private grow(): void {
    const wider = new Int32Array(2 * this.array.length);
    wider.set(this.array);
    this.array = wider;
  }
}

export class FloatColumn {
  private array: Float64Array<ArrayBuffer>;
  length = 0;

  constructor(capacity: number) {
    this.array = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.array.length) {
      const wider = new Float64Array(2 * this.length);
      wider.set(this.array);
      this.array = wider;
    }
    if (value !== 0) this.array[this.length] = value;
    this.length++;
  }

  values(): Float64Array<ArrayBuffer> {
    return this.array.subarray(0, this.length);
  }
}
