/**
 * Rule sets to programs. When a rule set is loaded, every rule is looked at: broken references and loops are found here, as iptables finds
 * them. The code of a chain is made when something first comes to it: most chains of a large node never see a packet.
 */
import type { Issue, RuleSet } from '@worldline/model';
import { CLAUSE_SIZE_SHIFT, DecodedRules, OP_GOTO, OP_JUMP, OP_UNMODELLED_TARGET, CLAUSE_OPCODE } from '@worldline/language';
import { ACCEPT, DROP } from '../packet/index.js';
import { TABLE_NAMES } from '../record/index.js';
import { BASE_CHAINS } from './base-chains.js';
import { indexChain, writeEnd } from './hash-index.js';
import { Jumps, findLoops } from './loops.js';
import { NEEDS_DEFRAGMENTING, NEEDS_TRACKING, needsOfClauses } from './needs.js';
import { RULE_NEXT, type ChainProgram, type RuleOrigin, type TableProgram } from './program.js';
import type { CompiledRuleSet, ProgramStore } from './program-store.js';
import { Relocator } from './relocate.js';

export function compileRuleSet(store: ProgramStore, ruleSet: RuleSet): CompiledRuleSet {
  const rules = new DumpRules(store, ruleSet);
  const tables: TableProgram[] = [];
  for (let t = 0; t < ruleSet.tables.length; t++) {
    const table = compileTable(rules, t);
    if (table) tables.push(table);
  }
  return { program: { family: ruleSet.family, isLegacy: ruleSet.isLegacy, tables }, issues: rules.issues };
}

/** The rules of one dump, as all its chains need them. */
class DumpRules {
  readonly decoded: DecodedRules;
  readonly relocator: Relocator;
  readonly issues: Issue[];
  /** Rules whose jump leads nowhere or in a loop. */
  readonly broken = new Set<number>();
  private readonly needs: Int8Array;

  constructor(
    readonly store: ProgramStore,
    readonly ruleSet: RuleSet,
  ) {
    this.decoded = new DecodedRules(ruleSet);
    this.relocator = new Relocator(store, ruleSet);
    this.issues = [...this.decoded.issues];
    this.needs = new Int8Array(this.decoded.shapeCount).fill(-1);
  }

  /** NEEDS_* of a rule; rules of one shape need the same. */
  needsOf(rule: number): number {
    const shape = this.decoded.shape(rule);
    if (shape >= 0 && this.needs[shape] >= 0) return this.needs[shape];
    this.decoded.read(rule);
    const needs = needsOfClauses(this.decoded.scratch, 0);
    if (shape >= 0) this.needs[shape] = needs;
    return needs;
  }

  issue(code: string, message: string, line: number, word: string): void {
    const { file } = this.ruleSet;
    const severity = code === 'UnknownTarget' ? 'warning' : 'error';
    this.issues.push({ code, severity, message, file, line, word });
  }
}

function compileTable(rules: DumpRules, position: number): TableProgram | null {
  const { ruleSet } = rules;
  const { name, line, chainStart, chainEnd } = ruleSet.tables[position];
  const index = TABLE_NAMES.findIndex((t) => t === name);
  if (index < 0 || ruleSet.tables.findIndex((t) => t.name === name) !== position) {
    rules.issue('UnknownTable', index < 0 ? `table ${name} is not one of iptables` : `table ${name} stands there twice`, line, name);
    return null;
  }
  /** Slot plus one, by the word of a chain's name. */
  const slotOfWord = new Int32Array(ruleSet.words.count);
  for (let c = chainStart; c < chainEnd; c++) slotOfWord[ruleSet.chainName[c]] = c - chainStart + 1;
  const slotOf = (chain: string): number => {
    const word = ruleSet.words.find(chain);
    return word < 0 ? -1 : slotOfWord[word] - 1;
  };
  const policies = Int8Array.from(BASE_CHAINS, (base) => {
    const slot = slotOf(base);
    return slot < 0 ? -1 : ruleSet.chainPolicy[chainStart + slot] === 2 ? DROP : ACCEPT;
  });
  const firstUid = rules.store.reserve(chainEnd - chainStart);
  return {
    ...{ name, index, family: ruleSet.family, isLegacy: ruleSet.isLegacy, slotOf, policies, chainCount: chainEnd - chainStart },
    chain: (slot) => new DumpChain(rules, index, chainStart + slot, slotOfWord, firstUid + slot),
    nameOf: (slot) => ruleSet.words.text(ruleSet.chainName[chainStart + slot]),
    ...lookAt(rules, position, slotOfWord),
  };
}

/** Looks at every rule of a table: what it needs, where it jumps. */
function lookAt(rules: DumpRules, position: number, slotOfWord: Int32Array): Pick<TableProgram, 'references' | 'trackingChains' | 'defragmentingChains'> {
  const { decoded, ruleSet } = rules;
  const { chainStart, chainEnd } = ruleSet.tables[position];
  const { chainRuleStart } = ruleSet;
  const chainCount = chainEnd - chainStart;
  const jumps = new Jumps(chainCount, chainRuleStart[chainEnd] - chainRuleStart[chainStart]);
  let trackingChains = 0;
  let defragmentingChains = 0;
  for (let slot = 0; slot < chainCount; slot++) {
    let needs = 0;
    for (let rule = chainRuleStart[chainStart + slot]; rule < chainRuleStart[chainStart + slot + 1]; rule++) {
      needs |= rules.needsOf(rule);
      const word = decoded.jump(rule);
      if (word < 0) continue;
      if (slotOfWord[word] > 0) jumps.push(slotOfWord[word] - 1, rule);
      else {
        const text = ruleSet.words.text(word);
        rules.issue('UnknownTarget', `target ${text} is neither known nor a chain of this table`, ruleSet.ruleLine[rule], text);
        rules.broken.add(rule);
      }
    }
    jumps.endOfChain(slot);
    if ((needs & NEEDS_TRACKING) !== 0) trackingChains++;
    if ((needs & NEEDS_DEFRAGMENTING) !== 0) defragmentingChains++;
  }
  const nameOf = (slot: number): string => ruleSet.words.text(ruleSet.chainName[chainStart + slot]);
  for (const { from, jump } of findLoops(jumps)) {
    const to = nameOf(jumps.to[jump]);
    rules.issue('RuleLoop', `chain ${nameOf(from)} jumps to ${to}, which leads back to it; iptables refuses such rules`, ruleSet.ruleLine[jumps.rule[jump]], to);
    rules.broken.add(jumps.rule[jump]);
  }
  const references = new Int32Array(chainCount);
  for (let i = 0; i < jumps.length; i++) references[jumps.to[i]]++;
  return { references, trackingChains, defragmentingChains };
}

const EMPTY = new Int32Array(0);

/** A chain of a dump. */
class DumpChain implements ChainProgram {
  readonly ruleCount: number;
  /** Its first rule in the rule set. */
  readonly dumpRule: number;
  isReady = false;
  code = EMPTY;
  index = EMPTY;
  rules = EMPTY;
  firstRule = 0;
  start = 0;
  memorySize = 0;

  constructor(
    private readonly from: DumpRules,
    readonly table: number,
    private readonly chain: number,
    private readonly slotOfWord: Int32Array,
    readonly uid: number,
  ) {
    const { chainRuleStart } = from.ruleSet;
    this.dumpRule = chainRuleStart[chain];
    this.ruleCount = chainRuleStart[chain + 1] - this.dumpRule;
    from.store.put(this, uid);
  }

  get name(): string {
    const { words, chainName } = this.from.ruleSet;
    return words.text(chainName[this.chain]);
  }

  get family(): RuleSet['family'] {
    return this.from.ruleSet.family;
  }

  get isLegacy(): boolean {
    return this.from.ruleSet.isLegacy;
  }

  get initial(): ChainProgram['initial'] {
    return { ruleSet: this.from.ruleSet, rule: this.dumpRule, chain: this.chain };
  }

  origin(rule: number): RuleOrigin {
    return { ruleSet: this.from.ruleSet, rule: this.dumpRule + rule };
  }

  jumps(): readonly number[] {
    const { decoded, broken } = this.from;
    const slots: number[] = [];
    for (let rule = this.dumpRule; rule < this.dumpRule + this.ruleCount; rule++) {
      const word = decoded.jump(rule);
      if (word >= 0 && !broken.has(rule)) slots.push(this.slotOfWord[word] - 1);
    }
    return slots;
  }

  get needs(): number {
    let bits = 0;
    for (let rule = this.dumpRule; rule < this.dumpRule + this.ruleCount; rule++) bits |= this.from.needsOf(rule);
    return bits;
  }

  prepare(): this {
    if (this.isReady) return this;
    const { decoded, relocator, store } = this.from;
    const { ruleCount } = this;
    const { code: out, rules, index } = store.arena();
    this.start = out.length;
    this.firstRule = rules.length;
    rules.reserve(ruleCount);
    rules.length += ruleCount;
    let memory = 2 * ruleCount + 2;
    for (let r = 0; r < ruleCount; r++) {
      const place = out.length;
      rules.values[this.firstRule + r] = place;
      out.push(0);
      out.push(r);
      const length = decoded.read(this.dumpRule + r);
      memory = relocator.rule(out, decoded.scratch, length, memory);
      out.values[place + RULE_NEXT] = out.length - place;
      this.resolveJump(out.values, relocator.target, this.dumpRule + r);
    }
    writeEnd(out);
    indexChain(out, index, rules.values, this.firstRule, ruleCount, this.start);
    this.memorySize = memory;
    this.code = out.values;
    this.rules = rules.values;
    this.index = index.values;
    this.isReady = true;
    return this;
  }

  /** The word of a jump's target becomes the slot of a chain. */
  private resolveJump(code: Int32Array, at: number, rule: number): void {
    const opcode = code[at] & CLAUSE_OPCODE;
    if (opcode !== OP_JUMP && opcode !== OP_GOTO) return;
    const word = code[at + 1];
    if (this.from.broken.has(rule)) {
      code[at] = OP_UNMODELLED_TARGET | (2 << CLAUSE_SIZE_SHIFT);
      code[at + 1] = this.from.store.environment.words.id(this.from.ruleSet.words.text(word));
    } else code[at + 1] = this.slotOfWord[word] - 1;
  }
}
