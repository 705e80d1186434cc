/**
 * A value at its place in a document, read strictly: every reader gives what was asked for, or says what is wrong with the
 * word that stands there and what might stand in its place. Nothing is left aside silently.
 */
import { parseDuration } from '@worldline/model';
import type { Json, Severity } from '@worldline/model';
import type { IssueSink } from './document.js';
import { didYouMean } from './suggest.js';

export type JsonObject = { readonly [key: string]: Json | undefined };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Field {
  constructor(
    readonly value: Json | undefined,
    readonly path: readonly string[],
    readonly sink: IssueSink,
  ) {}

  /** The value of that name in a map; the field itself where it is no such map. */
  inside(name: string): Field {
    return isObject(this.value) && Object.hasOwn(this.value, name) ? new Field(this.value[name], [...this.path, name], this.sink) : this;
  }

  /** Where it stands. */
  get place(): { readonly file: string; readonly pointer: string } {
    return this.sink.placeOf(this.path);
  }

  /** A part of this value, at the same place. */
  with(value: Json): Field {
    return new Field(value, this.path, this.sink);
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The value as a message shows it. */
  get word(): string {
    if (typeof this.value === 'string') return this.value;
    const text = JSON.stringify(this.value) ?? 'nothing';
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  }

  fail(message: string, extra: { word?: string; code?: string; isKey?: boolean; severity?: Severity } = {}): null {
    this.sink.add({ path: this.path, message, word: this.word, ...extra });
    return null;
  }

  warn(message: string): void {
    this.fail(message, { severity: 'warning' });
  }

  /** A map whose names are among `known`; each other name is an issue of its own. */
  object(known: readonly string[], what: string): Fields | null {
    const { value } = this;
    if (!isObject(value)) return this.fail(`${this.shown()} is not ${what}; it takes a map of ${listed(known)}`);
    const fields = new Fields(value, this);
    for (const name of Object.keys(value)) {
      if (known.includes(name)) continue;
      const child = fields.get(name);
      child.fail(`'${name}' is not a word of ${what}${orList(didYouMean(name, known), known)}`, { word: name, isKey: true, code: 'UnknownWord' });
    }
    return fields;
  }

  /** A map with any names. */
  anyObject(what: string): Fields | null {
    return isObject(this.value) ? new Fields(this.value, this) : this.fail(`${this.shown()} is not ${what}; it takes a map`);
  }

  list(what: string): Field[] {
    if (this.isAbsent) return [];
    if (!Array.isArray(this.value)) {
      this.fail(`${this.shown()} is not a list of ${what}`);
      return [];
    }
    return (this.value as readonly Json[]).map((item, i) => new Field(item, [...this.path, String(i)], this.sink));
  }

  /** A list, or a single value in its place. */
  listOrOne(what: string): Field[] {
    return this.isAbsent || Array.isArray(this.value) ? this.list(what) : [this];
  }

  /** Plain text; numbers and words like `true` count as their spelling. */
  text(what: string): string | null {
    const { value } = this;
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.fail(`${this.shown()} is not ${what}`);
  }

  integer(what: string, least: number, most: number): number | null {
    const { value } = this;
    const number = typeof value === 'string' && /^(0x[0-9a-fA-F]+|\d+)$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return this.fail(`${this.shown()} is not ${what}; it takes a whole number from ${least} to ${most}`);
    if (number < least || number > most) return this.fail(`${what} ${this.word} is out of range; it takes ${least} to ${most}`);
    return number;
  }

  number(what: string, least: number, most: number): number | null {
    const { value } = this;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    return this.fail(`${this.shown()} is not ${what}; it takes a number from ${least} to ${most}`);
  }

  boolean(what: string): boolean | null {
    if (typeof this.value === 'boolean') return this.value;
    return this.fail(`${this.shown()} is not ${what}; it takes true or false`);
  }

  /** Microseconds. A bare number is none, except 0. */
  duration(what: string): number | null {
    const { value } = this;
    if (value === 0) return 0;
    const time = typeof value === 'string' ? parseDuration(value) : null;
    return time ?? this.fail(`${this.shown()} is not ${what}; it takes a number with us, ms, s, m or h, such as 100ms`);
  }

  oneOf<T extends string>(words: readonly T[], what: string): T | null {
    const found = words.find((word) => word === this.value);
    if (found !== undefined) return found;
    const near = typeof this.value === 'string' ? didYouMean(this.value, words) : '';
    return this.fail(`${this.shown()} is not ${what}${orList(near, words)}`);
  }

  private shown(): string {
    return this.isAbsent ? 'nothing' : `'${this.word}'`;
  }
}

/** The values of a map. */
export class Fields {
  constructor(
    private readonly value: JsonObject,
    readonly self: Field,
  ) {}

  get names(): string[] {
    return Object.keys(this.value);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.value, name) && this.value[name] !== undefined && this.value[name] !== null;
  }

  get(name: string): Field {
    return new Field(Object.hasOwn(this.value, name) ? this.value[name] : undefined, [...this.self.path, name], this.self.sink);
  }

  /** What `read` makes of a value that is there, else `otherwise`; also where it is not understood, for that is an issue already. */
  read<T>(name: string, read: (field: Field) => T | null, otherwise: T): T {
    return this.has(name) ? (read(this.get(name)) ?? otherwise) : otherwise;
  }

  /** The same for a value that must be there. */
  need<T>(name: string, read: (field: Field) => T | null, what: string): T | null {
    if (this.has(name)) return read(this.get(name));
    return this.self.fail(`${what} needs '${name}'`, { word: name, code: 'MissingWord' });
  }
}

/** The near word where there is one, else all words that might stand there. */
function orList(near: string, words: readonly string[]): string {
  return near || ` (it takes ${listed(words)})`;
}

function listed(words: readonly string[]): string {
  return words.length <= 1 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1] as string}`;
}
