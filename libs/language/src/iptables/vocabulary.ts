/** The extension tables arranged for reading: every spelling of every option as a small integer, so that a word is looked up once per dump. */
import { assert, type Family } from '@worldline/model';
import { bitOf, fieldOf, optionWidth, recordSize, type ExtensionSpec, type OptionSpec, type Rewrite } from './extension.js';
import { HEADER_MATCHES } from './matches-of-headers.js';
import { STATE_MATCHES } from './matches-of-state.js';
import { TARGETS } from './targets.js';

const MATCHES: readonly ExtensionSpec[] = [...HEADER_MATCHES, ...STATE_MATCHES];

/** Spellings of the rule's own options. */
export const HEADER_OPTIONS: Readonly<Record<string, string>> = {
  '-s': 's', '--source': 's', '--src': 's', '-d': 'd', '--destination': 'd', '--dst': 'd', '-i': 'i', '--in-interface': 'i', '-o': 'o',
  '--out-interface': 'o', '-p': 'p', '--protocol': 'p', '-f': 'f', '--fragment': 'f', '--fragments': 'f', '-j': 'j', '--jump': 'j',
  '-g': 'g', '--goto': 'g', '-m': 'm', '--match': 'm', '-c': 'c', '--set-counters': 'c', '-4': '4', '--ipv4': '4', '-6': '6', '--ipv6': '6', '!': '!',
};

/** Distinct spellings of options over all extensions of a family. */
const MAXIMUM_KEYS = 512;

/** One extension, with what reading it needs. */
export class Extension {
  /** By key: 1 + position of the option, or -1 - position of the rewrite; 0 for neither. */
  private readonly byKey = new Int16Array(MAXIMUM_KEYS);
  readonly rewrites: readonly (readonly [string, Rewrite])[];
  /** Offset of each option's operands in the record. */
  readonly offsets: readonly number[];
  /** The record while nothing is given, without its header. */
  readonly template: Int32Array;

  constructor(
    readonly spec: ExtensionSpec,
    keys: Map<string, number>,
  ) {
    this.rewrites = [...spec.rewrites];
    const key = (spelling: string): number => {
      const known = keys.get(spelling);
      if (known !== undefined) return known;
      assert(keys.size + 1 < MAXIMUM_KEYS, 'more spellings of options than MAXIMUM_KEYS');
      keys.set(spelling, keys.size + 1);
      return keys.size;
    };
    spec.options.forEach((o, i) => {
      for (const name of [o.name, ...o.aliases]) this.byKey[key(`--${name}`)] = i + 1;
    });
    this.rewrites.forEach(([name], i) => this.byKey[key(`--${name}`)] = -1 - i);
    const offsets: number[] = [];
    const template: number[] = [0, 0];
    for (const o of spec.options) {
      offsets.push(template.length + 1);
      const width = optionWidth(o);
      for (let i = 0; i < width; i++) template.push(o.defaults?.[i] ?? 0);
    }
    this.offsets = offsets;
    this.template = Int32Array.from(template);
  }

  find(key: number): number {
    return key > 0 ? (this.byKey[key] as number) : 0;
  }

  get size(): number {
    return recordSize(this.spec);
  }

  option(position: number): OptionSpec {
    return this.spec.options[position] as OptionSpec;
  }
}

/** All extensions of one family. */
export class Vocabulary {
  /** Key of every spelling of an option, with dashes. */
  readonly keys = new Map<string, number>(Object.keys(HEADER_OPTIONS).map((spelling, i) => [spelling, i + 1]));
  readonly headerByKey: readonly string[] = ['', ...Object.values(HEADER_OPTIONS)];
  readonly matches = new Map<string, Extension>();
  readonly targets = new Map<string, Extension>();
  /** Loaded by `-p` alone. */
  readonly byProtocol = new Map<number, Extension>();

  constructor(readonly family: Family) {
    for (const spec of [...MATCHES, ...TARGETS]) {
      if (spec.family !== null && spec.family !== family) continue;
      const extension = new Extension(spec, this.keys);
      (spec.isTarget ? this.targets : this.matches).set(spec.name, extension);
      if (spec.protocol !== null) this.byProtocol.set(spec.protocol, extension);
    }
    const icmp6 = this.matches.get('icmp6');
    if (icmp6) for (const alias of ['icmpv6', 'ipv6-icmp']) this.matches.set(alias, icmp6);
  }
}

const vocabularies = new Map<Family, Vocabulary>();

export function vocabularyOf(family: Family): Vocabulary {
  const known = vocabularies.get(family);
  if (known) return known;
  const made = new Vocabulary(family);
  vocabularies.set(family, made);
  return made;
}

/** Offset of an option's operands from the header of its extension's record: `fieldIn('recent', 'seconds')`. */
export function fieldIn(extension: string, option: string, isTarget = false): number {
  return fieldOf(specOf(extension, isTarget), option);
}

/** The option's bit in RECORD_GIVEN and RECORD_INVERTED. */
export function bitIn(extension: string, option: string, isTarget = false): number {
  return bitOf(specOf(extension, isTarget), option);
}

function specOf(name: string, isTarget: boolean): ExtensionSpec {
  const spec = (isTarget ? TARGETS : MATCHES).find((s) => s.name === name);
  assert(spec !== undefined, `no extension ${name}`);
  return spec;
}
