/**
 * Reads one rule after the other, whatever order and spelling it was written in, and notes how: which word became which operand.
 * The general way; decode.ts goes it once for all rules that are alike.
 */
import type { Issue, RuleSet } from '@worldline/model';
import type { OptionSpec, Rewrite } from './extension.js';
import { InternedWords } from '../words/index.js';
import * as op from './opcode.js';
import { VERDICTS } from './targets.js';
import { PREFIX } from './value/address.js';
import { NAME, PROTOCOL, QUOTED_WORD, WORD } from './value/scalar.js';
import type { ByteParser, ValueKind } from './value/value-kind.js';
import { Scratch, widened, type Fill } from './scratch.js';
import { vocabularyOf, type Extension, type Vocabulary } from './vocabulary.js';

/** A clause and where it was written: its first word and the one behind its last, among the rule's words. */
export interface ClauseOrigin {
  readonly opcode: number;
  readonly from: number;
  readonly to: number;
}

function isItself(kind: ValueKind): boolean {
  return kind === WORD || kind === NAME || kind === QUOTED_WORD;
}

function mark(column: Int32Array, word: number, value: number): void {
  if (word >= 0) column[word] = value;
}

/** A match or target of the rule at hand. */
class Instance {
  extension: Extension | null = null;
  /** Where its record begins in `scratch`; -1 when its options are clauses of their own. */
  record = -1;
  scratch: Scratch | null = null;
  /** Where the first of its own clauses begins, and whether one of them is `--ctstate`. */
  begin = 0;
  hasState = false;
}

/** What words mean as one kind of value, once somebody has asked. */
export interface Memo {
  readonly kind: ValueKind;
  /** Per word: place in `values`, -1 for none, 0 not yet known. */
  readonly places: Int32Array;
}

/** Structures of words that are no options: the pattern of any interface, and names of matches and targets. */
const ANY_INTERFACE = 1 << 20;
const STRUCTURE_OF_NAMES = 1 << 21;

/** iptables itself has no limit; nobody writes as many. */
const MAXIMUM_INSTANCES = 64;

export class RuleDecoder {
  readonly issues: Issue[] = [];
  readonly head = new Scratch();
  readonly body = new Scratch();
  readonly tail = new Scratch();
  /** Words that became operands, of the rule decoded last. */
  readonly fills: Fill[] = [];
  /** Whether another rule with the same structural words has the same clauses, but for the operands of `fills`. */
  isRegular = true;

  private readonly vocabulary: Vocabulary;
  /** Per word: key of the option it spells, 0 for none. */
  readonly keyOfWord: Int32Array;
  private readonly memos = new Map<ValueKind, Memo>();
  private pool: Int32Array<ArrayBuffer>;
  private poolLength = 2;
  private readonly extensions: (Extension | null)[] = [null];
  /** Per word: position in `extensions`, or `-1 - verdict`; 0 for neither. */
  readonly extensionOfWord: Int32Array;

  private readonly interned: InternedWords | null;
  readonly anyInterface: number;
  private readonly instances = Array.from({ length: MAXIMUM_INSTANCES }, () => new Instance());
  private instanceCount = 0;
  private rule = 0;
  private at = 0;
  private end = 0;
  private protocol = -1;
  private inverted = 0;
  private isSkipping = false;

  constructor(private readonly ruleSet: RuleSet) {
    this.vocabulary = vocabularyOf(ruleSet.family);
    const { words } = ruleSet;
    this.interned = ruleSet.family === 4 && words instanceof InternedWords ? words : null;
    this.keyOfWord = new Int32Array(words.count);
    // Room that is not written costs nothing
    this.pool = new Int32Array(4096 + 8 * words.count);
    this.extensionOfWord = new Int32Array(words.count);
    for (const [spelling, key] of this.vocabulary.keys) mark(this.keyOfWord, words.find(spelling), key);
    for (const table of [this.vocabulary.matches, this.vocabulary.targets]) {
      for (const [name, extension] of table) mark(this.extensionOfWord, words.find(name), this.extensions.push(extension) - 1);
    }
    this.anyInterface = words.find('+');
    for (const [name, verdict] of Object.entries(VERDICTS)) mark(this.extensionOfWord, words.find(name), -1 - verdict);
  }

  /** What a word means to the structure of a rule; 0 for a mere value. */
  structureOf(word: number): number {
    const key = this.keyOfWord[word];
    if (key !== 0) return key;
    const extension = this.extensionOfWord[word];
    return extension === 0 ? (word === this.anyInterface ? ANY_INTERFACE : 0) : STRUCTURE_OF_NAMES + extension;
  }

  /** Whether the word behind this one decides about the structure whatever it is. */
  isProtocolOption(word: number): boolean {
    const key = this.keyOfWord[word];
    return key > 0 && this.vocabulary.headerByKey[key] === 'p';
  }

  decode(rule: number): void {
    const { tokens, ruleTokenStart } = this.ruleSet;
    this.rule = rule;
    this.at = ruleTokenStart[rule];
    this.end = ruleTokenStart[rule + 1];
    this.head.clear();
    this.body.clear();
    this.tail.clear();
    this.instanceCount = 0;
    this.protocol = -1;
    this.isSkipping = false;
    this.inverted = 0;
    this.fills.length = 0;
    this.isRegular = true;
    const { headerByKey } = this.vocabulary;
    while (this.at < this.end) {
      const word = tokens[this.at++];
      const key = this.keyOfWord[word];
      const header = key > 0 && key < headerByKey.length ? headerByKey[key] : '';
      if (header === '!') {
        this.inverted ^= op.CLAUSE_INVERTED;
        continue;
      }
      if (header !== '') this.headerOption(header, word);
      else this.extensionOption(word, key);
      this.inverted = 0;
    }
    if (this.tail.length === 0) this.bare(this.tail, op.OP_CONTINUE, this.at);
  }

  get size(): number {
    return this.head.length + this.body.length + this.tail.length;
  }

  /** Copies the clauses of the rule decoded last. */
  copyTo(out: Int32Array, at: number): void {
    let next = at;
    for (const { values, length } of [this.head, this.body, this.tail]) {
      for (let i = 0; i < length; i++) out[next++] = values[i];
    }
  }

  originsOf(rule: number): ClauseOrigin[] {
    this.decode(rule);
    const start = this.ruleSet.ruleTokenStart[rule];
    return [this.head, this.body, this.tail].flatMap((s) => {
      const found: ClauseOrigin[] = [];
      for (let at = 0; at < s.length; at += s.values[at] >>> op.CLAUSE_SIZE_SHIFT) {
        const place = 2 * found.length;
        found.push({ opcode: s.values[at] & op.CLAUSE_OPCODE, from: s.origins[place] - start, to: s.origins[place + 1] - start });
      }
      return found;
    });
  }

  private headerOption(header: string, word: number): void {
    this.isSkipping = false;
    const from = this.at - 1;
    if (header === 'f') return this.bare(this.head, op.OP_FRAGMENT, from);
    if (header === '4' || header === '6') return;
    if (header === 'c') {
      this.at += 2;
      this.isRegular = false;
      return;
    }
    const value = this.argument();
    if (value < 0) return this.unknown('UnknownOption', `${this.text(word)} needs a value`, word);
    if (header === 'm') return this.match(value);
    if (header === 'j' || header === 'g') return this.target(value, header === 'g', from);
    if (header === 'i' || header === 'o') {
      if (value !== this.anyInterface) this.single(this.head, header === 'i' ? op.OP_INPUT_INTERFACE : op.OP_OUTPUT_INTERFACE, value, from);
      return;
    }
    const place = this.valueOf(header === 'p' ? PROTOCOL : PREFIX, value);
    if (place < 0) return this.unknown('UnknownOption', `${this.text(value)} is not a value of ${this.text(word)}`, value);
    if (header !== 'p') return this.prefix(header === 's' ? op.OP_SOURCE : op.OP_DESTINATION, place, from);
    const protocol = this.pool[place + 1];
    if (this.inverted === 0) this.protocol = protocol;
    if (protocol !== 0) this.single(this.head, op.OP_PROTOCOL, protocol, from);
  }

  /** A prefix of length 0 asks nothing and is not printed either. */
  private prefix(opcode: number, place: number, from: number): void {
    const width = this.pool[place];
    let mask = 0;
    for (let i = width >> 1; i < width; i++) mask |= this.pool[place + 1 + i];
    if (mask === 0 && this.inverted === 0) {
      this.isRegular = false;
      return;
    }
    this.head.begin(opcode | this.inverted | ((width + 1) << 16), this.start(from), this.at);
    this.fill(PREFIX, this.head);
    this.copy(this.head, place);
  }

  private match(word: number): void {
    const extension = this.extensionOf(word, false);
    if (extension) return this.open(extension, this.body);
    this.unknown('UnknownMatch', `match ${this.text(word)} is not known`, word);
    this.isSkipping = true;
  }

  private target(word: number, isGoto: boolean, from: number): void {
    this.tail.clear();
    const extension = isGoto ? null : this.extensionOf(word, true);
    if (extension) return this.open(extension, this.tail);
    const verdict = this.extensionOfWord[word];
    if (verdict < 0 && !isGoto) return this.bare(this.tail, -1 - verdict, from);
    this.single(this.tail, isGoto ? op.OP_GOTO : op.OP_JUMP, word, from);
  }

  private open(extension: Extension, scratch: Scratch): void {
    const { spec, template } = extension;
    const instance = this.instances[this.instanceCount];
    if (this.instanceCount + 1 < MAXIMUM_INSTANCES) this.instanceCount++;
    instance.extension = extension;
    instance.scratch = scratch;
    instance.record = -1;
    instance.begin = scratch.length;
    instance.hasState = false;
    if (spec.op === 0) return;
    instance.record = scratch.length;
    scratch.begin(spec.op | ((template.length + 1) << 16), this.at - 2, this.at);
    for (let i = 0; i < template.length; i++) scratch.push(template[i]);
  }

  private extensionOption(word: number, key: number): void {
    const from = this.at - 1;
    for (let i = this.instanceCount - 1; i >= 0; i--) {
      const found = (this.instances[i].extension as Extension).find(key);
      if (found !== 0) return this.option(this.instances[i], found, word, from);
    }
    const implied = this.protocol >= 0 ? this.vocabulary.byProtocol.get(this.protocol) : undefined;
    const found = implied?.find(key) ?? 0;
    if (implied && found !== 0) {
      this.open(implied, this.body);
      return this.option(this.instances[this.instanceCount - 1], found, word, from);
    }
    if (this.isSkipping) return;
    this.unknown('UnknownOption', `option ${this.text(word)} is not known here`, word);
    this.isSkipping = true;
  }

  private option(instance: Instance, found: number, word: number, from: number): void {
    this.isSkipping = false;
    const extension = instance.extension as Extension;
    if (found < 0) return this.rewritten(instance, extension.rewrites[-1 - found] as readonly [string, Rewrite], word, from);
    const scratch = instance.scratch as Scratch;
    const spec = extension.option(found - 1);
    if (spec.op === 0) return this.field(instance, found - 1, spec, word);
    const { fixed, kinds } = spec;
    const begun = scratch.length;
    scratch.begin(spec.op | this.inverted, from, this.at);
    for (let i = 0; i < fixed.length; i++) scratch.push(fixed[i]);
    for (let i = 0; i < kinds.length; i++) {
      const place = this.argumentOf(kinds[i], word);
      if (place >= 0) this.fill(kinds[i], scratch);
      else {
        scratch.length = begun;
        scratch.count--;
        return this.badValue(word);
      }
      this.copy(scratch, place);
    }
    scratch.values[begun] |= this.inverted | ((scratch.length - begun) << 16);
    scratch.origins[2 * scratch.count - 2] = this.start(from);
    scratch.origins[2 * scratch.count - 1] = this.at;
    if (spec.op === op.OP_CONNTRACK_STATE) this.besideState(instance, begun);
    else if (instance.hasState) scratch.values[begun] |= op.CLAUSE_BESIDE_STATE;
  }

  /** Tells clauses of the same match that were written before `--ctstate`. */
  private besideState(instance: Instance, end: number): void {
    const { values } = instance.scratch as Scratch;
    instance.hasState = true;
    for (let at = instance.begin; at < end; at += values[at] >>> op.CLAUSE_SIZE_SHIFT) {
      const opcode = values[at] & op.CLAUSE_OPCODE;
      if (opcode >= op.OP_CONNTRACK_PROTOCOL && opcode <= op.OP_CONNTRACK_DIRECTION) values[at] |= op.CLAUSE_BESIDE_STATE;
    }
  }

  /** A field of a record: its place has been waiting since the record began. */
  private field(instance: Instance, position: number, spec: OptionSpec, word: number): void {
    const scratch = instance.scratch as Scratch;
    let at = instance.record + (instance.extension as Extension).offsets[position];
    for (const kind of spec.kinds) {
      const place = this.argumentOf(kind, word);
      if (place < 0) return this.badValue(word);
      this.fills.push({ token: this.at - 1 - this.ruleSet.ruleTokenStart[this.rule], kind, scratch, at });
      const width = this.pool[place];
      for (let i = 1; i <= width; i++) scratch.values[at++] = this.pool[place + i];
    }
    this.given(instance, position);
  }

  private given(instance: Instance, position: number): void {
    const scratch = instance.scratch as Scratch;
    scratch.values[instance.record + 1] |= 1 << position;
    if (this.inverted !== 0) scratch.values[instance.record + 2] |= 1 << position;
    scratch.origins[2 * scratch.count - 1] = this.at;
  }

  private rewritten(instance: Instance, [name, rewrite]: readonly [string, Rewrite], word: number, from: number): void {
    this.isRegular = false;
    const texts: string[] = [];
    for (let i = 0; i < rewrite.arguments; i++) texts.push(this.text(Math.max(0, this.argument())));
    const values = rewrite.values(texts);
    const { spec } = instance.extension as Extension;
    const scratch = instance.scratch as Scratch;
    for (const to of rewrite.to.split(',')) {
      const position = spec.options.findIndex((o) => o.name === to);
      const option = spec.options[position];
      const out: number[] = [];
      const isFine = values !== null && option.kinds.every((kind, i) => kind.parse(values[i], out, { family: this.ruleSet.family, word: -1 }));
      if (!isFine) return this.unknown('UnknownOption', `${texts.join(' ')} is not a value of --${name}`, word);
      if (option.op !== 0) {
        scratch.begin(option.op | this.inverted | ((out.length + option.fixed.length + 1) << 16), this.start(from), this.at);
        for (const value of [...option.fixed, ...out]) scratch.push(value);
        continue;
      }
      const at = instance.record + (instance.extension as Extension).offsets[position];
      out.forEach((value, i) => (scratch.values[at + i] = value));
      this.given(instance, position);
    }
  }

  private bare(scratch: Scratch, opcode: number, from: number): void {
    scratch.begin(opcode | this.inverted | (1 << 16), this.start(from), this.at);
  }

  /** A clause whose operand is the word read last, or its value. */
  private single(scratch: Scratch, opcode: number, value: number, from: number): void {
    scratch.begin(opcode | this.inverted | (2 << 16), this.start(from), this.at);
    if (opcode !== op.OP_PROTOCOL) this.fill(NAME, scratch);
    scratch.push(value);
  }

  /** The word read last is about to become operands at the end of `scratch`. */
  private fill(kind: ValueKind, scratch: Scratch): void {
    if (kind.width(this.ruleSet.family) === 0) this.isRegular = false;
    this.fills.push({ token: this.at - 1 - this.ruleSet.ruleTokenStart[this.rule], kind, scratch, at: scratch.length });
  }

  private start(from: number): number {
    return this.inverted !== 0 ? from - 1 : from;
  }

  private badValue(word: number): void {
    const { tokens } = this.ruleSet;
    const value = this.at > this.ruleSet.ruleTokenStart[this.rule] ? tokens[this.at - 1] : word;
    if (value === word) this.unknown('UnknownOption', `${this.text(word)} needs a value`, word);
    else this.unknown('UnknownOption', `${this.text(value)} is not a value of ${this.text(word)}`, value);
  }

  /** An unmodelled clause in the place of what was not understood, or instead of a target whose option it was. */
  private unknown(code: string, message: string, word: number): void {
    const { file, ruleLine } = this.ruleSet;
    this.issues.push({ code, severity: 'warning', message, file, line: ruleLine[this.rule], word: this.text(word) });
    this.inverted = 0;
    this.isRegular = false;
    const last = this.instanceCount > 0 ? this.instances[this.instanceCount - 1] : null;
    if (last?.scratch === this.tail && code === 'UnknownOption') {
      this.tail.clear();
      this.instanceCount--;
      this.single(this.tail, op.OP_UNMODELLED_TARGET, word, this.at - 1);
    } else this.single(this.body, op.OP_UNMODELLED_MATCH, word, this.at - 1);
  }

  /** The next word as a value; an old-style `!` before it inverts. */
  private argument(): number {
    const { tokens } = this.ruleSet;
    if (this.at + 1 < this.end && this.vocabulary.headerByKey[this.keyOfWord[tokens[this.at]]] === '!') {
      this.inverted ^= op.CLAUSE_INVERTED;
      this.at++;
      this.isRegular = false;
    }
    return this.at < this.end ? tokens[this.at++] : -1;
  }

  private argumentOf(kind: ValueKind, word: number): number {
    const value = this.argument();
    return value < 0 || value === word ? -1 : this.valueOf(kind, value);
  }

  private copy(scratch: Scratch, place: number): void {
    const { pool } = this;
    const end = place + pool[place];
    for (let i = place + 1; i <= end; i++) scratch.push(pool[i]);
  }

  /** The match or target of that name; a word may name one of either only. */
  private extensionOf(word: number, isTarget: boolean): Extension | null {
    const position = this.extensionOfWord[word];
    if (position <= 0) return null;
    const extension = this.extensions[position] as Extension;
    return extension.spec.isTarget === isTarget ? extension : null;
  }

  /** Values by place, each behind their count. */
  get values(): Int32Array {
    return this.pool;
  }

  /** Place in `values` of what a word means as one kind of value, -1 when it is none. */
  valueOf(kind: ValueKind, word: number): number {
    if (isItself(kind)) {
      // The word itself, through a place of its own that the next one takes over
      this.pool[0] = 1;
      this.pool[1] = word;
      return 0;
    }
    let memo = this.memos.get(kind);
    if (!memo) {
      memo = { kind, places: new Int32Array(this.ruleSet.words.count) };
      this.memos.set(kind, memo);
    }
    return memo.places[word] !== 0 ? memo.places[word] : this.placeOf(memo, word);
  }

  /** The memo of a kind of which a word has been asked for; null for a kind that any word is of. */
  memoOf(kind: ValueKind): Memo | null {
    return this.memos.get(kind) ?? null;
  }

  placeOf({ kind, places }: Memo, word: number): number {
    return (places[word] = this.understand(kind, word));
  }

  private understand(kind: ValueKind, word: number): number {
    const quick = kind.parseBytes4 !== undefined && this.interned !== null ? this.understandBytes(kind, kind.parseBytes4, this.interned, word) : -1;
    if (quick >= 0) return quick;
    const values: number[] = [];
    if (!kind.parse(this.text(word), values, { family: this.ruleSet.family, word })) return -1;
    const place = this.poolLength;
    while (place + values.length + 1 > this.pool.length) this.pool = widened(this.pool);
    this.pool[place] = values.length;
    for (let i = 0; i < values.length; i++) this.pool[place + 1 + i] = values[i];
    this.poolLength = place + values.length + 1;
    return place;
  }

  private understandBytes(kind: ValueKind, parse: ByteParser, words: InternedWords, word: number): number {
    const start = words.startOf(word);
    if (start < 0) return -1;
    const place = this.poolLength;
    const width = kind.width(4);
    while (place + width + 1 > this.pool.length) this.pool = widened(this.pool);
    if (!parse(words.source, start, start + words.lengthOf(word), this.pool, place + 1)) return -1;
    this.pool[place] = width;
    this.poolLength = place + width + 1;
    return place;
  }

  private text(word: number): string {
    return this.ruleSet.words.text(word);
  }
}
