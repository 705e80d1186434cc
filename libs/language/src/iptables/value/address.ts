/** Addresses, prefixes and the ranges of NAT targets. */
import { formatIpv4, formatIpv6, maskWord, parseAddress, parseIpv4, type Family, type IpAddress } from '@worldline/model';
import { serviceNumber } from './names.js';
import { kind, parseNumber, type ByteParser, type ValueKind } from './value-kind.js';

export const MAP_ADDRESSES = 1;
export const MAP_PORTS = 2;
export const MAP_OFFSET = 4;

function pushWords(out: number[], address: IpAddress): void {
  if (address.family === 4) out.push(address.words[3], 0, 0, 0);
  else out.push(...address.words);
}

function format(values: readonly number[], at: number, family: Family): string {
  return family === 4
    ? formatIpv4(values[at] as number)
    : formatIpv6(values[at] as number, values[at + 1] as number, values[at + 2] as number, values[at + 3] as number);
}

function parseOwn(text: string, family: Family): IpAddress | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const address = parseAddress(bare);
  return address && address.family === family ? address : null;
}

/** One address. */
export const ADDRESS = kind({
  width: 4,
  relocation: 'address',
  parse(text, out, { family }) {
    const address = parseOwn(text, family);
    if (!address) return false;
    pushWords(out, address);
    return true;
  },
  print: (values, family) => format(values, 0, family),
});

/** Short forms that inet_aton knows and iptables passes on: `0/0`, `10/8`, `10.1`. */
function parsePadded4(text: string): number | null {
  const parts = text.split('.');
  while (parts.length < 4) parts.push('0');
  return parseIpv4(parts.join('.'));
}

function prefixLengthOf(values: readonly number[], at: number, words: number): number {
  let length = 0;
  for (let i = 0; i < words; i++) {
    const mask = values[at + i] as number;
    const ones = Math.clz32(~mask);
    length += ones;
    if (ones < 32) {
      if (mask !== maskWord(ones, 0)) return -1;
      for (let j = i + 1; j < words; j++) if (values[at + j] !== 0) return -1;
      return length;
    }
  }
  return length;
}

/** `a.b.c.d/length` as address and mask. */
const prefixBytes: ByteParser = (bytes, start, end, out, at) => {
  const cursor = readAddress(bytes, start, end);
  if (cursor < 0 || bytes[cursor] !== SLASH) return false;
  const length = readNumber(bytes, cursor + 1, end);
  if (length < 0 || length > 32 || numberEnd !== end) return false;
  const mask = length === 0 ? 0 : -1 << (32 - length);
  out[at] = addressRead & mask;
  out[at + 1] = mask;
  return true;
};

/** `a.b.c.d:port` as the range that NAT_RANGE lays down. */
const natBytes: ByteParser = (bytes, start, end, out, at) => {
  const cursor = readAddress(bytes, start, end);
  if (cursor < 0 || bytes[cursor] !== COLON) return false;
  const port = readNumber(bytes, cursor + 1, end);
  if (port < 0 || port > 0xffff || numberEnd !== end) return false;
  out.fill(0, at, at + 12);
  out[at] = addressRead;
  out[at + 4] = addressRead;
  out[at + 8] = MAP_ADDRESSES | MAP_PORTS;
  out[at + 9] = port;
  out[at + 10] = port;
  return true;
};

const SLASH = 47;
const COLON = 58;
/** What readAddress and readNumber found beside their result. */
let addressRead = 0;
let numberEnd = 0;

/** Reads a dotted quad; where it ends, -1 when there is none. */
function readAddress(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && bytes[at++] !== 46) return -1;
    const byte = readNumber(bytes, at, end);
    if (byte < 0 || byte > 255) return -1;
    value = (value << 8) | byte;
    at = numberEnd;
  }
  addressRead = value;
  return at;
}

/** Reads up to five decimal digits, -1 when there are none; a leading zero is for the general way. */
function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start;
  for (; at < end && at < start + 6; at++) {
    const c = bytes[at];
    if (c < 48 || c > 57) break;
    value = value * 10 + c - 48;
  }
  numberEnd = at;
  return at === start || (bytes[start] === 48 && at > start + 1) ? -1 : value;
}

/** Address and mask; how the full length is printed differs between options. */
function prefix(isFullLengthPrinted: boolean): ValueKind {
  return kind({
    width: (family) => (family === 4 ? 2 : 8),
    parseBytes4: prefixBytes,
    parse(text, out, { family }) {
      const slash = text.indexOf('/');
      const name = slash < 0 ? text : text.slice(0, slash);
      const length = slash < 0 ? null : text.slice(slash + 1);
      return family === 4 ? parsePrefix4(name, length, out) : parsePrefix6(name, length, out);
    },
    print(values, family) {
      const words = family === 4 ? 1 : 4;
      const address = format(values, 0, family);
      const length = prefixLengthOf(values, words, words);
      if (length < 0) return `${address}/${format(values, words, family)}`;
      return length === 32 * words && !isFullLengthPrinted ? address : `${address}/${length}`;
    },
  });
}
export const PREFIX = prefix(true);
export const BARE_PREFIX = prefix(false);
/** The address is printed as it was given, whatever the mask leaves of it (`--ctorigsrc`). */
export const UNMASKED_PREFIX: ValueKind = {
  ...BARE_PREFIX,
  print(text, values, family) {
    const words = family === 4 ? 1 : 4;
    const length = prefixLengthOf(values, words, words);
    const slash = text.indexOf('/');
    const given: number[] = [];
    if (slash < 0 || length < 0 || !ADDRESS.parse(text.slice(0, slash), given, { family, word: -1 })) return BARE_PREFIX.print(text, values, family);
    return `${format(given, 0, family)}${length === 32 * words ? '' : `/${length}`}`;
  },
};

function parsePrefix4(name: string, lengthText: string | null, out: number[]): boolean {
  const word = parsePadded4(name);
  const length = lengthText === null ? 32 : parseNumber(lengthText, 32);
  const mask = length === null ? parseIpv4(lengthText as string) : maskWord(length, 0);
  if (word === null || mask === null) return false;
  out.push(word & mask, mask);
  return true;
}

function parsePrefix6(name: string, lengthText: string | null, out: number[]): boolean {
  const address = parseOwn(name, 6);
  if (!address) return false;
  const length = lengthText === null ? 128 : parseNumber(lengthText, 128);
  const masks = length === null ? parseOwn(lengthText as string, 6)?.words : [0, 1, 2, 3].map((i) => maskWord(length, i));
  if (!masks) return false;
  for (let i = 0; i < 4; i++) out.push((address.words[i] as number) & (masks[i] as number));
  out.push(...masks);
  return true;
}

/** `from-to` of iprange. */
export const ADDRESS_RANGE = kind({
  width: 8,
  parse(text, out, { family }) {
    const dash = text.indexOf('-');
    const from = parseOwn(dash < 0 ? text : text.slice(0, dash), family);
    const to = dash < 0 ? from : parseOwn(text.slice(dash + 1), family);
    if (!from || !to) return false;
    pushWords(out, from);
    pushWords(out, to);
    return true;
  },
  print: (values, family) => `${format(values, 0, family)}-${format(values, 4, family)}`,
});

/**
 * `[address[-address]][:port[-port[/base]]]` of DNAT and SNAT: two addresses, then flags (MAP_*), ports and base port.
 * The addresses come first because the kernel room translates them as a range.
 */
export const NAT_RANGE = kind({
  width: 12,
  relocation: 'range',
  parseBytes4: natBytes,
  parse(text, out, { family }) {
    const { host, ports } = splitPorts(text);
    const [first, last = first] = host === '' ? [''] : host.replace(/[[\]]/g, '').split('-');
    const from = host === '' ? null : parseOwn(first as string, family);
    const to = host === '' ? null : parseOwn(last as string, family);
    if (host !== '' && (!from || !to)) return false;
    const span = ports === null ? [0, 0, 0] : parseSpan(ports);
    if (span === null) return false;
    for (const address of [from, to]) {
      if (address) pushWords(out, address);
      else out.push(0, 0, 0, 0);
    }
    const hasBase = ports !== null && ports.includes('/');
    out.push((from ? MAP_ADDRESSES : 0) | (ports === null ? 0 : MAP_PORTS) | (hasBase ? MAP_OFFSET : 0), ...span);
    return true;
  },
  print(values, family) {
    const [flags, low, high, base] = values.slice(8) as [number, number, number, number];
    const from = format(values, 0, family);
    const to = format(values, 4, family);
    const span = from === to ? from : `${from}-${to}`;
    const hasPorts = (flags & MAP_PORTS) !== 0;
    const host = (flags & MAP_ADDRESSES) === 0 ? '' : family === 6 && hasPorts ? `[${span}]` : span;
    if (!hasPorts) return host;
    return `${host}:${low}${low === high ? '' : `-${high}`}${(flags & MAP_OFFSET) !== 0 ? `/${base}` : ''}`;
  },
});

function splitPorts(text: string): { host: string; ports: string | null } {
  const bracket = text.lastIndexOf(']');
  if (bracket >= 0) {
    const rest = text.slice(bracket + 1);
    return { host: text.slice(0, bracket + 1), ports: rest.startsWith(':') ? rest.slice(1) : null };
  }
  const first = text.indexOf(':');
  if (first < 0 || (text.indexOf(':', first + 1) >= 0 && first !== 0)) return { host: text, ports: null };
  if (first === 0 && text[1] === ':') return { host: text, ports: null };
  return { host: text.slice(0, first), ports: text.slice(first + 1) };
}

function parseSpan(text: string): [number, number, number] | null {
  const service = serviceNumber(text);
  if (service !== null) return [service, service, 0];
  const match = /^(\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(text);
  if (!match) return null;
  const port = (t: string): number | null => parseNumber(t, 0xffff);
  const low = port(match[1] as string);
  const high = match[2] === undefined ? low : port(match[2]);
  const base = match[3] === undefined ? 0 : (port(match[3]) ?? serviceNumber(match[3]));
  return low === null || high === null || base === null || low > high || (match[3] !== undefined && base === 0) ? null : [low, high, base];
}

/** A MAC address: two bytes high, four low. */
export const MAC = kind({
  width: 2,
  parse(text, out) {
    const parts = text.split(':');
    if (parts.length !== 6 || !parts.every((p) => /^[0-9a-fA-F]{1,2}$/.test(p))) return false;
    const b = parts.map((p) => parseInt(p, 16)) as [number, number, number, number, number, number];
    out.push((b[0] << 8) | b[1], (b[2] << 24) | (b[3] << 16) | (b[4] << 8) | b[5]);
    return true;
  },
  print: ([high, low]) =>
    [8, 0]
      .map((s) => ((high as number) >> s) & 255)
      .concat([24, 16, 8, 0].map((s) => ((low as number) >>> s) & 255))
      .map((b) => b.toString(16).padStart(2, '0'))
      .join(':'),
});
