/** The small values of a scenario: ranges of addresses and ports, rates, TCP flags, moments. */
import { compareAddresses, parseAddress, parseDuration } from '@worldline/model';
import type { AddressRange, Family, PortRange } from '@worldline/model';
import type { Field } from '../document/index.js';
import { didYouMean } from '../document/index.js';

const TCP_FLAGS: ReadonlyMap<string, number> = new Map([['FIN', 1], ['SYN', 2], ['RST', 4], ['PSH', 8], ['ACK', 16], ['URG', 32], ['ECE', 64], ['CWR', 128]]);

export interface ReadAddresses {
  readonly range: AddressRange;
  readonly family: Family;
  readonly zone: string | null;
}

/** `ADDRESS`, `ADDRESS%ZONE` or `FIRST-LAST`. */
export function readAddresses(field: Field, what: string): ReadAddresses | null {
  const text = field.text(what);
  if (text === null) return null;
  const dash = text.indexOf('-');
  const percent = text.indexOf('%');
  // A zone may have a dash in its name; a range has no zone.
  const isRange = dash > 0 && (percent < 0 || dash < percent);
  const firstText = isRange ? text.slice(0, dash).trim() : text;
  const lastText = isRange ? text.slice(dash + 1).trim() : firstText;
  const first = parseAddress(firstText);
  const last = parseAddress(lastText);
  if (!first || !last) return field.fail(`'${first ? lastText : firstText}' is not an address; ${what} takes an IPv4 or IPv6 address or a range A-B`, { word: first ? lastText : firstText });
  if (first.family !== last.family) return field.fail(`'${text}' begins with IPv${first.family} and ends with IPv${last.family}`);
  if (compareAddresses(first, last) > 0) return field.fail(`'${text}' ends before it begins`);
  const zone = !isRange && percent >= 0 ? text.slice(percent + 1) : null;
  if (zone === '' || (zone !== null && first.family === 4)) return field.fail(`'${text}' has no zone that an address of IPv${first.family} could have`);
  const bare = (one: string): string => (one.includes('%') ? one.slice(0, one.indexOf('%')) : one);
  return { range: { first: bare(firstText), last: bare(lastText) }, family: first.family, zone };
}

/** A port or `FIRST-LAST`. */
export function readPorts(field: Field, what: string): PortRange | null {
  const { value } = field;
  const match = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(String(value));
  const first = Number(match?.[1]);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (!match || first > 65535 || last > 65535 || !['number', 'string'].includes(typeof value)) {
    return field.fail(`'${field.word}' is not ${what}; it takes 0 to 65535 or a range A-B`);
  }
  return first <= last ? { first, last } : field.fail(`'${field.word}' ends before it begins`);
}

/** `5000/s`: microseconds between two, not always a whole number. */
export function readRate(field: Field): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*\/\s*(us|ms|s|m|h)$/.exec(typeof field.value === 'string' ? field.value.trim() : '');
  const per = match ? parseDuration(`1${match[2] as string}`) : null;
  const count = Number(match?.[1]);
  if (per === null || !(count > 0)) return field.fail(`'${field.word}' is not a rate; it takes a number of connections per time, such as 5000/s`);
  return per / count;
}

/** `SYN,ACK`, a list of flags, or `NONE`. */
export function readTcpFlags(field: Field): number | null {
  const items = Array.isArray(field.value) ? field.list('TCP flags').map((item) => item.text('a TCP flag') ?? '') : (field.text('TCP flags') ?? '').split(',');
  if (items.length === 1 && items[0]?.trim().toUpperCase() === 'NONE') return 0;
  let flags = 0;
  for (const item of items) {
    const word = item.trim().toUpperCase();
    const bit = TCP_FLAGS.get(word);
    if (bit === undefined) return word === '' && field.value === undefined ? null : field.fail(`'${item.trim()}' is not a TCP flag${didYouMean(word, [...TCP_FLAGS.keys()])} (it takes ${[...TCP_FLAGS.keys()].join(', ')} or NONE)`, { word: item.trim() });
    flags |= bit;
  }
  return flags;
}

/** Bytes of payloads: text as UTF-8, hexadecimal digits after `0x`, or a list of numbers. */
export function readBytes(field: Field): readonly number[] | null {
  if (Array.isArray(field.value)) {
    const bytes = field.list('bytes').map((item) => item.integer('a byte', 0, 255));
    return bytes.includes(null) ? null : (bytes as number[]);
  }
  const text = field.text('the bytes of payloads');
  if (text === null) return null;
  const hex = /^0x((?:[0-9a-fA-F]{2})+)$/.exec(text)?.[1];
  if (hex === undefined) return [...utf8(text)];
  return Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function* utf8(text: string): Generator<number> {
  for (const c of text) {
    const code = c.codePointAt(0) as number;
    if (code < 0x80) yield code;
    else if (code < 0x800) yield* [0xc0 | (code >> 6), 0x80 | (code & 63)];
    else if (code < 0x10000) yield* [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
    else yield* [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  }
}

/** A moment as RFC 3339 spells it, in milliseconds since the epoch. */
export function readMoment(field: Field): number | null {
  const text = typeof field.value === 'string' ? field.value : '';
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:\s*([Zz])|([+-])(\d\d):?(\d\d))?)?$/.exec(text);
  const part = (i: number): number => Number(match?.[i] ?? 0);
  const isDate = match !== null && part(2) >= 1 && part(2) <= 12 && part(3) >= 1 && part(3) <= daysInMonth(part(1), part(2));
  if (!isDate || part(4) > 23 || part(5) > 59 || part(6) > 59 || part(11) > 59 || part(10) > 23) {
    return field.fail(`'${field.word}' is not a moment; it takes a date and a time such as 2026-03-01T12:00:00Z`);
  }
  const offset = (match?.[9] === '-' ? -1 : 1) * (part(10) * 60 + part(11));
  const fraction = Math.floor(Number(`0.${match?.[7] ?? '0'}`) * 1000);
  return (daysSinceEpoch(part(1), part(2), part(3)) * 1440 + part(4) * 60 + part(5) - offset) * 60_000 + part(6) * 1000 + fraction;
}

function daysInMonth(year: number, month: number): number {
  return month === 12 ? 31 : daysSinceEpoch(year, month + 1, 1) - daysSinceEpoch(year, month, 1);
}

/** Days from 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day comes last. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}
