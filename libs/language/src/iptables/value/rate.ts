/** Rates, probabilities and moments. */
import { kind, parseNumber, type ValueKind } from './value-kind.js';

const SECONDS: readonly (readonly [string, number])[] = [
  ['day', 86400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
];

/** What a packet costs at a rate, and the unit that the rate was given in. */
export function parsePacketCost(text: string, scale: number): { cost: number; unitSeconds: number } {
  const match = /^(\d+)(?:\/(\w+))?$/.exec(text);
  const count = match ? Number(match[1]) : 0;
  const unit = match?.[2] === undefined ? 1 : unitSeconds(match[2]);
  return { cost: count === 0 ? 0 : Math.floor((scale * unit) / count), unitSeconds: unit };
}

/** `n/unit` as `scale * seconds / n`, the time that one packet costs (libxt_limit.c, libxt_hashlimit.c 1.8.9). */
function rate(scale: number): ValueKind {
  return kind({
    width: 2,
    parse(text, out) {
      const { cost } = parsePacketCost(text, scale);
      if (cost === 0) return false;
      out.push(Math.floor(cost / 0x1_0000_0000), cost | 0);
      return true;
    },
    print: ([high, low]) => packetRateText((high as number) * 0x1_0000_0000 + ((low as number) >>> 0), scale).text,
  });
}

function unitSeconds(text: string): number {
  const unit = text.toLowerCase();
  return ['second', 'minute', 'hour', 'day'].findIndex((u) => u.startsWith(unit)) >= 0
    ? ([1, 60, 3600, 86400][['second', 'minute', 'hour', 'day'].findIndex((u) => u.startsWith(unit))] as number)
    : 0;
}

/** print_rate: the text of a cost, and the unit that it names. */
export function packetRateText(cost: number, scale: number): { text: string; unitSeconds: number } {
  let i = 1;
  for (; i < SECONDS.length; i++) {
    const unit = (SECONDS[i] as readonly [string, number])[1] * scale;
    if (cost > unit || Math.floor(unit / cost) < unit % cost) break;
  }
  const [name, seconds] = SECONDS[i - 1] as readonly [string, number];
  return { text: `${Math.floor((seconds * scale) / cost)}/${name}`, unitSeconds: seconds };
}

/** XT_LIMIT_SCALE. */
export const LIMIT_SCALE = 10_000;
/** XT_HASHLIMIT_SCALE_v2. */
export const HASHLIMIT_SCALE = 1_000_000;

export const LIMIT_RATE = rate(LIMIT_SCALE);
const PACKET_RATE = rate(HASHLIMIT_SCALE);

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 * 1024, '': 1 };

/** XT_HASHLIMIT_BYTE_SHIFT: bytes are counted in chunks of 16. */
const BYTE_SHIFT = 4;
const MAXIMUM_COST = 0xffff_ffff;

/** bytes_to_cost: what a chunk costs at so many bytes a second. */
const costOfBytes = (bytes: number): number => Math.floor(MAXIMUM_COST / (Math.floor(bytes / (1 << BYTE_SHIFT)) + 1));

/** cost_to_bytes, user2rate_bytes: the rate that is left of it. */
export const bytesOfCost = (cost: number): number => (Math.floor(MAXIMUM_COST / cost) - 1) * (1 << BYTE_SHIFT);

/** A rate in bytes (`512kb/s`): its cost, and the rate that the kernel makes of it; null when it is none. */
export function byteRateOf(text: string): { cost: number; rate: number } | null {
  const match = /^(\d+)(b|kb|mb)\/s$/.exec(text);
  const bytes = match ? Number(match[1]) * (UNITS[match[2] as string] as number) : 0;
  const cost = costOfBytes(bytes);
  // Below a chunk a second the tool itself divides by zero
  return bytes < 1 << BYTE_SHIFT || cost === 0 ? null : { cost, rate: bytesOfCost(cost) };
}

/** print_bytes: the largest unit that comes to the same cost. */
function byteRateText(cost: number): string {
  const rate = bytesOfCost(cost);
  for (const unit of ['mb', 'kb']) {
    const size = UNITS[unit] as number;
    if (rate >= size && costOfBytes(rate - (rate % size)) === cost) return `${Math.floor(rate / size)}${unit}/s`;
  }
  return `${rate}b/s`;
}

/** A rate in packets, or in bytes a second (`512kb/s`): 0 or 1 for bytes, then two words of cost. */
export const HASHLIMIT_RATE = kind({
  width: 3,
  parse(text, out, c) {
    if (text.endsWith('b/s')) {
      const bytes = byteRateOf(text);
      if (bytes) out.push(1, 0, bytes.cost | 0);
      return bytes !== null;
    }
    out.push(0);
    return PACKET_RATE.parse(text, out, c);
  },
  print: ([isBytes, high, low], family, text) => (isBytes ? byteRateText((low as number) >>> 0) : PACKET_RATE.print(text, [high as number, low as number], family)),
});

/** parse_burst: packets or bytes, with a unit or without. */
export function parseByteBurst(text: string): number {
  const match = /^(\d+)(b|kb|mb|)$/.exec(text);
  return match ? Number(match[1]) * (UNITS[match[2] as string] as number) : NaN;
}

/** A burst in packets, or in bytes (`1mb`). */
export const HASHLIMIT_BURST = kind({
  parse(text, out) {
    const value = parseByteBurst(text);
    out.push(value | 0);
    return value >= 1 && value <= 0xffffffff;
  },
});

const BIT_UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(bit|bps)?$/i, 1],
  [/^k(bit|ibit)?$/i, 1e3],
  [/^m(bit|ibit)?$/i, 1e6],
  [/^g(bit|ibit)?$/i, 1e9],
];

/** A rate of rateest in bits a second, as bytes (rateest_get_rate and rateest_print_rate, libxt_rateest.c). */
export const BIT_RATE = kind({
  parse(text, out) {
    const match = /^(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text);
    const unit = match && BIT_UNITS.find(([suffix]) => suffix.test(match[2] as string));
    if (!match || !unit) return false;
    out.push(Math.floor((Number(match[1]) * unit[1]) / 8) | 0);
    return true;
  },
  print: ([bytes]) => {
    const rate = 8 * ((bytes as number) >>> 0);
    return rate >= 1e9 ? `${Math.round(rate / 1e6)}Mbit` : rate >= 1e6 ? `${Math.round(rate / 1e3)}Kbit` : `${rate}bit`;
  },
});

/** A time of the RATEEST target: microseconds (rateest_get_time and rateest_print_time, libxt_RATEEST.c). */
export const ESTIMATOR_TIME = kind({
  parse(text, out) {
    const match = /^(\d+(?:\.\d+)?)(s|secs?|ms|msecs?|us|usecs?|)$/i.exec(text);
    if (!match) return false;
    const unit = (match[2] as string).toLowerCase();
    out.push(Math.floor(Number(match[1]) * (unit.startsWith('s') ? 1e6 : unit.startsWith('m') ? 1e3 : 1)));
    return true;
  },
  print: ([time]) => {
    const us = time as number;
    return us >= 1e6 ? `${(us / 1e6).toFixed(1)}s` : us >= 1e3 ? `${(us / 1e3).toFixed(1)}ms` : `${us}us`;
  },
});

/** `--probability`: 31-bit fixed point. */
export const PROBABILITY = kind({
  parse(text, out) {
    if (!/^\d*\.?\d+(?:[eE]-?\d+)?$/.test(text)) return false;
    const value = Number(text);
    if (!(value >= 0 && value <= 1)) return false;
    out.push(Math.round(0x8000_0000 * value) | 0);
    return true;
  },
  print: ([p]) => (((p as number) >>> 0) / 0x8000_0000).toFixed(11),
});

/** `HH:MM[:SS]`: seconds of the day. */
export const TIME_OF_DAY = kind({
  parse(text, out) {
    const match = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?$/.exec(text);
    if (!match) return false;
    const [h, m, s] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)] as const;
    out.push(3600 * h + 60 * m + s);
    return h < 24 && m < 60 && s < 60;
  },
  print: ([v]) => [3600, 60, 1].map((unit, i) => String(Math.floor((v as number) / unit) % (i === 0 ? 24 : 60)).padStart(2, '0')).join(':'),
});

/** `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` in UTC: seconds since the epoch. */
export const DATE = kind({
  parse(text, out) {
    const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?$/.exec(text);
    if (!match) return false;
    const part = (i: number, missing: number): number => (match[i] === undefined ? missing : Number(match[i]));
    const seconds = Date.UTC(part(1, 1970), part(2, 1) - 1, part(3, 1), part(4, 0), part(5, 0), part(6, 0)) / 1000;
    out.push(seconds | 0);
    return seconds >= 0 && seconds <= 0x7fffffff;
  },
  print: ([v]) => new Date((v as number) * 1000).toISOString().slice(0, 19),
});

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Bit n is day n, Monday is 1. */
export const WEEKDAYS_KIND = kind({
  parse(text, out) {
    let value = 0;
    for (const part of text.split(',')) {
      const index = parseNumber(part, 7) ?? WEEKDAYS.findIndex((d) => part.length >= 2 && d.toLowerCase().startsWith(part.toLowerCase().slice(0, 3))) + 1;
      if (index < 1) return false;
      value |= 1 << index;
    }
    out.push(value);
    return true;
  },
  print: ([v]) => WEEKDAYS.filter((_, i) => (v as number) & (1 << (i + 1))).join(','),
});

export const MONTHDAYS_KIND = kind({
  parse(text, out) {
    let value = 0;
    for (const part of text.split(',')) {
      const day = parseNumber(part, 31);
      if (day === null || day === 0) return false;
      value |= 1 << day;
    }
    out.push(value);
    return true;
  },
  print: ([v]) =>
    Array.from({ length: 31 }, (_, i) => i + 1)
      .filter((d) => (v as number) & (1 << d))
      .join(','),
});
