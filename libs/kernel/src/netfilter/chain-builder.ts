/** A chain made anew from rules of its former version and rules that a command brings. Only this chain is compiled; its counters move along. */
import type { Family, Issue, RuleSet } from '@worldline/model';
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_FIRST_TARGET, OP_GOTO, OP_JUMP, DecodedRules } from '@worldline/language';
import { CodeBuffer } from './code-buffer.js';
import { indexChain, writeEnd } from './hash-index.js';
import { needsOfClauses } from './needs.js';
import { RULE_CLAUSES, RULE_NEXT, targetOf, type ChainProgram, type RuleOrigin } from './program.js';
import type { ProgramStore } from './program-store.js';
import { Relocator } from './relocate.js';
import { stateSize } from './stateful.js';

/** Rules that a command brings, decoded once for all chains. */
export class NewRules {
  readonly decoded: DecodedRules;
  readonly relocator: Relocator;

  constructor(
    store: ProgramStore,
    readonly ruleSet: RuleSet,
  ) {
    this.decoded = new DecodedRules(ruleSet);
    this.relocator = new Relocator(store, ruleSet);
  }

  get issues(): readonly Issue[] {
    return this.decoded.issues;
  }
}

export interface ChainHeader {
  readonly name: string;
  /** Index into TABLE_NAMES. */
  readonly table: number;
  readonly family: Family;
  readonly isLegacy: boolean;
}

class BuiltChain implements ChainProgram {
  uid = 0;
  readonly start = 1;
  readonly firstRule = 0;
  readonly initial = null;
  readonly isReady = true;

  constructor(
    private readonly header: ChainHeader,
    readonly code: Int32Array,
    readonly rules: Int32Array,
    readonly index: Int32Array,
    readonly memorySize: number,
    private readonly ruleSets: readonly RuleSet[],
    private readonly ruleNumbers: Int32Array,
  ) {}

  get name(): string {
    return this.header.name;
  }

  get table(): number {
    return this.header.table;
  }

  get family(): Family {
    return this.header.family;
  }

  get isLegacy(): boolean {
    return this.header.isLegacy;
  }

  get ruleCount(): number {
    return this.rules.length;
  }

  prepare(): this {
    return this;
  }

  jumps(): readonly number[] {
    const slots: number[] = [];
    for (let r = 0; r < this.ruleCount; r++) {
      const at = targetOf(this.code, this.rules[r]);
      const opcode = this.code[at] & CLAUSE_OPCODE;
      if (opcode === OP_JUMP || opcode === OP_GOTO) slots.push(this.code[at + 1]);
    }
    return slots;
  }

  get needs(): number {
    let bits = 0;
    for (let r = 0; r < this.ruleCount; r++) bits |= needsOfClauses(this.code, this.rules[r] + RULE_CLAUSES);
    return bits;
  }

  origin(rule: number): RuleOrigin {
    return { ruleSet: this.ruleSets[rule], rule: this.ruleNumbers[rule] };
  }
}

export class ChainBuilder {
  private readonly out = new CodeBuffer(256);
  private readonly places: number[] = [];
  private readonly ruleSets: RuleSet[] = [];
  private readonly ruleNumbers: number[] = [];
  private state = 0;
  /** A rule whose target is no chain of the table. */
  missingTarget: string | null = null;

  constructor(
    private readonly store: ProgramStore,
    private readonly header: ChainHeader,
    /** Slots of the table's chains; -1 for none. */
    private readonly slotOf: (name: string) => number,
  ) {}

  /** Takes over rule `rule` of another version. */
  keep(chain: ChainProgram, rule: number): void {
    const { out } = this;
    const { code } = chain;
    const from = chain.rules[chain.firstRule + rule];
    const target = targetOf(code, from);
    const end = target + (code[target] >>> CLAUSE_SIZE_SHIFT);
    const place = this.begin(chain.origin(rule));
    out.copy(code, from + RULE_CLAUSES, end);
    out.values[place + RULE_NEXT] = out.length - place;
    for (let at = place + RULE_CLAUSES; (out.values[at] & CLAUSE_OPCODE) < OP_FIRST_TARGET; at += out.values[at] >>> CLAUSE_SIZE_SHIFT) {
      const size = stateSize(out.values[at] & CLAUSE_OPCODE);
      if (size === 0) continue;
      // Relative to the end of the counters, which is not known yet
      out.values[at + (out.values[at] >>> CLAUSE_SIZE_SHIFT) - 1] = this.state;
      this.state += size;
    }
  }

  /** Appends rule `rule` of new ones. */
  add({ ruleSet, decoded, relocator }: NewRules, rule: number): void {
    const { out } = this;
    const place = this.begin({ ruleSet, rule });
    const length = decoded.read(rule);
    this.state = relocator.rule(out, decoded.scratch, length, this.state);
    out.values[place + RULE_NEXT] = out.length - place;
    const at = relocator.target;
    const opcode = out.values[at] & CLAUSE_OPCODE;
    if (opcode !== OP_JUMP && opcode !== OP_GOTO) return;
    const name = ruleSet.words.text(out.values[at + 1]);
    const slot = this.slotOf(name);
    if (slot < 0) this.missingTarget ??= name;
    out.values[at + 1] = slot;
  }

  finish(): ChainProgram {
    const { out, places, header, store } = this;
    const rules = Int32Array.from(places);
    const counters = 2 * rules.length + 2;
    this.moveState(rules, counters);
    writeEnd(out);
    const index = new CodeBuffer(16);
    indexChain(out, index, rules, 0, rules.length, 1);
    const chain = new BuiltChain(
      header,
      out.values.slice(0, out.length),
      rules,
      index.values.slice(0, index.length),
      counters + this.state,
      this.ruleSets,
      Int32Array.from(this.ruleNumbers),
    );
    chain.uid = store.reserve(1);
    store.put(chain, chain.uid);
    return chain;
  }

  private begin(origin: RuleOrigin): number {
    const place = this.out.length;
    this.out.push(0);
    this.out.push(this.places.length);
    this.places.push(place);
    this.ruleSets.push(origin.ruleSet);
    this.ruleNumbers.push(origin.rule);
    return place;
  }

  private moveState(rules: Int32Array, counters: number): void {
    if (this.state === 0) return;
    const { values } = this.out;
    for (const rule of rules) {
      for (let at = rule + RULE_CLAUSES; (values[at] & CLAUSE_OPCODE) < OP_FIRST_TARGET; at += values[at] >>> CLAUSE_SIZE_SHIFT) {
        if (stateSize(values[at] & CLAUSE_OPCODE) > 0) values[at + (values[at] >>> CLAUSE_SIZE_SHIFT) - 1] += counters;
      }
    }
  }
}
