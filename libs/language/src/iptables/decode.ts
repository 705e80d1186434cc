/**
 * From the words of rules to integer clauses (opcode.ts).
 *
 * Most rules of a dump are alike but for their values. The first of each shape is read by RuleDecoder; of the others only the values are
 * looked at, each distinct word once, and the clauses are put together when somebody asks. What is not understood becomes an unmodelled
 * clause and an Issue: no rule is ever lost.
 */
import type { Issue, RuleSet } from '@worldline/model';
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_FIRST_TARGET, OP_GOTO, OP_JUMP } from './opcode.js';
import { RuleDecoder, type ClauseOrigin, type Memo } from './rule-decoder.js';
import { PREFIX } from './value/address.js';
import type { ValueKind } from './value/value-kind.js';

/** What rules with the same structural words have in common. */
interface Shape {
  readonly structure: Int32Array;
  /** Clauses of the first such rule. */
  readonly code: Int32Array;
  /** Words that become operands: which, as what, where. */
  readonly tokens: Int32Array;
  readonly kinds: readonly ValueKind[];
  readonly places: Int32Array;
  /** Position among the words of the chain that it jumps to, -1 for none. */
  readonly jump: number;
  /** Whether the clauses of its rules differ in these operands alone. */
  readonly isRegular: boolean;
}

/** What of a form has to be looked at in each of its rules, once its first rule was read. */
interface FormPlan {
  readonly shape: number;
  /** Words that must not mean anything to the structure. */
  readonly values: Int32Array;
  /** As what each of them must be understood; null: anything goes. */
  readonly checks: readonly (Memo | null)[];
}

/** Rules `from` to `to - 1` of a rule set, counted from 0. Word operands are ids of `ruleSet.words`. */
export class DecodedRules {
  /** The clauses of the rule read last; it ends with its target's clause. */
  scratch = new Int32Array(256);
  private readonly decoder: RuleDecoder;
  private readonly shapes: Shape[] = [];
  private slots = new Int32Array(256).fill(-1);
  private hashes: number[] = [];
  /** Shape of each rule; -1 - position in `own` for one that is read for itself. */
  private readonly shapeOfRule: Int32Array;
  private readonly own: Int32Array[] = [];
  private structure = new Int32Array(256);
  /** By form. */
  private readonly plans: (FormPlan | undefined)[] = [];

  constructor(
    readonly ruleSet: RuleSet,
    private readonly from = 0,
    to = ruleSet.ruleLine.length,
  ) {
    this.decoder = new RuleDecoder(ruleSet);
    this.shapeOfRule = new Int32Array(to - from);
    for (let rule = this.planned(from, to); rule < to; rule = this.planned(rule + 1, to)) this.lookAndPlan(rule);
  }

  get count(): number {
    return this.shapeOfRule.length;
  }

  get issues(): readonly Issue[] {
    return this.decoder.issues;
  }

  /** Puts a rule's clauses into `scratch`; how many integers they are. */
  read(rule: number): number {
    const number = this.shapeOfRule[rule];
    const code = number < 0 ? this.own[-1 - number] : this.shapes[number].code;
    if (code.length > this.scratch.length) this.scratch = new Int32Array(2 * code.length);
    const { scratch } = this;
    for (let i = 0; i < code.length; i++) scratch[i] = code[i];
    if (number >= 0) this.fill(this.shapes[number], this.from + rule);
    return code.length;
  }

  /** Rules of one shape have the same opcodes and options; a rule of its own has none (-1). */
  shape(rule: number): number {
    return Math.max(-1, this.shapeOfRule[rule]);
  }

  get shapeCount(): number {
    return this.shapes.length;
  }

  /** The word of the chain that a rule jumps to, -1 for none. */
  jump(rule: number): number {
    const number = this.shapeOfRule[rule];
    if (number < 0) return jumpWord(this.own[-1 - number]);
    const { jump } = this.shapes[number];
    return jump < 0 ? -1 : this.ruleSet.tokens[this.ruleSet.ruleTokenStart[this.from + rule] + jump];
  }

  private fill({ tokens, kinds, places }: Shape, rule: number): void {
    const { scratch, decoder } = this;
    const start = this.ruleSet.ruleTokenStart[rule];
    for (let i = 0; i < tokens.length; i++) {
      const place = decoder.valueOf(kinds[i], this.ruleSet.tokens[start + tokens[i]]);
      const { values } = decoder;
      const width = values[place];
      let at = places[i];
      for (let k = 1; k <= width; k++) scratch[at++] = values[place + k];
    }
  }

  private plan(form: number, shape: number, rule: number): FormPlan | undefined {
    const { ruleSet, decoder } = this;
    const values = ruleSet.formValues[form];
    const start = ruleSet.ruleTokenStart[rule];
    if (values.some((v) => decoder.structureOf(ruleSet.tokens[start + v]) !== 0)) return undefined;
    const { tokens, kinds } = this.shapes[shape];
    // What is no value is the same word in every rule of the form
    const checks = Array.from(values, (value) => {
      const at = tokens.indexOf(value);
      return at < 0 ? null : decoder.memoOf(kinds[at]);
    });
    return { shape, values, checks };
  }

  /**
   * Goes over rules as long as they are as planned; the first that is not, or `to`. One loop for all of it: it runs once, and what it
   * called for each rule would have to be compiled again and again.
   */
  private planned(from: number, to: number): number {
    const { decoder, plans, shapeOfRule } = this;
    const { ruleForm, ruleTokenStart, tokens } = this.ruleSet;
    const { keyOfWord, extensionOfWord, anyInterface } = decoder;
    for (let rule = from; rule < to; rule++) {
      const plan = plans[ruleForm[rule]];
      if (plan === undefined) return rule;
      const start = ruleTokenStart[rule];
      const { values, checks } = plan;
      for (let i = 0; i < values.length; i++) {
        const word = tokens[start + values[i]];
        if (keyOfWord[word] !== 0 || extensionOfWord[word] !== 0 || word === anyInterface) return rule;
        const memo = checks[i];
        if (memo === null) continue;
        const place = memo.places[word] !== 0 ? memo.places[word] : decoder.placeOf(memo, word);
        if (place < 0 || (memo.kind === PREFIX && this.isAnyPrefix(place))) return rule;
      }
      shapeOfRule[rule - this.from] = plan.shape;
    }
    return to;
  }

  private lookAndPlan(rule: number): void {
    const shape = this.look(rule);
    const form = this.ruleSet.ruleForm[rule];
    this.shapeOfRule[rule - this.from] = shape;
    if (form > 0 && shape >= 0) this.plans[form] ??= this.plan(form, shape, rule);
  }

  /** Finds a rule's shape and looks at its values. */
  private look(rule: number): number {
    const { tokens, ruleTokenStart } = this.ruleSet;
    const { decoder } = this;
    const start = ruleTokenStart[rule];
    const length = ruleTokenStart[rule + 1] - start;
    if (length > this.structure.length) this.structure = new Int32Array(2 * length);
    const { structure } = this;
    let hash = length;
    let isProtocol = false;
    for (let i = 0; i < length; i++) {
      const word = tokens[start + i];
      const key: number = isProtocol ? -1 - word : decoder.structureOf(word);
      isProtocol = key > 0 && decoder.isProtocolOption(word);
      structure[i] = key;
      hash = Math.imul(hash ^ key, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const number = this.find(hash, length);
    const shape = number < 0 ? this.add(hash, rule, length) : this.shapes[number];
    if (shape.isRegular && this.hasGoodValues(shape, start)) return number < 0 ? this.shapes.length - 1 : number;
    decoder.decode(rule);
    const code = new Int32Array(decoder.size);
    decoder.copyTo(code, 0);
    return -this.own.push(code);
  }

  private hasGoodValues({ tokens: places, kinds }: Shape, start: number): boolean {
    const { tokens } = this.ruleSet;
    for (let i = 0; i < places.length; i++) {
      const place = this.decoder.valueOf(kinds[i], tokens[start + places[i]]);
      if (place < 0 || (kinds[i] === PREFIX && this.isAnyPrefix(place))) return false;
    }
    return true;
  }

  /** A prefix of length 0 asks nothing: such a rule has a clause less. */
  private isAnyPrefix(place: number): boolean {
    const { values } = this.decoder;
    const width = values[place];
    for (let i = width >> 1; i < width; i++) if (values[place + 1 + i] !== 0) return false;
    return true;
  }

  private find(hash: number, length: number): number {
    const mask = this.slots.length - 1;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const number = this.slots[at];
      if (number < 0) return -1;
      if (this.hashes[number] === hash && this.isStructure(this.shapes[number].structure, length)) return number;
    }
  }

  private isStructure(structure: Int32Array, length: number): boolean {
    if (structure.length !== length) return false;
    for (let i = 0; i < length; i++) if (structure[i] !== this.structure[i]) return false;
    return true;
  }

  private add(hash: number, rule: number, length: number): Shape {
    const { decoder } = this;
    const issues = decoder.issues.length;
    decoder.decode(rule);
    // The rule is looked at once more for itself if it is not regular
    if (!decoder.isRegular) decoder.issues.length = issues;
    const code = new Int32Array(decoder.size);
    decoder.copyTo(code, 0);
    const { fills, head, body, tail } = decoder;
    const offset = (fill: (typeof fills)[number]): number => (fill.scratch === head ? 0 : fill.scratch === body ? head.length : head.length + body.length);
    const jump = jumpWord(code) < 0 ? -1 : (fills.find((f) => f.scratch === tail)?.token ?? -1);
    const shape: Shape = {
      structure: this.structure.slice(0, length),
      code,
      tokens: Int32Array.from(fills, (f) => f.token),
      kinds: fills.map((f) => f.kind),
      places: Int32Array.from(fills, (f) => offset(f) + f.at),
      jump,
      isRegular: decoder.isRegular,
    };
    this.shapes.push(shape);
    this.hashes.push(hash);
    this.enter(hash, this.shapes.length - 1);
    return shape;
  }

  private enter(hash: number, number: number): void {
    if (2 * this.shapes.length > this.slots.length) {
      this.slots = new Int32Array(4 * this.slots.length).fill(-1);
      for (let n = 0; n < number; n++) this.enter(this.hashes[n], n);
    }
    const mask = this.slots.length - 1;
    let at = hash & mask;
    while (this.slots[at] >= 0) at = (at + 1) & mask;
    this.slots[at] = number;
  }
}

/** The word that the target clause at the end of `code` jumps to, -1 when it is none. */
function jumpWord(code: Int32Array): number {
  let at = 0;
  while ((code[at] & CLAUSE_OPCODE) < OP_FIRST_TARGET) at += code[at] >>> CLAUSE_SIZE_SHIFT;
  const opcode = code[at] & CLAUSE_OPCODE;
  return opcode === OP_JUMP || opcode === OP_GOTO ? code[at + 1] : -1;
}

/** Decoders at hand for questions about single rules: what they have understood once they know. */
const decoders = new WeakMap<RuleSet, RuleDecoder>();

/** The clauses of one rule, in the order of its code. */
export function clauseOrigins(ruleSet: RuleSet, rule: number): readonly ClauseOrigin[] {
  let decoder = decoders.get(ruleSet);
  if (!decoder) {
    decoder = new RuleDecoder(ruleSet);
    decoders.set(ruleSet, decoder);
  }
  return decoder.originsOf(rule);
}
