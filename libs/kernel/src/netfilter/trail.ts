/**
 * Why rules did or did not match. A trail follows one walk through a base chain: from each step that the walk records it looks ahead, clause by
 * clause, by the same functions as the walk, up to the rule that will match next. The packet and the machine then are as the walk finds them, and
 * what remembers or draws is asked in a copy, so that asking changes nothing.
 */
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_COMMENT, OP_FIRST_TARGET, OP_GOTO, OP_JUMP, clauseOrigins, ruleWords } from '@worldline/language';
import { assert, type RuleTrail } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { Environment, RULE_CONTINUE, RULE_GOTO, RULE_JUMP, RULE_RETURN, Recorder, TABLE_NAMES } from '../record/index.js';
import { IMPURE } from './hash-index.js';
import type { NetfilterMachine } from './machine-view.js';
import { EVALUATE } from './matches/index.js';
import { printRule } from './print-rules.js';
import { RULE_CLAUSES, targetOf, type ChainProgram } from './program.js';
import type { ProgramStore } from './program-store.js';
import type { TableState } from './table-state.js';

/** Instead of the number of a clause that failed: all said yes. */
const MATCHED = -1;
/** Integers per rule: uid of the chain, rule (0 is the first), clause that failed or MATCHED. */
const ENTRY_SIZE = 3;

/** Rules that one walk looked at, in order. */
export class Trail {
  private entries = new Int32Array(16 * ENTRY_SIZE);
  private used = 0;

  /** How many rules that were. */
  get length(): number {
    return this.used / ENTRY_SIZE;
  }

  add(uid: number, rule: number, failed: number): void {
    if (this.used === this.entries.length) {
      const wider = new Int32Array(2 * this.used);
      wider.set(this.entries);
      this.entries = wider;
    }
    this.entries[this.used] = uid;
    this.entries[this.used + 1] = rule;
    this.entries[this.used + 2] = failed;
    this.used += ENTRY_SIZE;
  }

  /** The first `limit` rules in words. */
  describe(store: ProgramStore, limit: number): RuleTrail[] {
    const count = Math.min(limit, this.length);
    return Array.from({ length: count }, (_, i) => {
      const [uid, rule, failed] = this.entries.subarray(i * ENTRY_SIZE) as unknown as readonly number[];
      const chain = store.chain(uid);
      return {
        table: TABLE_NAMES[chain.table],
        chain: chain.name,
        number: rule + 1,
        text: printRule(store, chain, rule),
        matched: failed === MATCHED,
        ...(failed === MATCHED ? {} : { failedClause: clauseText(chain, rule, failed) }),
      };
    });
  }
}

/** Follows one walk and fills its trail. */
export class TrailWalk {
  private rule = 0;
  private slot: number;
  /** Where returns lead: slots and the rules to go on with. */
  private readonly callers: { readonly slot: number; readonly rule: number }[] = [];
  private hasEnded = false;

  constructor(
    private readonly m: NetfilterMachine,
    private readonly p: PacketContext,
    private readonly table: TableState,
    hook: number,
    private readonly trail: Trail,
  ) {
    this.slot = table.base[hook];
    this.lookAhead();
  }

  /** The walk has recorded that rule `number` of the chain `uid` matched, and said `verdict` (RULE_*). */
  matched(uid: number, number: number, verdict: number): void {
    const chain = this.table.chainAt(this.slot);
    assert(!this.hasEnded && chain.uid === uid && this.rule === number, 'a walk goes where its trail looked');
    this.trail.add(uid, number, MATCHED);
    if (verdict === RULE_CONTINUE) this.rule++;
    else if (verdict === RULE_RETURN) this.leaveChain();
    else if (verdict === RULE_JUMP || verdict === RULE_GOTO) {
      if (verdict === RULE_JUMP) this.callers.push({ slot: this.slot, rule: number + 1 });
      const target = targetOf(chain.code, chain.rules[chain.firstRule + number]);
      const opcode = chain.code[target] & CLAUSE_OPCODE;
      assert(opcode === OP_JUMP || opcode === OP_GOTO, 'a rule that was said to jump jumps');
      this.slot = chain.code[target + 1];
      this.rule = 0;
    } else this.hasEnded = true;
    this.lookAhead();
  }

  /** Notes the rules that will not match, up to the one that will, the base chain's end, or a clause that nobody can answer. */
  private lookAhead(): void {
    const asked = new Asked(this.m, this.p);
    while (!this.hasEnded) {
      const chain = this.table.chainAt(this.slot);
      for (; this.rule < chain.ruleCount; this.rule++) {
        const failed = asked.failedClause(this.table, this.slot, chain, this.rule);
        if (failed === MATCHED) return;
        this.trail.add(chain.uid, this.rule, failed);
        this.hasEnded = asked.isStuck;
        if (asked.isStuck) return;
      }
      this.leaveChain();
    }
  }

  private leaveChain(): void {
    const caller = this.callers.pop();
    this.hasEnded = caller === undefined;
    if (caller === undefined) return;
    this.slot = caller.slot;
    this.rule = caller.rule;
  }
}

/** Whoever answers: the machine itself, and from the first clause on that remembers or draws a copy of it. */
class Asked {
  /** A clause was reached that nobody can answer. */
  isStuck = false;
  private isCopy = false;

  constructor(
    private m: NetfilterMachine,
    private readonly p: PacketContext,
  ) {}

  /** Number of the first clause that does not say yes, comments not counted; MATCHED when all do. */
  failedClause(table: TableState, slot: number, chain: ChainProgram, rule: number): number {
    const { code } = chain;
    let clause = 0;
    for (let at = chain.rules[chain.firstRule + rule] + RULE_CLAUSES; ; at += code[at] >>> CLAUSE_SIZE_SHIFT, clause++) {
      const opcode = code[at] & CLAUSE_OPCODE;
      if (opcode >= OP_FIRST_TARGET) return MATCHED;
      const evaluate = EVALUATE[opcode];
      this.isStuck = evaluate === undefined;
      if (evaluate === undefined) return clause;
      if (IMPURE.has(opcode)) this.beCopy(table, slot);
      if (this.m.netfilter.isHotdrop) return MATCHED;
      if (!evaluate(this.m, this.p, code, at)) return this.m.netfilter.isHotdrop ? MATCHED : clause;
    }
  }

  /** From now on lists, buckets, counters, dice and the recorder are copies. */
  private beCopy(table: TableState, slot: number): void {
    if (!this.isCopy) this.m = copyOf(this.m);
    this.isCopy = true;
    const { netfilter } = this.m;
    netfilter.table = netfilter.findTable(table.family, table.name, table.isLegacy);
    netfilter.slot = slot;
  }
}

function copyOf(m: NetfilterMachine): NetfilterMachine {
  const { addresses, interfaceNames, macs, words, pool, random, chooser, now, startTime } = m.environment;
  const ownRandom = random.fork();
  const silent = new Recorder();
  silent.isOn = false;
  const environment = new Environment(addresses, interfaceNames, macs, words, pool, silent, ownRandom, chooser.fork?.(ownRandom) ?? chooser);
  environment.now = now;
  environment.startTime = startTime;
  const netfilter = m.netfilter.fork(environment);
  const { hook, inputName, outputName, inputInterface, outputInterface, isLegacy } = m.netfilter;
  Object.assign(netfilter, { hook, inputName, outputName, inputInterface, outputInterface, isLegacy });
  const { id, sysctl, interfaces, sockets, conntrack, routing } = m;
  return { id, environment, sysctl, interfaces, sockets, conntrack, routing, netfilter, rerouteOutput: (p) => m.rerouteOutput(p) };
}

function clauseText(chain: ChainProgram, rule: number, clause: number): string {
  const { ruleSet, rule: number } = chain.origin(rule);
  // Comments are left out of programs
  const origins = clauseOrigins(ruleSet, number).filter(({ opcode }) => opcode !== OP_COMMENT);
  const { from, to } = origins[clause];
  return ruleWords(ruleSet, number).slice(from, to).join(' ');
}
