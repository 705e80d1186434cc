import type { Family } from '@worldline/model';

/** How the kernel must translate an operand that means something only within a dump. */
export type Relocation =
  | 'none'
  /** The operand is a word of the rule set. */
  | 'word'
  /** Four words of an address, IPv4 in the first. */
  | 'address'
  /** Two such addresses. */
  | 'range';

export interface ValueContext {
  readonly family: Family;
  /** The word's id in its rule set, for kinds whose value is the word itself; -1 when it has none. */
  readonly word: number;
}

/** One kind of operand: from the text of a word to integers and back to the text that iptables-save prints. */
/** Reads a value from its bytes into `out` at `at`; false when it is not of the plain form that this knows. */
export type ByteParser = (bytes: Uint8Array, start: number, end: number, out: Int32Array, at: number) => boolean;

export interface ValueKind {
  /** A shorter way for IPv4, for what dumps hold by the hundred thousand. */
  readonly parseBytes4?: ByteParser;
  readonly relocation: Relocation;
  width(family: Family): number;
  /** Appends exactly `width` integers (lists: as many as they need); false when the text is none of this kind. */
  parse(text: string, out: number[], context: ValueContext): boolean;
  /** The canonical text of a word that `parse` has accepted. */
  print(text: string, values: readonly number[], family: Family): string;
}

interface KindOptions {
  readonly width?: number | ((family: Family) => number);
  readonly relocation?: Relocation;
  readonly parse: ValueKind['parse'];
  readonly parseBytes4?: ByteParser;
  readonly print?: (values: readonly number[], family: Family, text: string) => string;
}

export function kind(options: KindOptions): ValueKind {
  const { width = 1, relocation = 'none', parse, print } = options;
  return {
    relocation,
    width: typeof width === 'number' ? () => width : width,
    parse,
    ...(options.parseBytes4 ? { parseBytes4: options.parseBytes4 } : {}),
    print: print ? (text, values, family) => print(values, family, text) : (text) => text,
  };
}

/** strtoul with base 0, whole word: decimal, 0x hexadecimal, 0 octal; null when it is none or above `max`. */
export function parseNumber(text: string, max = 0xffffffff): number | null {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(text)) return null;
  const value = /^0\d/.test(text) ? parseInt(text, 8) : Number(text);
  return Number.isNaN(value) || value > max ? null : value;
}

export const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** xtables_save_string: quoted unless it consists of plain characters only. */
export function quoted(text: string): string {
  return /^[-_0-9a-zA-Z]+$/.test(text) ? text : alwaysQuoted(text);
}

export function alwaysQuoted(text: string): string {
  return `"${text.replace(/["\\']/g, (c) => `\\${c}`)}"`;
}
