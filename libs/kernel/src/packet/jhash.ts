/** The kernel's hash of short keys (include/linux/jhash.h), for what depends on its very values: set buckets, NAT ranges. */

/** jhash2 over the first `length` words of `k`. */
export function jhash2(k: Int32Array, length: number, initval: number): number {
  let a = (0xdeadbeef + (length << 2) + initval) | 0;
  let b = a;
  let c = a;
  let at = 0;
  while (length > 3) {
    a = (a + k[at]) | 0;
    b = (b + k[at + 1]) | 0;
    c = (c + k[at + 2]) | 0;
    a = (a - c) ^ rotated(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotated(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotated(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotated(b, 4);
    b = (b + a) | 0;
    length -= 3;
    at += 3;
  }
  if (length === 0) return c;
  if (length >= 3) c = (c + k[at + 2]) | 0;
  if (length >= 2) b = (b + k[at + 1]) | 0;
  a = (a + k[at]) | 0;
  c = (c ^ b) - rotated(b, 14);
  a = (a ^ c) - rotated(c, 11);
  b = (b ^ a) - rotated(a, 25);
  c = (c ^ b) - rotated(b, 16);
  a = (a ^ c) - rotated(c, 4);
  b = (b ^ a) - rotated(a, 14);
  c = (c ^ b) - rotated(b, 24);
  return c | 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** Network to host order, as a little-endian machine sees the words it hashes. */
export function swapWord(word: number): number {
  return (word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff0000) | (word << 24);
}
