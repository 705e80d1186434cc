/**
 * IP addresses as values: text to 32-bit words and back.
 *
 * An address is four signed 32-bit words, most significant first; an IPv4 address stands in word 3 alone.
 */

export type Family = 4 | 6;

export interface IpAddress {
  readonly family: Family;
  readonly words: readonly [number, number, number, number];
}

export interface IpPrefix {
  readonly address: IpAddress;
  /** Prefix length in bits: 0-32 or 0-128. */
  readonly length: number;
}

/** Reads an IPv4 address into one signed 32-bit word; null when the text is none. `0` is read as `0.0.0.0` only in full form. */
export function parseIpv4(text: string): number | null {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      part = part < 0 ? c - 48 : part * 10 + c - 48;
      if (part > 255) return null;
    } else if (c === 46 && part >= 0 && dots < 3) {
      value = (value << 8) | part;
      part = -1;
      dots++;
    } else return null;
  }
  return dots === 3 && part >= 0 ? (value << 8) | part : null;
}

/** Writes an IPv4 word in dotted form. */
export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** Reads an IPv6 address (RFC 4291, any spelling, no zone); null when the text is none. */
export function parseIpv6(text: string): [number, number, number, number] | null {
  const halves = text.split('::');
  if (halves.length > 2 || text === '') return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  if (!head) return null;
  if (halves.length === 1) return head.length === 8 ? toWords(head) : null;
  const tail = parseGroups(halves[1] as string, true);
  if (!tail || head.length + tail.length > 7) return null;
  return toWords([...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part);
      if (v4 === null) return null;
      groups.push(v4 >>> 16, v4 & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else return null;
  }
  return groups;
}

function toWords(g: readonly number[]): [number, number, number, number] {
  const word = (i: number): number => ((g[i] as number) << 16) | (g[i + 1] as number);
  return [word(0), word(2), word(4), word(6)];
}

/** Writes an IPv6 address as RFC 5952 wants it. */
export function formatIpv6(w0: number, w1: number, w2: number, w3: number): string {
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${formatIpv4(w3)}`;
  const g = [w0 >>> 16, w0 & 0xffff, w1 >>> 16, w1 & 0xffff, w2 >>> 16, w2 & 0xffff, w3 >>> 16, w3 & 0xffff];
  let bestStart = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && g[i + n] === 0) n++;
    if (n > bestLength) {
      bestStart = i;
      bestLength = n;
    }
    if (n > 0) i += n;
  }
  const hex = (from: number, to: number): string =>
    g
      .slice(from, to)
      .map((x) => x.toString(16))
      .join(':');
  if (bestStart < 0) return hex(0, 8);
  return `${hex(0, bestStart)}::${hex(bestStart + bestLength, 8)}`;
}

/** Reads an address of either family, a zone (`%eth0`) left aside; null when the text is none. */
export function parseAddress(text: string): IpAddress | null {
  const percent = text.indexOf('%');
  const bare = percent < 0 ? text : text.slice(0, percent);
  if (bare.includes(':')) {
    const words = parseIpv6(bare);
    return words && { family: 6, words };
  }
  const word = parseIpv4(bare);
  return word === null ? null : { family: 4, words: [0, 0, 0, word] };
}

/** Writes an address: dotted quad or RFC 5952. */
export function formatAddress(address: IpAddress): string {
  const [w0, w1, w2, w3] = address.words;
  return address.family === 4 ? formatIpv4(w3) : formatIpv6(w0, w1, w2, w3);
}

/** Reads `ADDRESS[/LENGTH]`; a missing length is the full one. */
export function parsePrefix(text: string): IpPrefix | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return null;
  const bits = address.family === 4 ? 32 : 128;
  if (slash < 0) return { address, length: bits };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return null;
  const length = Number(digits);
  return length <= bits ? { address, length } : null;
}

/** The netmask word `index` (0-3) of a prefix of `length` bits counted over four words; for IPv4 use `maskWord(length, 0)`. */
export function maskWord(length: number, index: number): number {
  const bits = length - 32 * index;
  if (bits >= 32) return -1;
  return bits <= 0 ? 0 : -1 << (32 - bits);
}

/** Whether an address lies in a prefix. Families must agree, else false. */
export function isInPrefix(address: IpAddress, prefix: IpPrefix): boolean {
  if (address.family !== prefix.address.family) return false;
  if (address.family === 4) return ((address.words[3] ^ prefix.address.words[3]) & maskWord(prefix.length, 0)) === 0;
  for (let i = 0; i < 4; i++) {
    if ((((address.words[i] as number) ^ (prefix.address.words[i] as number)) & maskWord(prefix.length, i)) !== 0) return false;
  }
  return true;
}

/** Compares two addresses in numeric order, IPv4 first; for stable output. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family !== b.family) return a.family - b.family;
  for (let i = 0; i < 4; i++) {
    const difference = ((a.words[i] as number) >>> 0) - ((b.words[i] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
