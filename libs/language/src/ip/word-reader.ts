/** Walks over the words of a command line; what is wrong is told in the tool's own words. */
import { parseAddress, parsePrefix, type Family, type IpPrefix } from '@worldline/model';
import { integer } from './names.js';

/** A word that a command line should not have had there. Thrown inside this room alone, and turned into an issue at its door. */
export class WordFault extends Error {
  constructor(
    message: string,
    readonly word: string,
  ) {
    super(message);
  }
}

export class WordReader {
  private at = 0;

  constructor(private readonly words: readonly string[]) {}

  get isEnd(): boolean {
    return this.at >= this.words.length;
  }

  /** The next word, taken. */
  take(): string {
    const word = this.words[this.at];
    if (word === undefined) throw new WordFault('Command line is not complete. Try option "help"', this.words.at(-1) ?? '');
    this.at++;
    return word;
  }

  /** The next word, left where it is; '' at the end. */
  peek(): string {
    return this.words[this.at] ?? '';
  }

  /** Takes the next word if it is one of these. */
  takeIf(...candidates: readonly string[]): boolean {
    if (this.isEnd || !candidates.includes(this.peek())) return false;
    this.at++;
    return true;
  }

  back(): void {
    this.at--;
  }

  takeNumber(what: string): number {
    const word = this.take();
    const value = integer(word);
    if (value === null) throw new WordFault(`Error: argument "${word}" is wrong: Invalid "${what}" value`, word);
    return value;
  }

  /** An address of a family, or of either when none is asked for. */
  takeAddress(family: Family | null): string {
    const word = this.take();
    const address = parseAddress(word);
    if (!address || (family !== null && address.family !== family)) {
      throw new WordFault(`Error: ${family === 6 ? 'inet6' : family === 4 ? 'inet' : 'any valid'} ${family === null ? 'address' : 'prefix'} is expected rather than "${word}".`, word);
    }
    return word;
  }

  /** A prefix; `default`, `any` and `all` are the whole family. A short IPv4 prefix (`10/8`) is filled up. */
  takePrefix(family: Family | null): IpPrefix {
    return prefixOf(this.take(), family);
  }

  takeOnOff(what: string): boolean {
    const word = this.take();
    if (word === 'on' || word === '1') return true;
    if (word === 'off' || word === '0') return false;
    throw new WordFault(`Error: argument of "${what}" must be "on" or "off", not "${word}"`, word);
  }

  takeRange(what: string): readonly [number, number] {
    const word = this.take();
    const match = /^(\d+)(?:-(\d+))?$/.exec(word);
    if (!match) throw new WordFault(`Error: argument "${word}" is wrong: Invalid "${what}"`, word);
    const first = Number(match[1]);
    return [first, match[2] === undefined ? first : Number(match[2])];
  }

  /** The word is none of those that may stand here. */
  garbage(before: string, word: string): never {
    throw new WordFault(`Error: either "${before}" is duplicate, or "${word}" is a garbage.`, word);
  }
}

export function prefixOf(word: string, family: Family | null): IpPrefix {
  if (word === 'default' || word === 'any' || word === 'all') {
    return { address: { family: family ?? 4, words: [0, 0, 0, 0] }, length: 0 };
  }
  const [address = '', length] = word.split('/');
  const isShort = /^\d+(\.\d+){0,2}$/.test(address);
  const full = isShort ? `${address}${'.0'.repeat(4 - address.split('.').length)}` : address;
  const bits = isShort && length === undefined ? `${full}/${8 * address.split('.').length}` : length === undefined ? full : `${full}/${length}`;
  const prefix = parsePrefix(bits);
  if (!prefix || (family !== null && prefix.address.family !== family)) {
    throw new WordFault(`Error: ${family === null ? 'any valid' : family === 4 ? 'inet' : 'inet6'} prefix is expected rather than "${word}".`, word);
  }
  return prefix;
}

/** The first of the candidates that a word is the beginning of, as iproute2's `matches`; null for none. */
export function matchWord<T extends string>(word: string, candidates: readonly T[]): T | null {
  return word === '' ? null : (candidates.find((c) => c.startsWith(word)) ?? null);
}
