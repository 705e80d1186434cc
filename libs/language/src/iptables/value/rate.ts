/** Rates, probabilities and moments. */
import { kind, parseNumber, type ValueKind } from './value-kind.js';

const SECONDS: readonly (readonly [string, number])[] = [
  ['day', 86400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
];

/** `n/unit` as `scale * seconds / n`, the time that one packet costs (libxt_limit.c, libxt_hashlimit.c 1.8.9). */
function rate(scale: number): ValueKind {
  return kind({
    width: 2,
    parse(text, out) {
      const match = /^(\d+)(?:\/(\w+))?$/.exec(text);
      const count = match ? Number(match[1]) : 0;
      const unit = match?.[2] === undefined ? 1 : unitSeconds(match[2]);
      if (count === 0 || unit === 0) return false;
      const cost = Math.floor((scale * unit) / count);
      if (cost === 0) return false;
      out.push(Math.floor(cost / 0x1_0000_0000), cost | 0);
      return true;
    },
    print: ([high, low]) => printRate((high as number) * 0x1_0000_0000 + ((low as number) >>> 0), scale),
  });
}

function unitSeconds(text: string): number {
  const unit = text.toLowerCase();
  return ['second', 'minute', 'hour', 'day'].findIndex((u) => u.startsWith(unit)) >= 0
    ? ([1, 60, 3600, 86400][['second', 'minute', 'hour', 'day'].findIndex((u) => u.startsWith(unit))] as number)
    : 0;
}

function printRate(cost: number, scale: number): string {
  let i = 1;
  for (; i < SECONDS.length; i++) {
    const unit = (SECONDS[i] as readonly [string, number])[1] * scale;
    if (cost > unit || Math.floor(unit / cost) < unit % cost) break;
  }
  const [name, seconds] = SECONDS[i - 1] as readonly [string, number];
  return `${Math.floor((seconds * scale) / cost)}/${name}`;
}

/** XT_LIMIT_SCALE. */
export const LIMIT_SCALE = 10_000;
/** XT_HASHLIMIT_SCALE_v2. */
export const HASHLIMIT_SCALE = 1_000_000;

export const LIMIT_RATE = rate(LIMIT_SCALE);
const PACKET_RATE = rate(HASHLIMIT_SCALE);

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 * 1024, '': 1 };

/** A rate in packets, or `512kb/s` in bytes a second: 0 or 1 for bytes, then two words of cost or bytes. */
export const HASHLIMIT_RATE = kind({
  width: 3,
  parse(text, out, c) {
    const bytes = /^(\d+)(b|kb|mb)\/s$/.exec(text);
    if (bytes) {
      const value = Number(bytes[1]) * (UNITS[bytes[2] as string] as number);
      out.push(1, Math.floor(value / 0x1_0000_0000), value | 0);
      return value > 0;
    }
    out.push(0);
    return PACKET_RATE.parse(text, out, c);
  },
  print: ([isBytes, high, low], family, text) => (isBytes ? text : PACKET_RATE.print(text, [high as number, low as number], family)),
});

/** A burst in packets, or in bytes (`1mb`). */
export const HASHLIMIT_BURST = kind({
  width: 2,
  parse(text, out) {
    const match = /^(\d+)(b|kb|mb|)$/.exec(text);
    if (!match) return false;
    const value = Number(match[1]) * (UNITS[match[2] as string] as number);
    out.push(match[2] === '' ? 0 : 1, value | 0);
    return value <= 0xffffffff;
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
