/** What a match or target of iptables 1.8.9 takes, as data: one table for reading, normalising and printing. */
import type { Family } from '@worldline/model';
import type { Settle } from './settle.js';
import type { ValueKind } from './value/value-kind.js';

export interface OptionSpec {
  /** As iptables-save prints it, without dashes. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kinds: readonly ValueKind[];
  readonly isInvertible: boolean;
  /** Opcode of its clause; 0 for a field of a record. */
  readonly op: number;
  /** Operands that come before its own: which of several options with one opcode it is. */
  readonly fixed: readonly number[];
  /** Values while it is not given (records). */
  readonly defaults: readonly number[] | null;
  /** Printed although it was not given; null leaves it out. `given` are the names that were. */
  readonly implied: ((given: ReadonlySet<string>, family: Family) => string | null) | null;
  /** A canonical text that is not printed. */
  readonly hidden: string | null;
  /** The values of an inverted option when the kernel has no flag for it and the tool stores the complement. */
  readonly complement: ((value: number) => number) | null;
}

/** A spelling that stands for another option: `--or-mark V` is `--set-xmark V/V`. */
export interface Rewrite {
  readonly arguments: number;
  readonly to: string;
  readonly values: (texts: readonly string[]) => readonly string[] | null;
}

export interface ExtensionSpec {
  readonly name: string;
  readonly isTarget: boolean;
  /** Opcode of its record; 0 when its options are clauses of their own. */
  readonly op: number;
  /** In the order in which iptables-save prints them. */
  readonly options: readonly OptionSpec[];
  readonly rewrites: ReadonlyMap<string, Rewrite>;
  /** What the tool makes of the options before they are printed. */
  readonly settle: Settle | null;
  readonly family: Family | null;
  /** Protocol for which `-p` loads it unasked. */
  readonly protocol: number | null;
}

type OptionInput = Partial<Omit<OptionSpec, 'name' | 'kinds' | 'aliases'>> & { readonly aliases?: readonly string[]; readonly isFixed?: boolean };

export function option(name: string, kinds: readonly ValueKind[], input: OptionInput = {}): OptionSpec {
  return {
    name,
    kinds,
    aliases: input.aliases ?? [],
    isInvertible: input.isInvertible ?? false,
    op: input.op ?? 0,
    fixed: input.fixed ?? [],
    defaults: input.defaults ?? null,
    implied: input.implied ?? null,
    hidden: input.hidden ?? null,
    complement: input.complement ?? null,
  };
}

interface ExtensionInput {
  readonly op?: number;
  readonly rewrites?: Readonly<Record<string, Rewrite>>;
  readonly settle?: Settle;
  readonly family?: Family;
  readonly protocol?: number;
}

export function match(name: string, options: readonly OptionSpec[], input: ExtensionInput = {}): ExtensionSpec {
  return extension(name, false, options, input);
}

export function target(name: string, op: number, options: readonly OptionSpec[], input: Omit<ExtensionInput, 'op'> = {}): ExtensionSpec {
  return extension(name, true, options, { ...input, op });
}

function extension(name: string, isTarget: boolean, options: readonly OptionSpec[], input: ExtensionInput): ExtensionSpec {
  return {
    name,
    isTarget,
    op: input.op ?? 0,
    options,
    rewrites: new Map(Object.entries(input.rewrites ?? {})),
    settle: input.settle ?? null,
    family: input.family ?? null,
    protocol: input.protocol ?? null,
  };
}

/** Operands before the fields of a record: which options were given, which of them inverted. */
export const RECORD_GIVEN = 1;
export const RECORD_INVERTED = 2;
const RECORD_FIELDS = 3;

/** Offset of an option's operands from the header of its record. */
export function fieldOf(spec: ExtensionSpec, name: string): number {
  let at = RECORD_FIELDS;
  for (const o of spec.options) {
    if (o.name === name) return at;
    at += optionWidth(o);
  }
  throw new Error(`assertion failed: ${spec.name} has no option ${name}`);
}

/** Bit of an option in RECORD_GIVEN and RECORD_INVERTED. */
export function bitOf(spec: ExtensionSpec, name: string): number {
  const index = spec.options.findIndex((o) => o.name === name);
  if (index < 0) throw new Error(`assertion failed: ${spec.name} has no option ${name}`);
  return 1 << index;
}

/** Records only hold kinds of the same width in both families. */
export function optionWidth(o: OptionSpec): number {
  return o.kinds.reduce((sum, k) => sum + k.width(4), 0);
}

export function recordSize(spec: ExtensionSpec): number {
  return spec.options.reduce((sum, o) => sum + optionWidth(o), RECORD_FIELDS);
}
