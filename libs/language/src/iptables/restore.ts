/** The input of iptables-restore, one table after the other: chains it names, rules it appends, other commands in order. */
import type { Family, Issue } from '@worldline/model';
import { decodeUtf8, encodeUtf8 } from '../words/index.js';
import { scanRuleSet } from './scan.js';
import type { RuleSet } from '@worldline/model';

export interface RestoreOptions {
  readonly isFlushing: boolean;
  readonly hasCounters: boolean;
  readonly isTest: boolean;
  /** Only this table; null: all. */
  readonly table: string | null;
}

/** A command of a restore that is neither a chain nor an appended rule: `-X CHAIN`, `-I CHAIN 2 ...`. */
export interface RestoreLine {
  readonly table: string;
  readonly words: readonly string[];
  readonly line: number;
  /** Whether an appended rule of the same table comes after it. */
  readonly isBeforeRules: boolean;
}

export interface RestoreInput {
  readonly ruleSet: RuleSet;
  /** Chains that it appends to without naming them first: they keep their rules. */
  readonly undeclared: ReadonlySet<number>;
  readonly lines: readonly RestoreLine[];
  readonly issues: readonly Issue[];
}

export function parseRestoreOptions(words: readonly string[]): RestoreOptions | { readonly word: string } {
  let isFlushing = true;
  let hasCounters = false;
  let isTest = false;
  let table: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '-n' || word === '--noflush') isFlushing = false;
    else if (word === '-c' || word === '--counters') hasCounters = true;
    else if (word === '-t' || word === '--test') isTest = true;
    else if (word === '-T' || word === '--table') table = words[++i] ?? null;
    else if (word === '-w' || word === '--wait' || word === '-W' || word === '--wait-interval') {
      if (/^\d+$/.test(words[i + 1] ?? '')) i++;
    } else if (!['-v', '--verbose', '-4', '-6', '--ipv4', '--ipv6'].includes(word) && !/^--?w(ait)?=?\d+$/.test(word)) return { word };
  }
  return { isFlushing, hasCounters, isTest, table };
}

/** Reads the text: what iptables-save prints, and any command line of iptables without its tool. */
export function parseRestoreInput(text: string, family: Family): RestoreInput {
  const bytes = encodeUtf8(text);
  const lines: RestoreLine[] = [];
  const kept = bytes.slice();
  let table = '';
  let line = 0;
  let lastRule = -1;
  for (let start = 0; start < bytes.length; ) {
    let end = bytes.indexOf(10, start);
    if (end < 0) end = bytes.length;
    line++;
    const c = bytes[start];
    if (c === 42) table = decodeUtf8(bytes, start + 1, end).trim();
    else if (c === 45 || c === 91) {
      const isAppended = (c === 45 && bytes[start + 1] === 65 && bytes[start + 2] === 32) || (c === 91 && isAppendedBehindCounters(bytes, start, end));
      if (isAppended) lastRule = line;
      else {
        lines.push({ table, words: splitWords(decodeUtf8(bytes, start, end)), line, isBeforeRules: false });
        // The scanner takes it for a comment
        kept[start] = 35;
      }
    }
    start = end + 1;
  }
  const { ruleSet, undeclared, issues } = scanRuleSet(kept, { family, file: 'standard input' });
  return {
    ruleSet,
    undeclared,
    lines: lines.map((l) => ({ ...l, isBeforeRules: l.line < lastRule })),
    issues: issues.filter(({ code }) => code !== 'UnknownChain'),
  };
}

function isAppendedBehindCounters(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at] !== 93) at++;
  at++;
  while (at < end && bytes[at] === 32) at++;
  return bytes[at] === 45 && bytes[at + 1] === 65;
}

/** Words of a line as iptables-restore splits them. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let isQuoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (c === '"') {
      isQuoted = !isQuoted;
      word ??= '';
    } else if (c === '\\' && isQuoted && i + 1 < line.length) word = (word ?? '') + line.charAt(++i);
    else if (!isQuoted && /\s/.test(c)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + c;
  }
  if (word !== null) words.push(word);
  return words;
}
