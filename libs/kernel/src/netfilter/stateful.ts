/** Clauses that remember something from packet to packet: how many doubles each keeps in its chain's memory, and what these are at first. */
import {
  CLAUSE_OPCODE,
  CLAUSE_SIZE_SHIFT,
  OP_CONNLIMIT,
  OP_FIRST_TARGET,
  OP_LIMIT,
  OP_QUOTA,
  OP_STATISTIC,
} from '@worldline/language';
import { RULE_CLAUSES, type ChainProgram } from './program.js';
import { initLimit } from './matches/limit.js';
import { initQuota } from './matches/quota.js';
import { initStatistic } from './matches/statistic.js';

interface Stateful {
  readonly size: number;
  init(code: Int32Array, at: number, memory: Float64Array, place: number, isLegacy: boolean): void;
}

const STATEFUL: readonly (Stateful | undefined)[] = (() => {
  const table: Stateful[] = [];
  table[OP_LIMIT] = { size: 2, init: initLimit };
  table[OP_STATISTIC] = { size: 1, init: initStatistic };
  table[OP_QUOTA] = { size: 1, init: initQuota };
  table[OP_CONNLIMIT] = { size: 1, init: () => undefined };
  return table;
})();

/** Doubles that a clause keeps; its place in the chain's memory is the clause's last integer. */
export function stateSize(opcode: number): number {
  return STATEFUL[opcode]?.size ?? 0;
}

/** Visits the stateful clauses of one rule. */
function forEachState(code: Int32Array, rule: number, visit: (at: number, place: number, entry: Stateful) => void): void {
  for (let at = rule + RULE_CLAUSES; ; at += code[at] >>> CLAUSE_SIZE_SHIFT) {
    const opcode = code[at] & CLAUSE_OPCODE;
    if (opcode >= OP_FIRST_TARGET) return;
    const entry = STATEFUL[opcode];
    if (entry) visit(at, code[at + (code[at] >>> CLAUSE_SIZE_SHIFT) - 1], entry);
  }
}

/** Fills the region of a chain, from `place` on, as the chain's creation does: counters as captured, matches that begin. */
export function initMemory(chain: ChainProgram, values: Float64Array, place: number): void {
  const { initial, ruleCount } = chain;
  if (initial) {
    const { ruleSet, rule, chain: number } = initial;
    for (let r = 0; r < ruleCount; r++) {
      values[place + 2 * r] = ruleSet.rulePackets[rule + r];
      values[place + 2 * r + 1] = ruleSet.ruleBytes[rule + r];
    }
    values[place + 2 * ruleCount] = ruleSet.chainPackets[number];
    values[place + 2 * ruleCount + 1] = ruleSet.chainBytes[number];
  }
  if (chain.memorySize > 2 * ruleCount + 2) for (let r = 0; r < ruleCount; r++) resetState(chain, r, values, place);
}

/** What checkentry leaves: a rule that was just loaded. */
export function resetState(chain: ChainProgram, rule: number, values: Float64Array, place: number): void {
  const { code } = chain;
  forEachState(code, chain.rules[chain.firstRule + rule], (at, state, entry) => entry.init(code, at, values, place + state, chain.isLegacy));
}

/** Takes counters and state of a rule over into another version of its chain. */
export function moveState(from: { chain: ChainProgram; memory: Float64Array; rule: number }, to: { chain: ChainProgram; memory: Float64Array; rule: number }): void {
  to.memory[2 * to.rule] = from.memory[2 * from.rule];
  to.memory[2 * to.rule + 1] = from.memory[2 * from.rule + 1];
  const places: number[] = [];
  forEachState(from.chain.code, from.chain.rules[from.chain.firstRule + from.rule], (_, place) => places.push(place));
  let i = 0;
  forEachState(to.chain.code, to.chain.rules[to.chain.firstRule + to.rule], (_, place, entry) => {
    const source = places[i++];
    for (let k = 0; k < entry.size; k++) to.memory[place + k] = from.memory[source + k];
  });
}
