/** Rule sets to programs. Broken references and loops are found here, as iptables finds them when it loads rules. */
import type { Issue, RuleSet } from '@worldline/model';
import { CLAUSE_SIZE_SHIFT, OP_GOTO, OP_JUMP, OP_UNMODELLED_TARGET, CLAUSE_OPCODE, decodeRules } from '@worldline/language';
import { ACCEPT, DROP } from '../packet/index.js';
import { TABLE_NAMES } from '../record/index.js';
import { BASE_CHAINS } from './base-chains.js';
import { CodeBuffer } from './code-buffer.js';
import { indexChain, writeEnd } from './hash-index.js';
import { findLoops, type Jump } from './loops.js';
import { NEEDS_DEFRAGMENTING, NEEDS_TRACKING, needsOfRule } from './needs.js';
import { RULE_CLAUSES, RULE_NEXT, type ChainProgram, type TableProgram } from './program.js';
import type { CompiledRuleSet, ProgramStore } from './program-store.js';
import { Relocator } from './relocate.js';

export function compileRuleSet(store: ProgramStore, ruleSet: RuleSet): CompiledRuleSet {
  const compiler = new RuleSetCompiler(store, ruleSet);
  const tables: TableProgram[] = [];
  for (let t = 0; t < ruleSet.tables.length; t++) {
    const table = compiler.table(t);
    if (table) tables.push(table);
  }
  compiler.finish();
  return { program: { family: ruleSet.family, isLegacy: ruleSet.isLegacy, tables }, issues: compiler.issues };
}

/** A chain whose arrays are those of the whole rule set, known only once all is written. */
class CompiledChain implements ChainProgram {
  uid = 0;
  code: Int32Array = EMPTY;
  index: Int32Array = EMPTY;
  rules: Int32Array = EMPTY;
  start = 0;
  memorySize = 0;

  constructor(
    private readonly ruleSet: RuleSet,
    readonly table: number,
    private readonly chain: number,
    readonly name: string,
    readonly firstRule: number,
    readonly ruleCount: number,
  ) {}

  get family(): RuleSet['family'] {
    return this.ruleSet.family;
  }

  get isLegacy(): boolean {
    return this.ruleSet.isLegacy;
  }

  get initial(): ChainProgram['initial'] {
    const { ruleSet, firstRule, ruleCount, chain } = this;
    return {
      packets: ruleSet.rulePackets.subarray(firstRule, firstRule + ruleCount),
      bytes: ruleSet.ruleBytes.subarray(firstRule, firstRule + ruleCount),
      policyPackets: ruleSet.chainPackets[chain],
      policyBytes: ruleSet.chainBytes[chain],
    };
  }

  origin(rule: number): { ruleSet: RuleSet; rule: number } {
    return { ruleSet: this.ruleSet, rule: this.firstRule + rule };
  }
}
const EMPTY = new Int32Array(0);

class RuleSetCompiler {
  readonly issues: Issue[];
  private readonly out: CodeBuffer;
  private readonly index = new CodeBuffer(1024);
  private readonly rules: Int32Array;
  private readonly relocator: Relocator;
  private readonly code: Int32Array;
  private readonly ruleStart: Int32Array;
  private readonly chains: CompiledChain[] = [];
  /** Slot of a chain by the word of its name, plus one; of the table at hand. */
  private readonly slotOfWord: Int32Array;
  /** Of the table at hand. */
  private trackingChains = 0;
  private defragmentingChains = 0;

  constructor(
    private readonly store: ProgramStore,
    private readonly ruleSet: RuleSet,
  ) {
    const decoded = decodeRules(ruleSet);
    this.issues = [...decoded.issues];
    this.code = decoded.code;
    this.ruleStart = decoded.ruleStart;
    this.out = new CodeBuffer(decoded.code.length + 4 * ruleSet.ruleLine.length);
    this.rules = new Int32Array(ruleSet.ruleLine.length);
    this.relocator = new Relocator(store, ruleSet);
    this.slotOfWord = new Int32Array(ruleSet.words.count);
  }

  table(position: number): TableProgram | null {
    const { ruleSet } = this;
    const { name, chainStart, chainEnd } = ruleSet.tables[position];
    const index = TABLE_NAMES.findIndex((t) => t === name);
    if (index < 0 || ruleSet.tables.findIndex((t) => t.name === name) !== position) {
      this.issue('UnknownTable', index < 0 ? `table ${name} is not one of iptables` : `table ${name} stands there twice`, 0, name);
      return null;
    }
    const slots = new Map<string, number>();
    const policies = new Int8Array(5).fill(-1);
    for (let c = chainStart; c < chainEnd; c++) {
      this.slotOfWord[ruleSet.chainName[c]] = c - chainStart + 1;
      const text = ruleSet.words.text(ruleSet.chainName[c]);
      slots.set(text, c - chainStart);
      const hook = BASE_CHAINS.indexOf(text);
      if (hook >= 0) policies[hook] = ruleSet.chainPolicy[c] === 2 ? DROP : ACCEPT;
    }
    const chains: CompiledChain[] = [];
    const jumps: Jump[] = [];
    this.trackingChains = 0;
    this.defragmentingChains = 0;
    for (let c = chainStart; c < chainEnd; c++) chains.push(this.chain(c, index, c - chainStart, jumps));
    for (const jump of findLoops(chains.length, jumps)) this.breakLoop(chains, jump);
    for (let c = chainStart; c < chainEnd; c++) this.slotOfWord[ruleSet.chainName[c]] = 0;
    const references = new Int32Array(chains.length);
    for (const jump of jumps) references[jump.to]++;
    const { trackingChains, defragmentingChains } = this;
    return { name, index, family: ruleSet.family, isLegacy: ruleSet.isLegacy, chains, slots, policies, references, trackingChains, defragmentingChains };
  }

  finish(): void {
    const code = this.out.values.subarray(0, this.out.length);
    const index = this.index.values.slice(0, this.index.length);
    for (const chain of this.chains) {
      chain.code = code;
      chain.index = index;
      chain.rules = this.rules;
      chain.uid = this.store.chains.push(chain) - 1;
    }
  }

  private chain(c: number, table: number, slot: number, jumps: Jump[]): CompiledChain {
    const { ruleSet, out, rules } = this;
    const firstRule = ruleSet.chainRuleStart[c];
    const ruleCount = ruleSet.chainRuleStart[c + 1] - firstRule;
    const chain = new CompiledChain(ruleSet, table, c, ruleSet.words.text(ruleSet.chainName[c]), firstRule, ruleCount);
    chain.start = out.length;
    let memory = 2 * ruleCount + 2;
    let needs = 0;
    for (let r = 0; r < ruleCount; r++) {
      const place = out.length;
      rules[firstRule + r] = place;
      out.push(0);
      out.push(r);
      memory = this.relocator.rule(out, this.code, this.ruleStart[firstRule + r], this.ruleStart[firstRule + r + 1], memory);
      out.values[place + RULE_NEXT] = out.length - place;
      needs |= needsOfRule(out.values, place);
      this.resolveJump(this.relocator.target, slot, firstRule + r, r, jumps);
    }
    if ((needs & NEEDS_TRACKING) !== 0) this.trackingChains++;
    if ((needs & NEEDS_DEFRAGMENTING) !== 0) this.defragmentingChains++;
    writeEnd(out);
    indexChain(out, this.index, rules, firstRule, ruleCount, chain.start);
    chain.memorySize = memory;
    this.chains.push(chain);
    return chain;
  }

  /** A jump's target is the last clause; its word becomes the slot of a chain. */
  private resolveJump(at: number, slot: number, rule: number, number: number, jumps: Jump[]): void {
    const { values } = this.out;
    const opcode = values[at] & CLAUSE_OPCODE;
    if (opcode !== OP_JUMP && opcode !== OP_GOTO) return;
    const word = values[at + 1];
    const to = this.slotOfWord[word] - 1;
    if (to >= 0) {
      values[at + 1] = to;
      jumps.push({ from: slot, to, rule: number });
      return;
    }
    const text = this.ruleSet.words.text(word);
    this.issue('UnknownTarget', `target ${text} is neither known nor a chain of this table`, this.ruleSet.ruleLine[rule], text);
    this.unmodelled(at, text);
  }

  private breakLoop(chains: readonly CompiledChain[], jump: Jump): void {
    const { rule, ruleSet } = chains[jump.from].origin(jump.rule);
    const word = chains[jump.to].name;
    this.issue('RuleLoop', `chain ${chains[jump.from].name} jumps to ${word}, which leads back to it; iptables refuses such rules`, ruleSet.ruleLine[rule], word);
    let at = this.rules[rule] + RULE_CLAUSES;
    while ((this.out.values[at] & CLAUSE_OPCODE) !== OP_JUMP && (this.out.values[at] & CLAUSE_OPCODE) !== OP_GOTO) at += this.out.values[at] >>> CLAUSE_SIZE_SHIFT;
    this.unmodelled(at, word);
  }

  private unmodelled(at: number, text: string): void {
    this.out.values[at] = OP_UNMODELLED_TARGET | (2 << CLAUSE_SIZE_SHIFT);
    this.out.values[at + 1] = this.store.environment.words.id(text);
  }

  private issue(code: string, message: string, line: number, word: string): void {
    this.issues.push({ code, severity: code === 'UnknownTarget' ? 'warning' : 'error', message, file: this.ruleSet.file, ...(line > 0 ? { line } : {}), word });
  }
}
