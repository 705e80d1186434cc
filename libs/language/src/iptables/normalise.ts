/** A rule in any spelling that iptables takes, as the text that iptables-save would print for it (iptables 1.8.9, nft and legacy alike). */
import type { Family } from '@worldline/model';
import type { OptionSpec, Rewrite } from './extension.js';
import { faultOf } from './requirements.js';
import type { Given, Options } from './settle.js';
import { VERDICTS } from './targets.js';
import { PREFIX } from './value/address.js';
import { PROTOCOL } from './value/scalar.js';
import type { ValueKind } from './value/value-kind.js';
import { HEADER_OPTIONS, vocabularyOf, type Extension, type Vocabulary } from './vocabulary.js';

/** A word that was refused, and what iptables says to it. */
export interface RuleFault {
  readonly word: string;
  readonly message: string;
}

export interface NormalisedRules {
  /** What stands behind `-A CHAIN `: one text for each combination of several sources and destinations. */
  readonly texts: readonly string[];
  /** Name that -j or -g gives, empty for none. */
  readonly target: string;
  readonly isGoto: boolean;
  /** Counters given with -c. */
  readonly counters: readonly [number, number] | null;
  readonly protocol: number;
  readonly hasInput: boolean;
  readonly hasOutput: boolean;
}

interface Loaded {
  readonly extension: Extension;
  given: Options;
  /** Elements of an IPsec policy that `--next` has closed. */
  readonly earlier: Options[];
}

class RuleError extends Error {
  constructor(readonly fault: RuleFault) {
    super(fault.message);
  }
}

export function normaliseRule(words: readonly string[], family: Family): NormalisedRules | RuleFault {
  try {
    return new Normaliser(words, family).run();
  } catch (error) {
    if (error instanceof RuleError) return error.fault;
    throw error;
  }
}

export function isRuleFault(result: NormalisedRules | RuleFault): result is RuleFault {
  return 'message' in result;
}

class Normaliser {
  private readonly vocabulary: Vocabulary;
  private at = 0;
  private isInverted = false;
  private readonly header = new Map<string, { isInverted: boolean; texts: string[] }>();
  private readonly matches: Loaded[] = [];
  private target: Loaded | null = null;
  private targetName = '';
  private isGoto = false;
  private protocol = 0;
  private counters: [number, number] | null = null;

  private readonly words: string[];

  constructor(
    words: readonly string[],
    private readonly family: Family,
  ) {
    this.words = [...words];
    this.vocabulary = vocabularyOf(family);
  }

  run(): NormalisedRules {
    while (this.at < this.words.length) {
      const word = this.words[this.at++];
      if (word === '!') {
        this.isInverted = !this.isInverted;
        continue;
      }
      const header = this.headerOf(word);
      if (header !== undefined) this.headerOption(header, word);
      else this.extensionOption(word);
      this.isInverted = false;
    }
    return {
      texts: this.texts(),
      target: this.targetName,
      isGoto: this.isGoto,
      counters: this.counters,
      protocol: this.protocol,
      hasInput: this.header.has('i'),
      hasOutput: this.header.has('o'),
    };
  }

  /** Exact spellings, or a short option with its value behind it (`-ptcp`). */
  private headerOf(word: string): string | undefined {
    const exact = HEADER_OPTIONS[word];
    if (exact !== undefined || !/^-[sdiopjgmc][^-]/.test(word)) return exact;
    this.at--;
    this.words.splice(this.at, 1, word.slice(0, 2), word.slice(2));
    this.at++;
    return HEADER_OPTIONS[word.slice(0, 2)];
  }

  private headerOption(header: string, word: string): void {
    if (header === '4' || header === '6') return;
    if (header === 'f') return void this.header.set('f', { isInverted: this.isInverted, texts: [''] });
    const value = this.argument(word);
    switch (header) {
      case 'm':
        return this.loadMatch(value);
      case 'j':
      case 'g':
        return this.loadTarget(value, header === 'g');
      case 'c':
        return this.readCounters(value, word);
      case 'p':
        this.protocol = (this.values(PROTOCOL, value, word, `unknown protocol "${value}" specified`)[0] as number) >>> 0;
        if (this.protocol === 0 && this.isInverted) throw new RuleError({ word: value, message: 'rule would never match protocol' });
        if (this.protocol !== 0) this.header.set('p', { isInverted: this.isInverted, texts: [this.print(PROTOCOL, value)] });
        return;
      case 'i':
      case 'o':
        if (value.length > 15) throw new RuleError({ word: value, message: `interface name \`${value}' must be shorter than IFNAMSIZ (15)` });
        if (value !== '+') this.header.set(header, { isInverted: this.isInverted, texts: [value] });
        return;
      default: {
        const texts = value.split(',').map((part) => {
          this.values(PREFIX, part, word, `host/network \`${part}' not found`);
          return this.print(PREFIX, part);
        });
        const isAny = texts.every((text) => text.endsWith('/0'));
        if (!isAny || this.isInverted) this.header.set(header, { isInverted: this.isInverted, texts });
      }
    }
  }

  private readCounters(first: string, word: string): void {
    const texts = first.includes(',') ? first.split(',') : [first, this.argument(word)];
    this.counters = [Number(texts[0]), Number(texts[1])];
    if (!texts.every((text) => /^\d+$/.test(text))) throw new RuleError({ word: first, message: `-c packet counter not numeric` });
  }

  private loadMatch(name: string): void {
    const extension = this.vocabulary.matches.get(name);
    if (!extension) throw new RuleError({ word: name, message: `Couldn't load match \`${name}':No such file or directory\n` });
    this.matches.push({ extension, given: new Map(), earlier: [] });
  }

  private loadTarget(name: string, isGoto: boolean): void {
    if (this.targetName !== '') throw new RuleError({ word: name, message: `multiple -${isGoto ? 'g' : 'j'} flags not allowed` });
    this.targetName = name;
    this.isGoto = isGoto;
    const extension = isGoto ? undefined : this.vocabulary.targets.get(name);
    this.target = extension ? { extension, given: new Map(), earlier: [] } : null;
  }

  private extensionOption(word: string): void {
    const candidates = [...(this.target ? [this.target] : []), ...this.matches.slice().reverse()];
    const name = word.startsWith('--') ? word.slice(2) : '';
    const [plain, joined] = name.includes('=') ? [name.slice(0, name.indexOf('=')), name.slice(name.indexOf('=') + 1)] : [name, null];
    if (joined !== null) this.words.splice(this.at, 0, joined);
    for (const isExact of [true, false]) {
      for (const loaded of candidates) if (this.tryOption(loaded, plain, word, isExact)) return;
      if (!isExact && this.tryAbbreviatedHeader(word)) return;
      const implied = this.protocol !== 0 ? this.vocabulary.byProtocol.get(this.protocol) : undefined;
      if (!implied || plain === '' || find(implied, plain, isExact) === null) continue;
      const loaded: Loaded = { extension: implied, given: new Map(), earlier: [] };
      this.matches.push(loaded);
      if (this.tryOption(loaded, plain, word, isExact)) return;
    }
    throw new RuleError({ word, message: `unknown option "${word}"` });
  }

  private tryAbbreviatedHeader(word: string): boolean {
    const spellings = word.length > 3 ? Object.keys(HEADER_OPTIONS).filter((long) => long.startsWith(word)) : [];
    const headers = [...new Set(spellings.map((long) => HEADER_OPTIONS[long] as string))];
    if (headers.length !== 1) return false;
    this.headerOption(headers[0] as string, word);
    return true;
  }

  private tryOption(loaded: Loaded, name: string, word: string, isExact: boolean): boolean {
    const found = name === '' ? null : find(loaded.extension, name, isExact);
    if (found === null) return false;
    if ('to' in found) this.rewritten(loaded, found, word);
    else {
      const raw: string[] = [];
      const texts = found.kinds.map((kind) => {
        const text = this.argument(word);
        this.values(kind, text, word, badValue(text, word));
        raw.push(text);
        return this.print(kind, text);
      });
      this.give(loaded, found, texts, raw);
    }
    return true;
  }

  private give(loaded: Loaded, option: OptionSpec, texts: readonly string[], raw: readonly string[]): void {
    const { name } = loaded.extension.spec;
    if (loaded.given.has(option.name)) throw new RuleError({ word: `--${option.name}`, message: `${name}: option "--${option.name}" can only be used once.` });
    if (this.isInverted && option.complement) {
      const kind = option.kinds[0] as ValueKind;
      const values = this.values(kind, texts[0] as string, option.name, '');
      loaded.given.set(option.name, { isInverted: false, texts: [kind.print('', [option.complement(values[0] as number)], this.family)], raw });
      return;
    }
    if (this.isInverted && !option.isInvertible) throw new RuleError({ word: `--${option.name}`, message: `${name}: option "--${option.name}" cannot be inverted.` });
    if (option.name === 'next') {
      loaded.earlier.push(loaded.given);
      loaded.given = new Map();
      return;
    }
    loaded.given.set(option.name, { isInverted: this.isInverted, texts, raw });
  }

  private rewritten(loaded: Loaded, rewrite: Rewrite, word: string): void {
    const texts: string[] = [];
    for (let i = 0; i < rewrite.arguments; i++) texts.push(this.argument(word));
    const values = rewrite.values(texts);
    if (values === null) throw new RuleError({ word: texts[0] ?? word, message: `Bad value for "${word}" option: "${texts[0] ?? ''}"` });
    for (const to of rewrite.to.split(',')) {
      const option = loaded.extension.spec.options.find((o) => o.name === to) as OptionSpec;
      this.give(
        loaded,
        option,
        option.kinds.map((kind, i) => {
          const text = values[i] as string;
          this.values(kind, text, word, `Bad value for "${word}" option: "${text}"`);
          return this.print(kind, text);
        }),
        values,
      );
    }
  }

  private argument(word: string): string {
    if (this.words[this.at] === '!' && this.at + 1 < this.words.length) {
      this.isInverted = true;
      this.at++;
    }
    const value = this.words[this.at++];
    if (value === undefined) throw new RuleError({ word, message: `option "${word}" requires an argument` });
    return value;
  }

  private values(kind: ValueKind, text: string, word: string, message: string): readonly number[] {
    const out: number[] = [];
    if (!kind.parse(text, out, { family: this.family, word: 0 })) throw new RuleError({ word: text === '' ? word : text, message });
    return out;
  }

  private print(kind: ValueKind, text: string): string {
    const out: number[] = [];
    kind.parse(text, out, { family: this.family, word: 0 });
    return kind.print(text, out, this.family);
  }

  private texts(): string[] {
    const { header } = this;
    const one = (key: string): (string | null)[] => {
      const given = header.get(key);
      if (!given) return [null];
      return given.texts.map((text) => `${given.isInverted ? '! ' : ''}-${key}${text === '' ? '' : ` ${text}`}`);
    };
    const rest = ['i', 'o', 'p', 'f'].flatMap(one);
    const tail = [...this.matches.map((loaded) => this.instance(loaded, '-m')), this.targetText()];
    const texts: string[] = [];
    for (const source of one('s')) {
      for (const destination of one('d')) texts.push([source, destination, ...rest, ...tail].filter((part) => part !== null && part !== '').join(' '));
    }
    return texts;
  }

  private targetText(): string | null {
    if (this.targetName === '') return null;
    if (this.target) return this.instance(this.target, '-j');
    return `${this.isGoto ? '-g' : '-j'} ${this.targetName}`;
  }

  private instance(loaded: Loaded, flag: string): string {
    const { spec } = loaded.extension;
    const fault = faultOf(spec, new Map([...loaded.earlier, loaded.given].flatMap((given) => [...given])), this.header.get('p')?.isInverted ? 0 : this.protocol, this.family);
    if (fault !== null) throw new RuleError(fault);
    spec.settle?.(loaded.given, this.family);
    const elements = [...loaded.earlier, loaded.given].map((given) => this.options(loaded, given).join(' '));
    return [`${flag} ${spec.name}`, elements.join(' --next ')].filter((part) => part !== '').join(' ');
  }

  private options({ extension: { spec } }: Loaded, all: Options): string[] {
    const names = new Set(all.keys());
    const parts: string[] = [];
    for (const option of spec.options) {
      const given: Given | undefined = all.get(option.name);
      if (given) {
        const text = given.texts.join(' ');
        if (option.hidden === text && !given.isInverted) continue;
        parts.push(`${given.isInverted ? '! ' : ''}--${option.name}${option.kinds.length === 0 ? '' : ` ${text}`}`);
        continue;
      }
      const implied = option.implied?.(names, this.family) ?? null;
      if (implied !== null) parts.push(`--${option.name}${implied === '' ? '' : ` ${implied}`}`);
    }
    return parts;
  }
}

function badValue(text: string, word: string): string {
  return /port/.test(word) ? `invalid port/service \`${text}' specified` : `Bad value for "${word}" option: "${text}"`;
}

/** An option or rewrite by its name, an alias, or (getopt_long) an unambiguous beginning. */
function find(extension: Extension, name: string, isExact: boolean): OptionSpec | Rewrite | null {
  const { spec } = extension;
  const matching: (OptionSpec | Rewrite)[] = [];
  for (const option of spec.options) {
    const names = [option.name, ...option.aliases];
    if (isExact ? names.includes(name) : names.some((n) => n.startsWith(name))) matching.push(option);
  }
  for (const [rewriteName, rewrite] of spec.rewrites) {
    if (isExact ? rewriteName === name : rewriteName.startsWith(name)) matching.push(rewrite);
  }
  return matching.length === 1 ? (matching[0] as OptionSpec | Rewrite) : null;
}

/** Whether a name is one of the verdicts or a target that iptables has. */
export function isKnownTarget(name: string, family: Family): boolean {
  return VERDICTS[name] !== undefined || vocabularyOf(family).targets.has(name);
}
