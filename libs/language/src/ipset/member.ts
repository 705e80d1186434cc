/** What may stand after an element: timeout, counters, comment, skbinfo, nomatch, and the place in a list. */
import type { IpsetMember } from '@worldline/model';
import { hasNomatch } from './set-type.js';
import { MAX_TIMEOUT, type IpsetSpec } from './set-spec.js';
import { fault, isFault, readNumber, type Fault } from './read.js';

export interface MemberOptions {
  readonly isNomatch: boolean;
  /** The interface is the beginning of a name. */
  readonly isWildcard: boolean;
  /** Seconds; null: the set's own. */
  readonly timeout: number | null;
  readonly packets: number | null;
  readonly bytes: number | null;
  readonly comment: string | null;
  readonly skbmark: number | null;
  readonly skbmarkMask: number;
  /** `MAJOR:MINOR`, hexadecimal, as one word; null: none. */
  readonly skbprio: number | null;
  readonly skbqueue: number | null;
  /** Members of a list: the neighbour before or after which it stands. */
  readonly before: string | null;
  readonly after: string | null;
}

export const NO_OPTIONS: MemberOptions = {
  isNomatch: false,
  isWildcard: false,
  timeout: null,
  packets: null,
  bytes: null,
  comment: null,
  skbmark: null,
  skbmarkMask: -1,
  skbprio: null,
  skbqueue: null,
  before: null,
  after: null,
};

type Draft = { -readonly [K in keyof MemberOptions]: MemberOptions[K] };

/** Reads the words after an element. Whether the set was created for them is the kernel's to say. */
export function readMemberOptions(spec: IpsetSpec, words: readonly string[]): MemberOptions | Fault {
  const draft: Draft = { ...NO_OPTIONS };
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] as string).replace(/^--/, '');
    if (word === 'nomatch' && hasNomatch(spec.type)) {
      draft.isNomatch = true;
      continue;
    }
    if (word === 'wildcard' && spec.type.parts.includes('iface')) {
      draft.isWildcard = true;
      continue;
    }
    const argument = words[i + 1];
    const value = argument === undefined ? null : readOption(spec, draft, word, argument);
    if (isFault(value)) return value;
    if (value !== true) {
      return argument === undefined && KNOWN.has(word) ? fault(`Missing mandatory argument of option \`${word}'`, word) : fault(`Unknown argument: \`${word}'`, word);
    }
    i++;
  }
  return draft;
}

/** The words after an element as `ipset save` prints them, each with a space before it. */
export function printMember(member: IpsetMember): string {
  let text = '';
  if (member.timeout !== null) text += ` timeout ${member.timeout}`;
  if (member.isNomatch) text += ' nomatch';
  if (member.isWildcard) text += ' wildcard';
  if (member.packets !== null) text += ` packets ${member.packets}`;
  if (member.bytes !== null) text += ` bytes ${member.bytes}`;
  if (member.comment !== null) text += ` comment "${member.comment}"`;
  if (member.skbmark !== null) text += ` skbmark ${member.skbmark}`;
  if (member.skbprio !== null) text += ` skbprio ${member.skbprio}`;
  if (member.skbqueue !== null) text += ` skbqueue ${member.skbqueue}`;
  return text;
}

/** Writes a mark as ipset does: the mask only where it is not full; null for none. */
export function printSkbmark(mark: number, mask: number): string | null {
  if (mark === 0 && mask === 0) return null;
  const text = `0x${(mark >>> 0).toString(16)}`;
  return mask === -1 ? text : `${text}/0x${(mask >>> 0).toString(16)}`;
}

/** Writes a class as `MAJOR:MINOR`; null for none. */
export function printSkbprio(priority: number): string | null {
  return priority === 0 ? null : `${(priority >>> 16).toString(16)}:${(priority & 0xffff).toString(16)}`;
}

const KNOWN = new Set(['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue', 'before', 'after']);

function readOption(spec: IpsetSpec, draft: Draft, option: string, word: string): boolean | Fault {
  switch (option) {
    case 'timeout': {
      const value = readNumber(word, 0, MAX_TIMEOUT);
      if (isFault(value)) return value;
      draft.timeout = value;
      return true;
    }
    case 'packets':
    case 'bytes': {
      const value = readNumber(word, 0, Number.MAX_SAFE_INTEGER);
      if (isFault(value)) return value;
      draft[option] = value;
      return true;
    }
    case 'comment':
      if (word.includes('"')) return fault('Syntax error: " character is not permitted in comments', word);
      if (word.length > 255) return fault('Syntax error: Comment is longer than the maximum allowed 255 characters', word);
      draft.comment = word;
      return true;
    case 'skbmark':
      return readSkbmark(draft, word);
    case 'skbprio': {
      const match = /^([0-9a-fA-F]{1,4}):([0-9a-fA-F]{1,4})$/.exec(word);
      if (match === null) return fault(`Syntax error: Invalid skbprio format, it should be: MAJOR:MINOR (see manpage)`, word);
      draft.skbprio = (parseInt(match[1] as string, 16) << 16) | parseInt(match[2] as string, 16);
      return true;
    }
    case 'skbqueue': {
      const value = readNumber(word, 0, 65535);
      if (isFault(value)) return value;
      draft.skbqueue = value;
      return true;
    }
    case 'before':
    case 'after':
      if (spec.type.method !== 'list') return false;
      draft[option] = word;
      return true;
    default:
      return false;
  }
}

function readSkbmark(draft: Draft, word: string): boolean | Fault {
  const [markText, maskText] = word.split('/');
  const mark = parseHex(markText ?? '');
  const mask = maskText === undefined ? 0xffffffff : parseHex(maskText);
  if (mark === null || mask === null) return fault('Syntax error: Invalid skbmark format, it should be: MARK/MASK or MARK (see manpage)', word);
  draft.skbmark = mark | 0;
  draft.skbmarkMask = mask | 0;
  return true;
}

function parseHex(text: string): number | null {
  return /^(0x)?[0-9a-fA-F]{1,8}$/i.test(text) ? parseInt(text, 16) : null;
}
