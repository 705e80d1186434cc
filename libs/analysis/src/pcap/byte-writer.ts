/** Network byte order into one growing buffer. */
export class ByteWriter {
  private bytes = new Uint8Array(4096);
  private used = 0;

  get length(): number {
    return this.used;
  }

  u8(value: number): void {
    this.room(1);
    this.bytes[this.used++] = value;
  }

  u16(value: number): void {
    this.u8((value >>> 8) & 255);
    this.u8(value & 255);
  }

  u32(value: number): void {
    this.u16((value >>> 16) & 0xffff);
    this.u16(value & 0xffff);
  }

  /** Least significant byte first: the headers of a capture file. */
  littleU32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.u8((value >>> shift) & 255);
  }

  fill(count: number, value = 0): void {
    this.room(Math.max(0, count));
    for (let i = 0; i < count; i++) this.bytes[this.used++] = value;
  }

  append(other: Uint8Array): void {
    this.room(other.length);
    this.bytes.set(other, this.used);
    this.used += other.length;
  }

  setU16(at: number, value: number): void {
    this.bytes[at] = (value >>> 8) & 255;
    this.bytes[at + 1] = value & 255;
  }

  /** The Internet checksum (RFC 1071) of a range, on top of `sum`. */
  checksum(from: number, to: number, sum = 0): number {
    let total = sum;
    for (let i = from; i < to; i++) total += (i - from) % 2 === 0 ? (this.bytes[i] as number) << 8 : (this.bytes[i] as number);
    while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
    return ~total & 0xffff;
  }

  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  private room(count: number): void {
    if (this.used + count <= this.bytes.length) return;
    const wider = new Uint8Array(Math.max(2 * this.bytes.length, this.used + count));
    wider.set(this.bytes);
    this.bytes = wider;
  }
}
