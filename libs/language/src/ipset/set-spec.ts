/** What `create` says of a set: words to a value, and the header line that `ipset save` prints of it. */
import { formatAddress, formatIpv4, parseIpv4, maskWord, type Family, type IpAddress } from '@worldline/model';
import { findSetType, type SetType } from './set-type.js';
import { fault, isFault, readAddress, readNumber, type Fault } from './read.js';

export interface IpsetSpec {
  readonly type: SetType;
  /** 0: the set takes packets of both families (bitmap:port, hash:mac, list:set). */
  readonly family: Family | 0;
  readonly hashsize: number;
  readonly maxelem: number;
  readonly bucketsize: number;
  /** Seed of the hash; null: the kernel draws one. */
  readonly initval: number | null;
  /** Prefix length; null: none. */
  readonly netmask: number | null;
  readonly bitmask: IpAddress | null;
  readonly markmask: number;
  /** Bounds of a bitmap: unsigned addresses or ports. */
  readonly rangeFrom: number;
  readonly rangeTo: number;
  readonly size: number;
  /** Seconds; null: members never expire. 0: only those that say so. */
  readonly timeout: number | null;
  readonly hasCounters: boolean;
  readonly hasComments: boolean;
  readonly hasSkbinfo: boolean;
  readonly isForceadd: boolean;
}

/** Longest timeout in seconds that fits the kernel's jiffies. */
export const MAX_TIMEOUT = 2147483;
const MAX_NUMBER = 0xffffffff;

type Draft = { -readonly [K in keyof IpsetSpec]: IpsetSpec[K] };

/** Reads a type and the words after it, as on the command line or in a dump; defaults are those of the kernel. */
export function readSetSpec(typeName: string, words: readonly string[]): IpsetSpec | Fault {
  const type = findSetType(typeName);
  if (type === null) return fault(`Syntax error: typename '${typeName}' is unknown`, typeName);
  const draft: Draft = {
    type,
    family: type.name === 'bitmap:port' || type.name === 'hash:mac' || type.method === 'list' ? 0 : 4,
    hashsize: 1024,
    maxelem: 65536,
    bucketsize: 12,
    initval: null,
    netmask: null,
    bitmask: null,
    markmask: -1,
    rangeFrom: 0,
    rangeTo: -1,
    size: 8,
    timeout: null,
    hasCounters: false,
    hasComments: false,
    hasSkbinfo: false,
    isForceadd: false,
  };
  const later: (() => Fault | null)[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as string).replace(/^--/, '');
    const flag = readFlag(draft, word);
    if (isFault(flag)) return flag;
    if (flag) continue;
    const argument = words[i + 1];
    if (!takes(type, word)) return fault(`Unknown argument: \`${word}'`, word);
    if (argument === undefined) return fault(`Missing mandatory argument of option \`${word}'`, word);
    i++;
    // Masks and ranges are read against the family, wherever it stands.
    if (word === 'netmask' || word === 'bitmask') later.push(() => readMask(draft, word, argument));
    else {
      const wrong = readValue(draft, word, argument);
      if (wrong !== null) return wrong;
    }
  }
  for (const read of later) {
    const wrong = read();
    if (wrong !== null) return wrong;
  }
  if (type.method === 'bitmap' && draft.rangeTo < 0) return fault("Mandatory option `range' is missing", type.name);
  if (draft.netmask !== null && draft.bitmask !== null) {
    return fault('Syntax error: bitmask and netmask are mutually exclusive, provide only one', 'netmask');
  }
  if (type.name === 'bitmap:ip') widenRange(draft);
  return draft;
}

/** The words that `ipset save` prints after the type. */
export function printSetSpec(spec: IpsetSpec): string[] {
  const { type } = spec;
  const words: string[] = [];
  for (const option of type.createOptions) {
    switch (option) {
      case 'range':
        words.push('range', printRange(spec));
        break;
      case 'family':
        words.push('family', spec.family === 6 ? 'inet6' : 'inet');
        break;
      case 'markmask':
        if (spec.markmask !== -1) words.push('markmask', hex(spec.markmask));
        break;
      case 'hashsize':
        words.push('hashsize', String(spec.hashsize));
        break;
      case 'maxelem':
        words.push('maxelem', String(spec.maxelem));
        break;
      case 'netmask':
        if (!areMasksLast(type)) words.push(...printMasks(spec));
        break;
      case 'size':
        words.push('size', String(spec.size));
        break;
      case 'bitmask':
      case 'forceadd':
        break;
    }
  }
  if (spec.timeout !== null) words.push('timeout', String(spec.timeout));
  if (spec.hasCounters) words.push('counters');
  if (spec.hasComments) words.push('comment');
  if (spec.hasSkbinfo) words.push('skbinfo');
  if (spec.isForceadd) words.push('forceadd');
  if (type.method === 'hash') {
    words.push('bucketsize', String(spec.bucketsize));
    if (spec.initval !== null) words.push('initval', hex(spec.initval));
  }
  if (areMasksLast(type)) words.push(...printMasks(spec));
  return words;
}

/** The types whose masks came late (hash:ip,port revision 7, hash:net,net revision 4) print them last. */
function areMasksLast(type: SetType): boolean {
  return type.parts.length > 1 && type.createOptions.includes('bitmask');
}

function printMasks(spec: IpsetSpec): string[] {
  if (spec.netmask !== null) return ['netmask', String(spec.netmask)];
  return spec.bitmask === null ? [] : ['bitmask', formatAddress(spec.bitmask)];
}

/** A bitmap of networks covers whole ones. */
function widenRange(draft: Draft): void {
  if (draft.netmask === null) return;
  const mask = maskWord(draft.netmask, 0);
  draft.rangeFrom = (draft.rangeFrom & mask) >>> 0;
  draft.rangeTo = (draft.rangeTo | ~mask) >>> 0;
}

function takes(type: SetType, option: string): boolean {
  if (option === 'timeout') return true;
  if (type.method === 'hash' && ['bucketsize', 'initval', 'probes', 'resize'].includes(option)) return true;
  if (['from', 'to', 'network'].includes(option)) return type.method === 'bitmap';
  return type.createOptions.some((o) => o === option);
}

/** Options without a value. */
function readFlag(draft: Draft, word: string): boolean | Fault {
  switch (word) {
    case 'counters':
      draft.hasCounters = true;
      return true;
    case 'comment':
      draft.hasComments = true;
      return true;
    case 'skbinfo':
      draft.hasSkbinfo = true;
      return true;
    case 'forceadd':
      if (draft.type.method !== 'hash') return fault(`Unknown argument: \`${word}'`, word);
      draft.isForceadd = true;
      return true;
    case '-4':
    case '-6':
      if (!draft.type.createOptions.includes('family')) return fault(`Unknown argument: \`${word}'`, word);
      draft.family = word === '-4' ? 4 : 6;
      return true;
    default:
      return false;
  }
}

function readValue(draft: Draft, option: string, word: string): Fault | null {
  switch (option) {
    case 'family': {
      if (word !== 'inet' && word !== 'inet6' && word !== '-4' && word !== '-6') return fault(`Syntax error: unknown inet family ${word}`, word);
      draft.family = word.endsWith('6') ? 6 : 4;
      return null;
    }
    case 'range':
      return readRange(draft, word);
    case 'probes':
    case 'resize':
      return null; // read for old scripts, without effect since ipset 5
    default: {
      const value = readNumber(word, 0, option === 'timeout' ? MAX_TIMEOUT : MAX_NUMBER);
      if (isFault(value)) return value;
      return setNumber(draft, option, value);
    }
  }
}

function setNumber(draft: Draft, option: string, value: number): Fault | null {
  if (option === 'timeout') draft.timeout = value;
  else if (option === 'maxelem') draft.maxelem = value;
  else if (option === 'initval') draft.initval = value | 0;
  else if (option === 'markmask') draft.markmask = value | 0;
  // hash_create: at least 64 buckets, and a power of two
  else if (option === 'hashsize') draft.hashsize = powerOfTwo(Math.max(64, value));
  // even, 2 to AHASH_MAX_SIZE
  else if (option === 'bucketsize') draft.bucketsize = Math.min(12, Math.max(2, value + (value & 1)));
  // IP_SET_LIST_MIN_SIZE
  else if (option === 'size') draft.size = Math.max(4, value);
  return null;
}

function readMask(draft: Draft, option: string, word: string): Fault | null {
  const family = draft.family === 6 ? 6 : 4;
  if (option === 'bitmask') {
    const address = readAddress(word, family);
    if (isFault(address)) return address;
    draft.bitmask = address;
    return null;
  }
  const bits = family === 6 ? 128 : 32;
  const length = readNumber(word, 1, bits);
  if (isFault(length)) return fault(`${length.fault}\nSyntax error: netmask is out of the inclusive range of 1-${bits}`, word);
  draft.netmask = length === bits ? null : length;
  return null;
}

/** `1-100`, `10.0.0.0-10.0.0.255` or `10.0.0.0/24`. */
function readRange(draft: Draft, word: string): Fault | null {
  const dash = word.indexOf('-');
  const ends = dash < 0 ? [word, word] : [word.slice(0, dash), word.slice(dash + 1)];
  if (draft.type.name === 'bitmap:port') {
    const from = readNumber((ends[0] as string).replace(/^.*:/, ''), 0, 65535);
    const to = readNumber((ends[1] as string).replace(/^.*:/, ''), 0, 65535);
    if (isFault(from)) return from;
    if (isFault(to)) return to;
    draft.rangeFrom = Math.min(from, to);
    draft.rangeTo = Math.max(from, to);
    return null;
  }
  const range = dash < 0 ? readNetwork(word) : [parseIpv4(ends[0] as string), parseIpv4(ends[1] as string)];
  const [from, to] = range;
  if (from === null || from === undefined || to === null || to === undefined) {
    return fault(`Syntax error: cannot parse ${word}: resolving to IPv4 address failed`, word);
  }
  draft.rangeFrom = Math.min(from >>> 0, to >>> 0);
  draft.rangeTo = Math.max(from >>> 0, to >>> 0);
  return null;
}

function readNetwork(word: string): (number | null)[] {
  const [text, digits] = word.split('/');
  const address = parseIpv4(text ?? '');
  const length = Number(digits);
  if (address === null || digits === undefined || !(length >= 0 && length <= 32)) return [null, null];
  const mask = maskWord(length, 0);
  return [address & mask, address | ~mask];
}

function printRange(spec: IpsetSpec): string {
  if (spec.type.name === 'bitmap:port') return `${spec.rangeFrom}-${spec.rangeTo}`;
  return `${formatIpv4(spec.rangeFrom | 0)}-${formatIpv4(spec.rangeTo | 0)}`;
}

function powerOfTwo(value: number): number {
  let size = 64;
  while (size < value) size *= 2;
  return size;
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}
