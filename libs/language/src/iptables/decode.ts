/**
 * From the words of rules to integer clauses (opcode.ts), whatever order and spelling they were written in.
 *
 * Each distinct word is understood once per rule set and kind of value. What is not understood becomes an unmodelled clause and an Issue:
 * no rule is ever lost.
 */
import type { Issue, RuleSet } from '@worldline/model';
import type { OptionSpec, Rewrite } from './extension.js';
import * as op from './opcode.js';
import { VERDICTS } from './targets.js';
import { PREFIX } from './value/address.js';
import { NAME, PROTOCOL, QUOTED_WORD, WORD } from './value/scalar.js';
import type { ValueKind } from './value/value-kind.js';
import { vocabularyOf, type Extension, type Vocabulary } from './vocabulary.js';

export interface DecodedRules {
  /** Clauses of all rules; each rule ends with its target's clause. Word operands are ids of `ruleSet.words`. */
  readonly code: Int32Array;
  /** Clauses of rule r are `code[ruleStart[r]] ... code[ruleStart[r + 1] - 1]`; length rules + 1. */
  readonly ruleStart: Int32Array;
  readonly issues: readonly Issue[];
}

export function decodeRules(ruleSet: RuleSet): DecodedRules {
  const decoder = new RuleDecoder(ruleSet);
  const count = ruleSet.ruleLine.length;
  const ruleStart = new Int32Array(count + 1);
  for (let r = 0; r < count; r++) {
    ruleStart[r] = decoder.length;
    decoder.decode(r);
  }
  ruleStart[count] = decoder.length;
  return { code: decoder.take(), ruleStart, issues: decoder.issues };
}

/** Where each clause of a rule was written: positions of its first and last word among the rule's tokens, in the order of the clauses. */
export function clauseOrigins(ruleSet: RuleSet, rule: number): readonly (readonly [number, number])[] {
  const decoder = new RuleDecoder(ruleSet);
  return decoder.decode(rule);
}

/** Growing run of integers. */
class Scratch {
  readonly values: number[] = [];
  readonly origins: [number, number][] = [];

  clear(): void {
    this.values.length = 0;
    this.origins.length = 0;
  }

  get length(): number {
    return this.values.length;
  }
}

interface Instance {
  readonly extension: Extension;
  /** Where its record begins in `body` or `tail`; -1 when its options are clauses of their own. */
  readonly record: number;
  readonly scratch: Scratch;
}

class RuleDecoder {
  readonly issues: Issue[] = [];
  private code: Int32Array<ArrayBuffer>;
  length = 0;

  private readonly vocabulary: Vocabulary;
  /** Per word: key of the option it spells, -1 for none, 0 not yet known. */
  private readonly keyOfWord: Int32Array;
  private readonly memos = new Map<ValueKind, Int32Array>();
  private readonly pool: number[] = [0];
  private readonly extensionOfWord = new Map<number, Extension | null>();

  private readonly head = new Scratch();
  private readonly body = new Scratch();
  private readonly tail = new Scratch();
  private readonly instances: Instance[] = [];
  private rule = 0;
  private at = 0;
  private end = 0;
  private protocol = -1;
  private isInverted = false;
  private isSkipping = false;

  constructor(private readonly ruleSet: RuleSet) {
    this.vocabulary = vocabularyOf(ruleSet.family);
    this.keyOfWord = new Int32Array(ruleSet.words.count);
    this.code = new Int32Array(1024 + 6 * ruleSet.tokens.length);
  }

  take(): Int32Array {
    return this.code.slice(0, this.length);
  }

  decode(rule: number): readonly (readonly [number, number])[] {
    const { tokens, ruleTokenStart } = this.ruleSet;
    this.rule = rule;
    this.at = ruleTokenStart[rule];
    this.end = ruleTokenStart[rule + 1];
    this.head.clear();
    this.body.clear();
    this.tail.clear();
    this.instances.length = 0;
    this.protocol = -1;
    this.isSkipping = false;
    while (this.at < this.end) {
      const word = tokens[this.at++];
      const key = this.keyOf(word);
      const header = key > 0 ? this.vocabulary.headerByKey[key] : undefined;
      if (header === '!') {
        this.isInverted = !this.isInverted;
        continue;
      }
      if (header !== undefined) this.headerOption(header, word);
      else this.extensionOption(word, key);
      this.isInverted = false;
    }
    if (this.tail.length === 0) this.clause(this.tail, op.OP_CONTINUE, [], this.at);
    this.append(this.head.values);
    this.append(this.body.values);
    this.append(this.tail.values);
    return [...this.head.origins, ...this.body.origins, ...this.tail.origins];
  }

  private headerOption(header: string, word: number): void {
    this.isSkipping = false;
    const from = this.at - 1;
    if (header === 'f') return this.clause(this.head, op.OP_FRAGMENT, [], from);
    if (header === '4' || header === '6') return;
    if (header === 'c') {
      this.at += 2;
      return;
    }
    const value = this.argument();
    if (value < 0) return this.unknown('UnknownOption', `${this.text(word)} needs a value`, word);
    if (header === 'm') return this.match(value);
    if (header === 'j' || header === 'g') return this.target(value, header === 'g', from);
    if (header === 'i' || header === 'o') {
      if (this.text(value) !== '+') this.clause(this.head, header === 'i' ? op.OP_INPUT_INTERFACE : op.OP_OUTPUT_INTERFACE, [value], from);
      return;
    }
    const values = this.valuesOf(header === 'p' ? PROTOCOL : PREFIX, value);
    if (values === null) return this.unknown('UnknownOption', `${this.text(value)} is not a value of ${this.text(word)}`, value);
    if (header !== 'p') return this.clause(this.head, header === 's' ? op.OP_SOURCE : op.OP_DESTINATION, values, from);
    if (!this.isInverted) this.protocol = values[0] as number;
    if (values[0] !== 0) this.clause(this.head, op.OP_PROTOCOL, values, from);
  }

  private match(word: number): void {
    const extension = this.extensionOf(word, this.vocabulary.matches);
    if (extension) return this.open(extension, this.body);
    this.unknown('UnknownMatch', `match ${this.text(word)} is not known`, word);
    this.isSkipping = true;
  }

  private target(word: number, isGoto: boolean, from: number): void {
    const name = this.text(word);
    this.tail.clear();
    const verdict = isGoto ? undefined : VERDICTS[name];
    if (verdict !== undefined) return this.clause(this.tail, verdict, [], from);
    const extension = isGoto ? undefined : this.extensionOf(word, this.vocabulary.targets);
    if (extension) return this.open(extension, this.tail);
    this.clause(this.tail, isGoto ? op.OP_GOTO : op.OP_JUMP, [word], from);
  }

  private open(extension: Extension, scratch: Scratch): void {
    const { spec, template } = extension;
    let record = -1;
    if (spec.op !== 0) {
      record = scratch.length;
      scratch.values.push(spec.op | ((template.length + 1) << 16));
      for (let i = 0; i < template.length; i++) scratch.values.push(template[i]);
      scratch.origins.push([this.at - 2, this.at - 1]);
    }
    this.instances.push({ extension, record, scratch });
  }

  private extensionOption(word: number, key: number): void {
    const from = this.at - 1;
    for (let i = this.instances.length - 1; i >= 0; i--) {
      const instance = this.instances[i];
      const found = instance.extension.find(key);
      if (found !== 0) return this.option(instance, found, word, from);
    }
    const implied = this.protocol >= 0 ? this.vocabulary.byProtocol.get(this.protocol) : undefined;
    const found = implied?.find(key) ?? 0;
    if (implied && found !== 0 && !this.instances.some((i) => i.extension === implied)) {
      this.open(implied, this.body);
      return this.option(this.instances[this.instances.length - 1], found, word, from);
    }
    if (this.isSkipping) return;
    this.unknown('UnknownOption', `option ${this.text(word)} is not known here`, word);
    this.isSkipping = true;
  }

  private option(instance: Instance, found: number, word: number, from: number): void {
    this.isSkipping = false;
    const { extension } = instance;
    if (found < 0) return this.rewritten(instance, extension.rewrites[-1 - found] as readonly [string, Rewrite], word, from);
    const spec = extension.option(found - 1);
    const values: number[] = [...spec.fixed];
    for (const kind of spec.kinds) {
      const value = this.argument();
      const parsed = value < 0 ? null : this.valuesOf(kind, value);
      if (parsed === null) {
        const at = value < 0 ? word : value;
        return this.unknown('UnknownOption', value < 0 ? `${this.text(word)} needs a value` : `${this.text(value)} is not a value of ${this.text(word)}`, at);
      }
      for (let i = 0; i < parsed.length; i++) values.push(parsed[i]);
    }
    this.store(instance, found - 1, spec, values, from);
  }

  private rewritten(instance: Instance, [name, rewrite]: readonly [string, Rewrite], word: number, from: number): void {
    const texts: string[] = [];
    for (let i = 0; i < rewrite.arguments; i++) texts.push(this.text(Math.max(0, this.argument())));
    const values = rewrite.values(texts);
    if (values === null) return this.unknown('UnknownOption', `${texts.join(' ')} is not a value of --${name}`, word);
    for (const to of rewrite.to.split(',')) {
      const position = instance.extension.spec.options.findIndex((o) => o.name === to);
      const spec = instance.extension.option(position);
      const out: number[] = [...spec.fixed];
      const isFine = spec.kinds.every((kind, i) => kind.parse(values[i] as string, out, { family: this.ruleSet.family, word: -1 }));
      if (!isFine) return this.unknown('UnknownOption', `${texts.join(' ')} is not a value of --${name}`, word);
      this.store(instance, position, spec, out, from);
    }
  }

  private store(instance: Instance, position: number, spec: OptionSpec, values: readonly number[], from: number): void {
    const { record, scratch } = instance;
    if (spec.op !== 0) return this.clause(scratch, spec.op, values, from);
    const out = scratch.values;
    out[record + 1] |= 1 << position;
    if (this.isInverted) out[record + 2] |= 1 << position;
    const at = record + (instance.extension.offsets[position] as number);
    for (let i = 0; i < values.length; i++) out[at + i] = values[i] as number;
    const origin = scratch.origins[scratch.origins.length - 1];
    if (origin && origin[1] < this.at) origin[1] = this.at;
  }

  private clause(scratch: Scratch, opcode: number, values: readonly number[], from: number): void {
    const out = scratch.values;
    out.push(opcode | (this.isInverted ? op.CLAUSE_INVERTED : 0) | ((values.length + 1) << 16));
    for (let i = 0; i < values.length; i++) out.push(values[i] as number);
    scratch.origins.push([this.isInverted ? from - 1 : from, this.at]);
  }

  /** An unmodelled clause in the place of what was not understood, or instead of a target whose option it was. */
  private unknown(code: string, message: string, word: number): void {
    const { file, ruleLine } = this.ruleSet;
    this.issues.push({ code, severity: 'warning', message, file, line: ruleLine[this.rule] as number, word: this.text(word) });
    this.isInverted = false;
    const last = this.instances[this.instances.length - 1];
    if (last?.scratch === this.tail && code === 'UnknownOption') {
      this.tail.clear();
      this.instances.pop();
      this.clause(this.tail, op.OP_UNMODELLED_TARGET, [word], this.at - 1);
    } else this.clause(this.body, op.OP_UNMODELLED_MATCH, [word], this.at - 1);
  }

  /** The next word as a value; an old-style `!` before it inverts. */
  private argument(): number {
    const { tokens } = this.ruleSet;
    if (this.at < this.end && this.at + 1 < this.end && this.text(tokens[this.at] as number) === '!') {
      this.isInverted = true;
      this.at++;
    }
    return this.at < this.end ? (tokens[this.at++] as number) : -1;
  }

  private keyOf(word: number): number {
    const known = this.keyOfWord[word];
    if (known !== 0) return known;
    const key = this.vocabulary.keys.get(this.text(word)) ?? -1;
    this.keyOfWord[word] = key;
    return key;
  }

  private extensionOf(word: number, table: ReadonlyMap<string, Extension>): Extension | null {
    // A word that names both a match and a target does not exist, so one memo serves both
    const known = this.extensionOfWord.get(word);
    if (known !== undefined) return known;
    const extension = table.get(this.text(word)) ?? null;
    this.extensionOfWord.set(word, extension);
    return extension;
  }

  private valuesOf(kind: ValueKind, word: number): readonly number[] | null {
    if (kind === WORD || kind === NAME || kind === QUOTED_WORD) return [word];
    let memo = this.memos.get(kind);
    if (!memo) {
      memo = new Int32Array(this.ruleSet.words.count);
      this.memos.set(kind, memo);
    }
    const known = memo[word];
    if (known !== 0) return known < 0 ? null : this.pool.slice(known + 1, known + 1 + this.pool[known]);
    const values: number[] = [];
    if (!kind.parse(this.text(word), values, { family: this.ruleSet.family, word })) {
      memo[word] = -1;
      return null;
    }
    memo[word] = this.pool.length;
    this.pool.push(values.length, ...values);
    return values;
  }

  private text(word: number): string {
    return this.ruleSet.words.text(word);
  }

  private append(values: readonly number[]): void {
    if (this.length + values.length > this.code.length) {
      const wider = new Int32Array(2 * (this.length + values.length));
      wider.set(this.code.subarray(0, this.length));
      this.code = wider;
    }
    const { code } = this;
    let at = this.length;
    for (let i = 0; i < values.length; i++) code[at++] = values[i] as number;
    this.length = at;
  }
}
