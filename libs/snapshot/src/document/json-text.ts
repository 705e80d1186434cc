/**
 * JSON text with places: where it is broken, and where a value stands.
 *
 * Values are made by JSON.parse; this scanner runs only when something is to be said about the text, or over its brackets.
 */
import type { Json } from '@worldline/model';
import { DOCUMENT_DEPTH_LIMIT } from './limits.js';

export interface JsonFault {
  readonly offset: number;
  readonly message: string;
}

export type ParsedJson = { readonly value: Json; readonly fault: null } | { readonly value: null; readonly fault: JsonFault };

/** Reads JSON (RFC 8259). Never throws. */
export function parseJsonText(text: string): ParsedJson {
  const tooDeep = depthFault(text);
  if (tooDeep) return { value: null, fault: tooDeep };
  try {
    return { value: JSON.parse(text) as Json, fault: null };
  } catch {
    const scanner = new JsonScanner(text);
    scanner.document();
    return { value: null, fault: scanner.fault ?? { offset: 0, message: 'is not JSON' } };
  }
}

/** Offset of the value (or, with `isKey`, of its name) that a JSON pointer names; as deep as the text goes. */
export function locateInJson(text: string, path: readonly string[], isKey: boolean): number {
  const scanner = new JsonScanner(text);
  scanner.seek(path, isKey);
  return scanner.found;
}

function depthFault(text: string): JsonFault | null {
  let depth = 0;
  let isInString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (isInString) {
      if (c === 92) i++;
      else if (c === 34) isInString = false;
    } else if (c === 34) isInString = true;
    else if (c === 91 || c === 123) {
      if (++depth > DOCUMENT_DEPTH_LIMIT) return { offset: i, message: `is nested deeper than ${DOCUMENT_DEPTH_LIMIT} levels` };
    } else if (c === 93 || c === 125) depth--;
  }
  return null;
}

class JsonScanner {
  private at = 0;
  fault: JsonFault | null = null;
  found = 0;

  constructor(private readonly text: string) {}

  document(): void {
    this.value(null, false);
    this.blanks();
    if (!this.fault && this.at < this.text.length) this.fail('text after the end of the value');
  }

  seek(path: readonly string[], isKey: boolean): void {
    this.value(path, isKey);
  }

  /** `path`: what of it lies below this value; null: this value is not on the way. */
  private value(path: readonly string[] | null, isKey: boolean): void {
    this.blanks();
    if (path !== null && !(isKey && path.length === 0)) this.found = this.at;
    const c = this.text[this.at];
    if (c === '{') this.object(path, isKey);
    else if (c === '[') this.array(path, isKey);
    else if (c === '"') this.string();
    else this.word();
  }

  private object(path: readonly string[] | null, isKey: boolean): void {
    this.at++;
    if (this.take('}')) return;
    for (;;) {
      this.blanks();
      const start = this.at;
      const key = this.string();
      if (this.fault) return;
      const isOnWay = path !== null && path.length > 0 && key === path[0];
      if (isOnWay && isKey && path.length === 1) this.found = start;
      if (!this.take(':')) return this.fail("expected ':' after a name");
      this.value(isOnWay ? path.slice(1) : null, isKey);
      if (this.fault || this.take('}')) return;
      if (!this.take(',')) return this.fail("expected ',' or '}'");
    }
  }

  private array(path: readonly string[] | null, isKey: boolean): void {
    this.at++;
    if (this.take(']')) return;
    for (let i = 0; ; i++) {
      this.value(path !== null && path.length > 0 && path[0] === String(i) ? path.slice(1) : null, isKey);
      if (this.fault || this.take(']')) return;
      if (!this.take(',')) return this.fail("expected ',' or ']'");
    }
  }

  private string(): string {
    const pattern = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) {
      this.fail(this.text[this.at] === '"' ? 'a string that does not end, or holds a character that must be escaped' : 'expected a name in double quotes');
      return '';
    }
    this.at = pattern.lastIndex;
    return JSON.parse(match[0]) as string;
  }

  private word(): void {
    const pattern = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
    pattern.lastIndex = this.at;
    if (pattern.test(this.text)) this.at = pattern.lastIndex;
    else this.fail(this.at >= this.text.length ? 'the text ends in the middle' : `'${/^[\w.+-]{1,40}|^[^]/.exec(this.text.slice(this.at))?.[0] ?? ''}' is not a value`);
  }

  private take(c: string): boolean {
    this.blanks();
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private blanks(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.at++;
    }
  }

  private fail(message: string): void {
    this.fault ??= { offset: this.at, message };
  }
}
