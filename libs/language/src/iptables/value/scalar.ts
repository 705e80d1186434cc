/** Numbers, names, bits and words. */
import { CLAUSE_LIST_MAXIMUM } from './limits.js';
import { DSCP_NAMES, ICMP6_NAMES, ICMP_NAMES, TOS_NAMES, protocolName, protocolNumber, serviceNumber } from './names.js';
import { alwaysQuoted, hex, kind, parseNumber, quoted, type ValueKind } from './value-kind.js';

/** A word kept as it is. */
export const WORD = kind({ relocation: 'word', parse: (_, out, c) => (out.push(c.word), true), print: (_v, _f, text) => quoted(text) });
export const QUOTED_WORD = kind({ relocation: 'word', parse: (_, out, c) => (out.push(c.word), true), print: (_v, _f, text) => alwaysQuoted(text) });
/** A word that is printed bare: names of sets, chains and interfaces. */
export const NAME = kind({ relocation: 'word', parse: (_, out, c) => (out.push(c.word), true) });

export function number(max = 0xffffffff, print: (value: number) => string = String): ValueKind {
  return kind({
    parse(text, out) {
      const value = parseNumber(text, max);
      if (value === null) return false;
      out.push(value | 0);
      return true;
    },
    print: ([v]) => print((v as number) >>> 0),
  });
}
export const U8 = number(0xff);
export const POSITIVE_U8: ValueKind = { ...U8, parse: (text, out, c) => U8.parse(text, out, c) && out[out.length - 1] !== 0 };
export const U16 = number(0xffff);
export const U32 = number();
export const HEX32 = number(0xffffffff, hex);
export const PADDED_HEX32 = number(0xffffffff, (value) => `0x${value.toString(16).padStart(8, '0')}`);

/** 64 bits: high word, low word. */
export const U64 = kind({
  width: 2,
  parse(text, out) {
    if (!/^\d{1,20}$/.test(text)) return false;
    const value = BigInt(text);
    if (value > 0xffff_ffff_ffff_ffffn) return false;
    out.push(Number(value >> 32n) | 0, Number(value & 0xffffffffn) | 0);
    return true;
  },
});

interface RangeOptions {
  readonly separator?: string;
  /** Services count as numbers, by name. */
  readonly named?: boolean;
  /** The tool does not look which end is the greater one (xtopt_parse_mint of libxtables). */
  readonly isAnyOrder?: boolean;
  /** Both ends must be written. */
  readonly isClosed?: boolean;
}

/** `a`, `a:b`, `:b`, `a:`. */
export function range(max: number, options: RangeOptions = {}): ValueKind {
  const { separator = ':', named = false, isAnyOrder = false, isClosed = false } = options;
  const one = (text: string): number | null => parseNumber(text, max) ?? (named ? serviceNumber(text) : null);
  return kind({
    width: 2,
    parse(text, out) {
      const at = text.indexOf(separator);
      const low = at < 0 ? one(text) : at === 0 ? 0 : one(text.slice(0, at));
      const high = at < 0 ? low : at === text.length - 1 ? max : one(text.slice(at + 1));
      if (low === null || high === null || (low > high && !isAnyOrder)) return false;
      if (isClosed && (at === 0 || at === text.length - 1)) return false;
      out.push(low | 0, high | 0);
      return true;
    },
    print: ([a, b]) => (a === b ? String((a as number) >>> 0) : `${(a as number) >>> 0}${separator}${(b as number) >>> 0}`),
  });
}
export const PORTS = range(0xffff, { named: true });
/** One port, by number or name. */
export const PORT = kind({
  parse(text, out) {
    const value = parseNumber(text, 0xffff) ?? serviceNumber(text);
    if (value !== null) out.push(value);
    return value !== null;
  },
  print: ([port]) => String(port),
});
export const ANY_ORDER_PORTS = range(0xffff, { named: true, isAnyOrder: true });
export const U16_RANGE = range(0xffff);
export const ANY_ORDER_U16 = range(0xffff, { isAnyOrder: true });
export const ANY_ORDER_U32 = range(0xffffffff, { isAnyOrder: true });
/** `--queue-balance`: the first must be below the last. */
export const QUEUE_RANGE = kind({ width: 2, parse: (text, out, c) => text.includes(':') && U16_RANGE.parse(text, out, c) && out[out.length - 2] !== out[out.length - 1], print: (values, family, text) => U16_RANGE.print(text, values, family) });
const UID_RANGE = range(0xfffffffe, { separator: '-', isClosed: true });
/** Ports of MASQUERADE and REDIRECT: `a` or `a-b`. A service may stand for a single port. */
export const PORT_SPAN = kind({
  width: 2,
  parse(text, out, c) {
    const service = serviceNumber(text);
    return service === null ? PORT_NUMBERS.parse(text, out, c) : out.push(service, service) > 0;
  },
  print: (values, family, text) => PORT_NUMBERS.print(text, values, family),
});
const PORT_NUMBERS = range(0xffff, { separator: '-', isClosed: true });

/** `from[:to]` of connbytes: two words each, all ones for no end (libxt_connbytes.c). */
export const U64_RANGE = kind({
  width: 4,
  parse(text, out, c) {
    const [from = '', to, ...rest] = text.split(':');
    if (rest.length > 0) return false;
    if (!U64.parse(from === '' ? '0' : from, out, c)) return false;
    return /^0*$/.test(to ?? '') ? out.push(-1, -1) > 0 : U64.parse(to as string, out, c) && BigInt(from === '' ? 0 : from) <= BigInt(to as string);
  },
  print: ([fromHigh, fromLow, toHigh, toLow]) => {
    const to = join64(toHigh as number, toLow as number);
    return `${join64(fromHigh as number, fromLow as number)}${to === NO_END ? '' : `:${to}`}`;
  },
});
const NO_END = 0xffff_ffff_ffff_ffffn;
const join64 = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** An owner: a number, a range of them, or `root`, the only name that means the same on every machine. */
export const OWNER = kind({
  width: 2,
  parse: (text, out, c) => UID_RANGE.parse(text === 'root' ? '0' : text, out, c),
  print: ([a, b]) => (a === b ? String((a as number) >>> 0) : `${(a as number) >>> 0}-${(b as number) >>> 0}`),
});

/** One of several words. */
export function choice(names: Readonly<Record<string, number>>, print?: (value: number) => string): ValueKind {
  return kind({
    parse(text, out) {
      const value = names[text] ?? names[text.toLowerCase()];
      if (value === undefined) return false;
      out.push(value);
      return true;
    },
    print: ([v]) => (print ? print(v as number) : (Object.keys(names).find((n) => names[n] === v) as string)),
  });
}

/** Names joined by commas, as bits; printed in the order of `names`. */
export function bits(names: readonly (readonly [string, number])[], options: { all?: readonly [string, number]; none?: string; isPrefixEnough?: boolean } = {}): ValueKind {
  const byName = new Map(names.map(([name, bit]) => [name.toUpperCase(), bit]));
  if (options.all) byName.set(options.all[0].toUpperCase(), options.all[1]);
  if (options.none) byName.set(options.none.toUpperCase(), 0);
  return kind({
    parse(text, out) {
      let value = 0;
      for (const part of text.split(',')) {
        const upper = part.toUpperCase();
        const beginning = options.isPrefixEnough && upper !== '' ? [...byName.keys()].find((name) => name.startsWith(upper)) : undefined;
        const bit = byName.get(beginning ?? upper);
        if (bit === undefined) return false;
        value |= bit;
      }
      out.push(value);
      return true;
    },
    print: ([v]) =>
      v === 0 && options.none
        ? options.none
        : names
            .filter(([, bit], i) => ((v as number) & bit) === bit && names.findIndex(([, b]) => b === bit) === i)
            .map(([name]) => name)
            .join(','),
  });
}

export const TCP_FLAGS = bits(
  [
    ['FIN', 1],
    ['SYN', 2],
    ['RST', 4],
    ['PSH', 8],
    ['ACK', 16],
    ['URG', 32],
  ],
  { all: ['ALL', 63], none: 'NONE' },
);

interface MaskedOptions {
  readonly bits: 8 | 32;
  readonly isMaskAlwaysPrinted: boolean;
  readonly digits?: number;
  readonly names?: Readonly<Record<string, number>>;
  readonly nameMask?: number;
  /** Printed for 0 with a full mask: what /etc/iproute2 calls it everywhere. */
  readonly zero?: string;
}

/** `value[/mask]`, printed in hexadecimal. */
export function masked(options: MaskedOptions): ValueKind {
  const full = options.bits === 8 ? 0xff : 0xffffffff;
  const write = (value: number): string => `0x${(value >>> 0).toString(16).padStart(options.digits ?? 1, '0')}`;
  return kind({
    width: 2,
    parse(text, out) {
      const named = options.names?.[text.toLowerCase()];
      if (named !== undefined) {
        out.push(named, options.nameMask as number);
        return true;
      }
      const slash = text.indexOf('/');
      const value = parseNumber(slash < 0 ? text : text.slice(0, slash), full);
      const mask = slash < 0 ? full : parseNumber(text.slice(slash + 1), full);
      if (value === null || mask === null) return false;
      out.push(value | 0, mask | 0);
      return true;
    },
    print: ([v, m]) => {
      const isFull = (m as number) >>> 0 === full;
      if (v === 0 && isFull && options.zero !== undefined) return options.zero;
      return !options.isMaskAlwaysPrinted && isFull ? write(v as number) : `${write(v as number)}/${write(m as number)}`;
    },
  });
}
export const MARK = masked({ bits: 32, isMaskAlwaysPrinted: false });
/** A group of devices (/etc/iproute2/group) or realm (rt_realms): of their names those that every machine has. */
export const DEVICE_GROUP = masked({ bits: 32, isMaskAlwaysPrinted: false, names: { default: 0 }, nameMask: 0xffffffff, zero: 'default' });
export const REALM = masked({ bits: 32, isMaskAlwaysPrinted: false, names: { cosmos: 0 }, nameMask: 0xffffffff, zero: 'cosmos' });
export const XMARK = masked({ bits: 32, isMaskAlwaysPrinted: true });
export const TOS = masked({ bits: 8, isMaskAlwaysPrinted: true, digits: 2, names: TOS_NAMES, nameMask: 0x3f });
export const DSCP = kind({
  parse(text, out) {
    const value = parseNumber(text, 63);
    if (value !== null) out.push(value);
    return value !== null;
  },
  print: ([v]) => `0x${(v as number).toString(16).padStart(2, '0')}`,
});

export const PROTOCOL = kind({
  parse(text, out) {
    const value = parseNumber(text, 255) ?? protocolNumber(text);
    if (value !== null) out.push(value);
    return value !== null;
  },
  print: ([v]) => protocolName(v as number),
});
/** A protocol that is printed as a number (`--ctproto`). */
export const PROTOCOL_NUMBER = kind({ parse: PROTOCOL.parse, print: ([v]) => String(v) });

function icmpType(names: typeof ICMP_NAMES, any: number): ValueKind {
  return kind({
    width: 3,
    parse(text, out) {
      const lower = text.toLowerCase();
      const begin = names.filter(([n]) => lower !== '' && n.toLowerCase().startsWith(lower));
      const found = begin.find(([n]) => n.toLowerCase() === lower) ?? (begin.length === 1 ? begin[0] : undefined);
      if (found) {
        out.push(found[1], found[2], found[3]);
        return true;
      }
      const slash = text.indexOf('/');
      const type = parseNumber(slash < 0 ? text : text.slice(0, slash), 255);
      const [low, high = low] = slash < 0 ? [0, 255] : text.slice(slash + 1).split(':', 2).map((code) => parseNumber(code, 255));
      if (type === null || low === null || low === undefined || high === null || high === undefined) return false;
      out.push(type, low, high);
      return true;
    },
    print: ([type, low, high]) => (type === any ? 'any' : low === 0 && high === 255 ? String(type) : `${type}/${low}${low === high ? '' : `:${high}`}`),
  });
}
export const ICMP_TYPE = icmpType(ICMP_NAMES, 255);
export const ICMP6_TYPE = icmpType(ICMP6_NAMES, -1);

/** Ports and ranges joined by commas, at most 15 of them (a range counts twice): pairs of integers. */
export const PORT_LIST = kind({
  width: 0,
  parse(text, out, c) {
    const parts = text.split(',');
    if (parts.length + parts.filter((part) => part.includes(':')).length > CLAUSE_LIST_MAXIMUM) return false;
    return parts.every((part) => PORTS.parse(part, out, c));
  },
  print(values) {
    const parts: string[] = [];
    for (let i = 0; i < values.length; i += 2) parts.push(values[i] === values[i + 1] ? String(values[i]) : `${values[i]}:${values[i + 1]}`);
    return parts.join(',');
  },
});

/** `--dscp-class NAME` as the words of `--dscp`. */
export function dscpOfClass(texts: readonly string[]): readonly string[] | null {
  const value = DSCP_NAMES[(texts[0] as string).toUpperCase()];
  return value === undefined ? null : [String(value)];
}

/** `--hex-string`: bytes as hexadecimal between bars, characters outside; printed all in hexadecimal. */
export const HEX_STRING = kind({
  relocation: 'word',
  parse(text, out, c) {
    out.push(c.word);
    return hexStringBytes(text) !== null;
  },
  print: (_v, _f, text) => alwaysQuoted(`|${hexOf(hexStringBytes(text) as number[])}|`),
});
export const hexOf = (bytes: readonly number[]): string => bytes.map((b) => b.toString(16).padStart(2, '0')).join('');

/** Bytes of a `--hex-string`, null when it is broken. */
export function hexStringBytes(text: string): number[] | null {
  const out: number[] = [];
  let isHex = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (c === '|') isHex = !isHex;
    else if (!isHex) out.push(text.charCodeAt(c === '\\' && i + 1 < text.length ? ++i : i) & 255);
    else if (c !== ' ') {
      const pair = text.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) return null;
      out.push(parseInt(pair, 16));
      i++;
    }
  }
  return isHex ? null : out;
}

/** `--u32`: kept as text; the kernel room compiles it. */
export const U32_PROGRAM = kind({
  relocation: 'word',
  parse(text, out, c) {
    out.push(c.word);
    return parseU32(text) !== null;
  },
  print: (_v, _f, text) => alwaysQuoted(printU32(parseU32(text) as readonly U32Test[])),
});

/** One test of `--u32`: steps `[operator, number]` after a start, and ranges of values. */
export interface U32Test {
  readonly start: number;
  readonly steps: readonly (readonly ['&' | '<<' | '>>' | '@', number])[];
  readonly ranges: readonly (readonly [number, number])[];
}

/** Reads the language of xt_u32 (libxt_u32.c); null when it is broken. */
export function parseU32(text: string): readonly U32Test[] | null {
  const tests: U32Test[] = [];
  for (const part of text.split('&&')) {
    const [location, values, more] = part.split('=').map((s) => s.replace(/\s+/g, ''));
    if (location === undefined || values === undefined || more !== undefined) return null;
    const words = location.match(/<<|>>|[&@]|0[xX][0-9a-fA-F]+|\d+/g);
    const start = words && parseNumber(words[0] as string);
    if (!words || words.join('') !== location || start === null || words.length % 2 !== 1) return null;
    const steps: (readonly ['&' | '<<' | '>>' | '@', number])[] = [];
    for (let i = 1; i < words.length; i += 2) {
      const value = parseNumber(words[i + 1] as string);
      const operator = words[i] as string;
      if (value === null || !(operator === '&' || operator === '<<' || operator === '>>' || operator === '@')) return null;
      steps.push([operator, value]);
    }
    const ranges: (readonly [number, number])[] = [];
    for (const r of values.split(',')) {
      const [low, high = low] = r.split(':').map((t) => parseNumber(t));
      if (low === null || low === undefined || high === null || high === undefined) return null;
      ranges.push([low, high]);
    }
    tests.push({ start, steps, ranges });
  }
  return tests.length > 0 && tests.length <= 10 ? tests : null;
}

function printU32(tests: readonly U32Test[]): string {
  return tests
    .map((t) => hex(t.start) + t.steps.map(([o, n]) => o + hex(n)).join('') + '=' + t.ranges.map(([a, b]) => (a === b ? hex(a) : `${hex(a)}:${hex(b)}`)).join(','))
    .join('&&');
}

/** A conntrack zone, or `mark`: -1. */
export const ZONE = kind({
  parse(text, out) {
    const value = text === 'mark' ? -1 : parseNumber(text, 0xffff);
    if (value !== null) out.push(value);
    return value !== null;
  },
  print: ([v]) => (v === -1 ? 'mark' : String(v)),
});

/** `major:minor` in hexadecimal. */
export const CLASS = kind({
  parse(text, out) {
    const match = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(text);
    if (!match) return false;
    out.push((parseInt(match[1] as string, 16) << 16) | parseInt(match[2] as string, 16));
    return true;
  },
  print: ([v]) => [16, 0].map((s) => (((v as number) >>> s) & 0xffff).toString(16).padStart(4, '0')).join(':'),
});

const TCP_OPTIONS: Readonly<Record<string, number>> = { wscale: 3, mss: 2, 'sack-permitted': 4, sack: 5, timestamp: 8, md5: 19 };

/** TCP option kinds as 32 low bits; those above are kept in the text alone. */
export const TCP_OPTION_LIST = kind({
  parse(text, out) {
    const kinds = tcpOptionKinds(text);
    if (kinds === null) return false;
    out.push(kinds.reduce((bitsOf, k) => (k < 32 ? bitsOf | (1 << k) : bitsOf), 0));
    return true;
  },
  print: (_v, _f, text) =>
    [...new Set(tcpOptionKinds(text) as number[])]
      .sort((a, b) => a - b)
      .join(','),
});

function tcpOptionKinds(text: string): number[] | null {
  const kinds = text.split(',').map((part) => TCP_OPTIONS[part] ?? parseNumber(part, 255));
  return kinds.every((k): k is number => k !== null && k > 1) ? kinds : null;
}

/** The same kind with its values padded to eight integers, so that both families fill the same place in a record. */
export function wide(of: ValueKind): ValueKind {
  return {
    relocation: of.relocation,
    width: () => 8,
    parse(text, out, c) {
      const end = out.length + 8;
      if (!of.parse(text, out, c)) return false;
      while (out.length < end) out.push(0);
      return true;
    },
    print: (text, values, family) => of.print(text, values.slice(0, of.width(family)), family),
  };
}
