/**
 * What the tool makes of an extension's options before it hands them to the kernel, and so what iptables-save prints of them: values that
 * others imply, opposites that are written as one another, defaults that depend on what else was given (libxt_*.c, iptables 1.8.9).
 */
import type { Family } from '@worldline/model';
import { hexOf, hexStringBytes } from './value/scalar.js';
import { HASHLIMIT_SCALE, byteRateOf, packetRateText, parseByteBurst, parsePacketCost } from './value/rate.js';
import { alwaysQuoted } from './value/value-kind.js';

/** An option as it was given: the words as typed and as printed. */
export interface Given {
  readonly isInverted: boolean;
  readonly texts: readonly string[];
  readonly raw: readonly string[];
}

export type Options = Map<string, Given>;
export type Settle = (given: Options, family: Family) => void;

const printed = (text: string): Given => ({ isInverted: false, texts: text === '' ? [] : [text], raw: [text] });
const textOf = (given: Options, name: string): string | undefined => given.get(name)?.texts[0];

/** Two options that each are the other's inversion. */
function swapInverted(given: Options, one: string, other: string): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const option = given.get(from);
    if (!option?.isInverted) continue;
    given.delete(from);
    given.set(to, { ...option, isInverted: false });
    return;
  }
}

export const settleConnlimit: Settle = (given) => swapInverted(given, 'connlimit-upto', 'connlimit-above');

/** Seconds for which a bucket counted in bytes lives: XT_HASHLIMIT_BYTE_EXPIRE, and the same with a burst. */
const BYTE_EXPIRE = 15;
const BYTE_EXPIRE_BURST = 60;

/** hashlimit_mt_check and hashlimit_mt_save (libxt_hashlimit.c). */
export const settleHashlimit: Settle = (given, family) => {
  swapInverted(given, 'hashlimit-upto', 'hashlimit-above');
  const limit = given.has('hashlimit-above') ? 'hashlimit-above' : 'hashlimit-upto';
  const raw = given.get(limit)?.raw[0];
  if (raw === undefined) return;
  const bytes = byteRateOf(raw);
  const isMatchingRate = given.has('hashlimit-rate-match');
  let lifetime: number;
  if (bytes === null) {
    const { cost, unitSeconds } = parsePacketCost(raw, HASHLIMIT_SCALE);
    const rate = packetRateText(isMatchingRate ? Math.floor(cost / unitSeconds) : cost, HASHLIMIT_SCALE);
    given.set(limit, printed(rate.text));
    if (!given.has('hashlimit-burst')) given.set('hashlimit-burst', printed('5'));
    else given.set('hashlimit-burst', printed(String(parseByteBurst(given.get('hashlimit-burst')?.raw[0] as string))));
    if (isMatchingRate && !given.has('hashlimit-rate-interval') && unitSeconds !== 1) given.set('hashlimit-rate-interval', printed(String(unitSeconds)));
    // The tool gives the entry the unit that was written, and leaves it out if it is the unit that it prints
    if (!given.has('hashlimit-htable-expire')) given.set('hashlimit-htable-expire', printed(String(1000 * unitSeconds)));
    lifetime = rate.unitSeconds;
  } else {
    const burst = given.get('hashlimit-burst')?.raw[0];
    if (burst !== undefined) given.set('hashlimit-burst', printed(byteBurstText(bytes.rate, parseByteBurst(burst))));
    lifetime = burst === undefined ? BYTE_EXPIRE : BYTE_EXPIRE_BURST;
  }
  if (textOf(given, 'hashlimit-htable-expire') === String(1000 * lifetime)) given.delete('hashlimit-htable-expire');
  if (textOf(given, 'hashlimit-rate-interval') === '1') given.delete('hashlimit-rate-interval');
  for (const mask of ['hashlimit-srcmask', 'hashlimit-dstmask']) if (textOf(given, mask) === (family === 4 ? '32' : '128')) given.delete(mask);
};

/** The kernel keeps how often the rate fits into the burst. */
function byteBurstText(rate: number, burst: number): string {
  const bytes = rate * Math.ceil(burst / rate);
  return bytes >= 1 << 20 ? `${Math.floor(bytes / (1 << 20))}mb` : bytes >= 1024 ? `${Math.floor(bytes / 1024)}kb` : `${bytes}b`;
}

const DAY_BEGIN = '00:00:00';
const DAY_END = '23:59:59';

/** Both ends of the day are printed as soon as one is none of its ends (libxt_time.c time_save). */
export const settleTime: Settle = (given) => {
  const start = textOf(given, 'timestart') ?? DAY_BEGIN;
  const stop = textOf(given, 'timestop') ?? DAY_END;
  const isWholeDay = start === DAY_BEGIN && stop === DAY_END;
  for (const [name, text] of [
    ['timestart', start],
    ['timestop', stop],
  ] as const) {
    if (isWholeDay) given.delete(name);
    else given.set(name, printed(text));
  }
  if (textOf(given, 'weekdays') === 'Mon,Tue,Wed,Thu,Fri,Sat,Sun') given.delete('weekdays');
  if (textOf(given, 'monthdays')?.split(',').length === 31) given.delete('monthdays');
  given.delete('utc');
};

/** Printable patterns are printed as such, however they were written (libxt_string.c is_hex_string). */
export const settleString: Settle = (given) => {
  const name = given.has('hex-string') ? 'hex-string' : 'string';
  const pattern = given.get(name);
  if (pattern === undefined) return;
  const raw = pattern.raw[0] as string;
  const bytes = name === 'string' ? [...raw].map((c) => c.charCodeAt(0)) : (hexStringBytes(raw) as number[]);
  const isPrintable = bytes.length > 0 && bytes.every((b) => b >= 32 && b < 127) && bytes[bytes.length - 1] !== 92;
  given.delete(name);
  const text = isPrintable ? `"${String.fromCharCode(...bytes).replace(/["\\]/g, (c) => `\\${c}`)}"` : alwaysQuoted(`|${hexOf(bytes)}|`);
  given.set(isPrintable ? 'string' : 'hex-string', { ...pattern, texts: [text] });
};

/** An inverted range is printed as its opposite unless it is open or a point (libxt_connbytes.c). */
export const settleConnbytes: Settle = (given) => {
  const range = given.get('connbytes');
  if (range?.isInverted !== true) return;
  const [from, to] = (range.texts[0] as string).split(':');
  if (to === from || (to === undefined && from === '18446744073709551615')) given.set('connbytes', { ...range, isInverted: false });
};

/** `--hmark-tuple src,...` stands for full masks; only `ct` is a word of its own (libxt_HMARK.c). */
export const settleHmark: Settle = (given, family) => {
  const fields = (given.get('hmark-tuple')?.raw[0] ?? '').split(',');
  given.delete('hmark-tuple');
  const full: Readonly<Record<string, readonly [string, string]>> = {
    src: ['hmark-src-prefix', family === 4 ? '32' : '128'],
    dst: ['hmark-dst-prefix', family === 4 ? '32' : '128'],
    sport: ['hmark-sport-mask', '0xffff'],
    dport: ['hmark-dport-mask', '0xffff'],
    spi: ['hmark-spi-mask', '0xffffffff'],
    proto: ['hmark-proto-mask', '0xffff'],
  };
  for (const field of fields) {
    const whole = full[field];
    if (whole && !given.has(whole[0])) given.set(whole[0], printed(whole[1]));
  }
  if (fields.includes('ct')) given.set('hmark-tuple', printed('ct'));
};
