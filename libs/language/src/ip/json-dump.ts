/** JSON as iproute2 prints it: an array of objects. Faults are told with line and column. */
import type { Issue, Parsed } from '@worldline/model';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads the objects of a dump. An empty file is an empty list, as `ip -j neigh` prints nothing when there is nothing. */
export function parseJsonDump(text: string, file: string): Parsed<readonly JsonObject[]> {
  if (text.trim() === '') return { value: [], issues: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const fault = findFault(text);
    return { value: null, issues: [{ code: 'BrokenJson', severity: 'error', message: `not JSON: ${fault.message}`, file, ...placeOf(text, fault.offset), ...(fault.word ? { word: fault.word } : {}) }] };
  }
  if (!Array.isArray(value)) return { value: null, issues: [{ code: 'BrokenJson', severity: 'error', message: 'an array was expected', file, line: 1, pointer: '' }] };
  const objects: JsonObject[] = [];
  const issues: Issue[] = [];
  value.forEach((item: unknown, i) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) issues.push(elementIssue(text, file, i, '', 'an object was expected'));
    // `ip -j` prints {} for what a filter left out
    else if (Object.keys(item).length > 0) objects.push(item as JsonObject);
  });
  return { value: objects, issues };
}

/** An issue about one field of element `index`. */
export function elementIssue(text: string, file: string, index: number, field: string, message: string, word?: string): Issue {
  return {
    code: 'BrokenEntry',
    severity: 'error',
    message,
    file,
    ...placeOf(text, offsetOfElement(text, index)),
    pointer: field === '' ? `/${index}` : `/${index}/${field}`,
    ...(word === undefined ? {} : { word }),
  };
}

export function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : [];
}

export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Prints a dump as the captures have it: an object a line. */
export function printJsonDump(objects: readonly JsonObject[]): string {
  return objects.length === 0 ? '[]\n' : `[\n${objects.map((o) => JSON.stringify(o)).join(',\n')}\n]\n`;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

/** Offset of the first character of the nth element of the outer array. */
function offsetOfElement(text: string, index: number): number {
  const scanner = new Scanner(text);
  try {
    scanner.skipBlanks();
    scanner.at++;
    for (let i = 0; ; i++) {
      scanner.skipBlanks();
      if (i === index) return scanner.at;
      scanner.value();
      scanner.skipBlanks();
      if (text[scanner.at] !== ',') return scanner.at;
      scanner.at++;
    }
  } catch {
    return 0;
  }
}

interface Fault {
  readonly offset: number;
  readonly message: string;
  readonly word: string;
}

class JsonFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

function findFault(text: string): Fault {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.skipBlanks();
    if (scanner.at < text.length) scanner.fail('more after the end');
  } catch (error) {
    if (error instanceof JsonFault) return error.fault;
    throw error;
  }
  return { offset: 0, message: 'not understood', word: '' };
}

/** Walks over JSON text (RFC 8259) and stops where it is broken. */
class Scanner {
  at = 0;

  constructor(private readonly text: string) {}

  fail(message: string): never {
    const word = /^[^\s,:[\]{}]{0,40}/.exec(this.text.slice(this.at))?.[0] ?? '';
    throw new JsonFault({ offset: this.at, message: this.at >= this.text.length ? 'it ends too early' : message, word: word || this.text.slice(this.at, this.at + 1) });
  }

  skipBlanks(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] as string)) this.at++;
  }

  value(): void {
    this.skipBlanks();
    const c = this.text[this.at];
    if (c === '{') this.list('}', () => this.member());
    else if (c === '[') this.list(']', () => this.value());
    else if (c === '"') this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y, 'a string that does not end');
    else this.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y, 'a value was expected');
  }

  private member(): void {
    this.skipBlanks();
    this.take(/"(?:[^"\\\u0000-\u001f]|\\.)*"/y, 'a name in quotes was expected');
    this.skipBlanks();
    if (this.text[this.at] !== ':') this.fail("':' was expected");
    this.at++;
    this.value();
  }

  private list(end: string, item: () => void): void {
    this.at++;
    this.skipBlanks();
    if (this.text[this.at] === end) {
      this.at++;
      return;
    }
    for (;;) {
      item();
      this.skipBlanks();
      const c = this.text[this.at];
      if (c === end) {
        this.at++;
        return;
      }
      if (c !== ',') this.fail(`',' or '${end}' was expected`);
      this.at++;
    }
  }

  private take(pattern: RegExp, message: string): void {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) this.fail(message);
    this.at += (match as RegExpExecArray)[0].length;
  }
}
