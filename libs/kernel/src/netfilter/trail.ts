/**
 * Why rules did or did not match: a chain's clauses, one by one, over the packet as it was, by the same functions as in the walk.
 */
import { CLAUSE_OPCODE, CLAUSE_SIZE_SHIFT, OP_COMMENT, OP_FIRST_TARGET, clauseOrigins, ruleWords } from '@worldline/language';
import type { RuleTrail } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import { TABLE_NAMES } from '../record/index.js';
import { setDevices } from './hook.js';
import type { NetfilterMachine } from './machine-view.js';
import { EVALUATE } from './matches/index.js';
import { printRule } from './print-rules.js';
import { RULE_CLAUSES, type ChainProgram } from './program.js';
import type { TableState } from './table-state.js';

/** Rules `from ... to - 1` of a chain, over a packet that stands in `hook` with the values it had there. */
export function trail(m: NetfilterMachine, p: PacketContext, place: { table: TableState; slot: number; hook: number; from: number; to: number }): RuleTrail[] {
  const { table, slot, hook } = place;
  const chain = table.chainAt(slot);
  // A fork answers in the machine's place: lists, buckets and counters of the machine itself stay as they are
  const netfilter = m.netfilter.fork();
  const asked = { ...viewOf(m), netfilter };
  setDevices(asked, p, hook);
  netfilter.isLegacy = table.isLegacy;
  netfilter.table = netfilter.findTable(table.family, table.name, table.isLegacy);
  netfilter.slot = slot;
  const trails: RuleTrail[] = [];
  for (let r = place.from; r < Math.min(place.to, chain.ruleCount); r++) trails.push(ruleTrail(asked, p, chain, r));
  return trails;
}

function viewOf(m: NetfilterMachine): NetfilterMachine {
  const { id, environment, sysctl, interfaces, sockets, conntrack, routing, netfilter } = m;
  return { id, environment, sysctl, interfaces, sockets, conntrack, routing, netfilter, rerouteOutput: (p) => m.rerouteOutput(p) };
}

function ruleTrail(m: NetfilterMachine, p: PacketContext, chain: ChainProgram, rule: number): RuleTrail {
  const failed = failedClause(m, p, chain, rule);
  return {
    table: TABLE_NAMES[chain.table],
    chain: chain.name,
    number: rule + 1,
    text: printRule(m.netfilter.store, chain, rule),
    matched: failed < 0,
    ...(failed < 0 ? {} : { failedClause: clauseText(chain, rule, failed) }),
  };
}

/** Number of the first clause that says no, comments not counted; -1 when all say yes. */
function failedClause(m: NetfilterMachine, p: PacketContext, chain: ChainProgram, rule: number): number {
  const { code } = chain;
  let clause = 0;
  for (let at = chain.rules[chain.firstRule + rule] + RULE_CLAUSES; ; at += code[at] >>> CLAUSE_SIZE_SHIFT, clause++) {
    const opcode = code[at] & CLAUSE_OPCODE;
    if (opcode >= OP_FIRST_TARGET) return -1;
    const evaluate = EVALUATE[opcode];
    if (evaluate === undefined || !evaluate(m, p, code, at)) return clause;
  }
}

function clauseText(chain: ChainProgram, rule: number, clause: number): string {
  const { ruleSet, rule: number } = chain.origin(rule);
  // Comments are left out of programs
  const origins = clauseOrigins(ruleSet, number).filter(({ opcode }) => opcode !== OP_COMMENT);
  const { from, to } = origins[clause];
  return ruleWords(ruleSet, number).slice(from, to).join(' ');
}
