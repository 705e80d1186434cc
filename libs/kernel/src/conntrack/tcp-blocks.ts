/**
 * Window tracking state of TCP entries (struct ip_ct_tcp), one block each: twelve words and ten bytes in one buffer. Only TCP entries
 * have a block, so the others stay small.
 */
const BLOCK_BYTES = 60;
const BLOCK_WORDS = BLOCK_BYTES / 4;

/** Per direction: words at W offset `direction * D_SIZE`, bytes at `B_DIRECTION + direction * D_SIZE`. */
export const D_SIZE = 4;
export const D_END = 0;
export const D_MAXEND = 1;
export const D_MAXWIN = 2;
export const D_MAXACK = 3;
export const D_SCALE = 0;
export const D_FLAGS = 1;

export const W_LAST_SEQ = 8;
export const W_LAST_ACK = 9;
export const W_LAST_END = 10;
/** 16 bits; the bytes follow. */
export const W_LAST_WIN = 11;
const FIRST_BYTE = 48;
/** Bytes 0-1 and 4-5 are the directions' scale and flags, the gaps between them are used for the rest. */
export const B_DIRECTION = 0;
export const B_STATE = 2;
export const B_LAST_DIRECTION = 3;
export const B_LAST_INDEX = 6;
export const B_LAST_FLAGS = 7;
export const B_LAST_SCALE = 8;
export const B_RETRANS = 9;

/** IP_CT_TCP_FLAG_*. */
export const FLAG_WINDOW_SCALE = 0x01;
export const FLAG_SACK_PERM = 0x02;
export const FLAG_CLOSE_INIT = 0x04;
export const FLAG_BE_LIBERAL = 0x08;
export const FLAG_DATA_UNACKNOWLEDGED = 0x10;
export const FLAG_MAXACK_SET = 0x20;

const NO_WORDS = new Int32Array(0);

export class TcpBlocks {
  words = NO_WORDS;
  bytes = new Uint8Array(this.words.buffer);
  private end = 0;
  private free = -1;

  get byteLength(): number {
    return this.words.byteLength;
  }

  fork(): TcpBlocks {
    const copy = new TcpBlocks();
    copy.words = this.words.slice();
    copy.bytes = new Uint8Array(copy.words.buffer);
    copy.end = this.end;
    copy.free = this.free;
    return copy;
  }

  wordAt(block: number): number {
    return block * BLOCK_WORDS;
  }

  byteAt(block: number): number {
    return block * BLOCK_BYTES + FIRST_BYTE;
  }

  state(block: number): number {
    return this.bytes[block * BLOCK_BYTES + FIRST_BYTE + B_STATE];
  }

  setState(block: number, state: number): void {
    this.bytes[block * BLOCK_BYTES + FIRST_BYTE + B_STATE] = state;
  }

  allocate(): number {
    let block = this.free;
    if (block >= 0) this.free = this.words[block * BLOCK_WORDS];
    else {
      block = this.end++;
      if (this.end * BLOCK_WORDS > this.words.length) this.grow();
    }
    this.clear(block);
    return block;
  }

  deallocate(block: number): void {
    this.words[block * BLOCK_WORDS] = this.free;
    this.free = block;
  }

  /** A connection in some state whose windows nobody has seen: they are not checked (IP_CT_TCP_FLAG_BE_LIBERAL). */
  setUnknownWindows(block: number, state: number): void {
    const b = this.byteAt(block);
    this.clear(block);
    this.bytes[b + B_STATE] = state;
    this.bytes[b + B_DIRECTION + D_FLAGS] = FLAG_BE_LIBERAL;
    this.bytes[b + B_DIRECTION + D_SIZE + D_FLAGS] = FLAG_BE_LIBERAL;
  }

  clear(block: number): void {
    this.words.fill(0, block * BLOCK_WORDS, (block + 1) * BLOCK_WORDS);
  }

  private grow(): void {
    const blocks = this.words.length / BLOCK_WORDS;
    const words = new Int32Array((blocks + Math.max(8, blocks >> 2)) * BLOCK_WORDS);
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }
}
