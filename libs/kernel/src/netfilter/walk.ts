/**
 * Walks a packet through one base chain: ipt_do_table (net/ipv4/netfilter/ip_tables.c) and nft_do_chain (net/netfilter/nf_tables_core.c),
 * Linux 6.18, which agree in all that a rule can tell.
 */
import {
  CLAUSE_INVERTED,
  CLAUSE_OPCODE,
  CLAUSE_SIZE_SHIFT,
  OP_ACCEPT,
  OP_CONNTRACK_STATE,
  OP_CONTINUE,
  OP_DESTINATION,
  OP_DROP,
  OP_FIRST_TARGET,
  OP_GOTO,
  OP_JUMP,
  OP_MARK,
  OP_PROTOCOL,
  OP_RETURN,
  OP_SOURCE,
  STATE_INVALID,
  STATE_SNAT,
} from '@worldline/language';
import type { Disposition } from '@worldline/model';
import { ACCEPT, DROP, type PacketContext } from '../packet/index.js';
import {
  RULE_ACCEPT,
  RULE_CONTINUE,
  RULE_DROP,
  RULE_GOTO,
  RULE_JUMP,
  RULE_NAT,
  RULE_REJECT,
  RULE_RETURN,
  STEP_FILTER,
  STEP_POLICY,
  STEP_RULE,
  STEP_UNMODELLED,
  drop,
} from '../record/index.js';
import { findRule } from './hash-index.js';
import type { NetfilterMachine } from './machine-view.js';
import { EVALUATE } from './matches/index.js';
import { matchConntrackState } from './matches/conntrack.js';
import { matchDestination, matchSource } from './matches/header.js';
import {
  K_DESTINATION_IS,
  K_DESTINATION_PORT_IS,
  K_END,
  K_INDEX,
  K_SOURCE_IS,
  RULE_CLAUSES,
  RULE_NEXT,
  RULE_NUMBER,
  type ChainProgram,
} from './program.js';
import type { TableState } from './table-state.js';
import { STACK_SIZE } from './netfilter-state.js';
import { ACT, RULE_FAILED } from './targets/index.js';

const DENIED: readonly Disposition[] = ['DeniedPrerouting', 'DeniedIn', 'DeniedForward', 'DeniedOut', 'DeniedPostrouting'];

/** The verdict of the base chain that `table` has in `hook`. */
export function walkTable(m: NetfilterMachine, p: PacketContext, table: TableState, hook: number): number {
  return table.isPassing[hook] === 1 ? pass(m, p, table, hook) : walk(m, p, table, hook);
}

/** Nothing stands there. */
function pass(m: NetfilterMachine, p: PacketContext, table: TableState, hook: number): number {
  const { recorder } = m.environment;
  const base = table.base[hook];
  const place = table.place(base);
  const { values } = table;
  values[place]++;
  values[place + 1] += p.length;
  if (m.environment.effects.isWatched) m.environment.effects.count(table, place, p.length);
  if (recorder.isOn) {
    m.netfilter.isLegacy = table.isLegacy;
    recorder.step2(p, STEP_FILTER, hook, table.index);
    recorder.step2(p, STEP_POLICY, table.chainAt(base).uid, RULE_ACCEPT);
  }
  return ACCEPT;
}

/** One loop, longer than a function should be: what it calls for every rule costs as much as the rule. */
function walk(m: NetfilterMachine, p: PacketContext, table: TableState, hook: number): number {
  const { netfilter } = m;
  const { recorder, effects } = m.environment;
  const { stackSlots, stackPlaces } = netfilter;
  const isRecording = recorder.isOn;
  const { isWatched } = effects;
  // Nothing that a rule of one table does changes these bits, but for those that matchConntrackState itself reads
  const stateBit = p.conntrack >= 0 ? 1 << ((p.conntrackInfo % 3) + 1) : STATE_INVALID;
  netfilter.isLegacy = table.isLegacy;
  if (isRecording) recorder.step2(p, STEP_FILTER, hook, table.index);
  let slot = table.base[hook];
  let depth = 0;
  let chain = table.chainAt(slot);
  let { code } = chain;
  netfilter.table = table;
  netfilter.slot = slot;
  let rule = chain.start;
  /** Where the chain's counters begin, once one of its rules has matched. */
  let counters = -1;
  for (;;) {
    let at = rule + RULE_CLAUSES;
    let header = code[at];
    let opcode = header & CLAUSE_OPCODE;
    let isMatch = true;
    while (opcode < OP_FIRST_TARGET) {
      switch (opcode) {
        case OP_PROTOCOL:
          isMatch = (p.protocol === code[at + 1]) !== ((header & CLAUSE_INVERTED) !== 0);
          break;
        case K_DESTINATION_IS:
          isMatch = (p.destination === code[at + 1]) !== ((header & CLAUSE_INVERTED) !== 0);
          break;
        case K_SOURCE_IS:
          isMatch = (p.source === code[at + 1]) !== ((header & CLAUSE_INVERTED) !== 0);
          break;
        case OP_CONNTRACK_STATE:
          isMatch =
            code[at + 1] < STATE_SNAT && p.conntrack >= 0
              ? ((code[at + 1] & stateBit) !== 0) !== ((header & CLAUSE_INVERTED) !== 0)
              : matchConntrackState(m, p, code, at);
          break;
        case OP_MARK:
          isMatch = ((p.mark & code[at + 2]) === code[at + 1]) !== ((header & CLAUSE_INVERTED) !== 0);
          break;
        case K_DESTINATION_PORT_IS:
          isMatch = p.fragmentOffset === 0 && (p.destinationPort === code[at + 1]) !== ((header & CLAUSE_INVERTED) !== 0);
          break;
        case OP_SOURCE:
          isMatch = matchSource(m, p, code, at);
          break;
        case OP_DESTINATION:
          isMatch = matchDestination(m, p, code, at);
          break;
        case K_INDEX: {
          const found = findRule(chain.index, code[at + 1], p, netfilter.inputName, netfilter.outputName);
          rule = found !== 0 ? found : rule + code[rule + RULE_NEXT];
          at = rule + RULE_CLAUSES;
          header = code[at];
          opcode = header & CLAUSE_OPCODE;
          continue;
        }
        default: {
          const evaluate = EVALUATE[opcode];
          if (evaluate === undefined) return unmodelled(m, p, code, at);
          isMatch = evaluate(m, p, code, at);
          if (netfilter.isHotdrop) return hotdrop(m, p, chain, code[rule + RULE_NUMBER], hook);
        }
      }
      if (!isMatch) break;
      at += header >>> CLAUSE_SIZE_SHIFT;
      header = code[at];
      opcode = header & CLAUSE_OPCODE;
    }
    if (!isMatch) {
      rule += code[rule + RULE_NEXT];
      continue;
    }
    if (opcode === K_END) {
      if (depth === 0) return policy(m, p, table, hook);
      depth--;
      slot = netfilter.slot = stackSlots[depth];
      rule = stackPlaces[depth];
      chain = table.chainAt(slot);
      code = chain.code;
      counters = -1;
      continue;
    }
    const number = code[rule + RULE_NUMBER];
    if (counters < 0) counters = table.place(slot);
    const place = counters + 2 * number;
    const { values } = table;
    values[place]++;
    values[place + 1] += p.length;
    if (isWatched) effects.count(table, place, p.length);
    switch (opcode) {
      case OP_ACCEPT:
        if (isRecording) recorder.step3(p, STEP_RULE, chain.uid, number, RULE_ACCEPT);
        return ACCEPT;
      case OP_DROP:
        return ruleDrop(m, p, chain, number, hook);
      case OP_CONTINUE:
        if (isRecording) recorder.step3(p, STEP_RULE, chain.uid, number, RULE_CONTINUE);
        rule += code[rule + RULE_NEXT];
        break;
      case OP_RETURN:
        if (isRecording) recorder.step3(p, STEP_RULE, chain.uid, number, RULE_RETURN);
        if (depth === 0) return policy(m, p, table, hook);
        depth--;
        slot = netfilter.slot = stackSlots[depth];
        rule = stackPlaces[depth];
        chain = table.chainAt(slot);
        code = chain.code;
        counters = -1;
        break;
      case OP_JUMP:
      case OP_GOTO: {
        if (isRecording) recorder.step3(p, STEP_RULE, chain.uid, number, opcode === OP_JUMP ? RULE_JUMP : RULE_GOTO);
        const target = code[at + 1];
        const next = table.chainAt(target);
        if (opcode === OP_JUMP) {
          rule += code[rule + RULE_NEXT];
          // An empty chain returns at once
          if (next.ruleCount === 0) break;
          if (depth === STACK_SIZE) return unmodelled(m, p, code, at);
          stackSlots[depth] = slot;
          stackPlaces[depth] = rule;
          depth++;
        }
        slot = netfilter.slot = target;
        chain = next;
        code = chain.code;
        counters = -1;
        rule = chain.start;
        break;
      }
      default: {
        const act = ACT[opcode];
        if (act === undefined) return unmodelled(m, p, code, at);
        const outcome = act(m, p, code, at);
        if (outcome !== RULE_CONTINUE) return ending(m, p, chain, number, hook, outcome);
        if (isRecording) recorder.step3(p, STEP_RULE, chain.uid, number, RULE_CONTINUE);
        rule += code[rule + RULE_NEXT];
      }
    }
  }
}

/** The end of the base chain, or of what a goto out of it led to: the base chain's policy. */
function policy(m: NetfilterMachine, p: PacketContext, table: TableState, hook: number): number {
  const base = table.base[hook];
  const chain = table.chainAt(base);
  const place = table.place(base) + 2 * chain.ruleCount;
  const { values } = table;
  values[place]++;
  values[place + 1] += p.length;
  if (m.environment.effects.isWatched) m.environment.effects.count(table, place, p.length);
  const isAccept = table.policies[hook] === ACCEPT;
  m.environment.recorder.step2(p, STEP_POLICY, chain.uid, isAccept ? RULE_ACCEPT : RULE_DROP);
  if (isAccept) return ACCEPT;
  p.dropChain = chain.uid;
  p.dropRule = -1;
  return drop(p, DENIED[hook], 'NETFILTER_DROP');
}

function ruleDrop(m: NetfilterMachine, p: PacketContext, chain: ChainProgram, number: number, hook: number): number {
  m.environment.recorder.step3(p, STEP_RULE, chain.uid, number, RULE_DROP);
  p.dropChain = chain.uid;
  p.dropRule = number;
  return drop(p, DENIED[hook], 'NETFILTER_DROP');
}

function hotdrop(m: NetfilterMachine, p: PacketContext, chain: ChainProgram, number: number, hook: number): number {
  m.netfilter.isHotdrop = false;
  return ruleDrop(m, p, chain, number, hook);
}

/** A target other than the plain verdicts ended the walk. */
function ending(m: NetfilterMachine, p: PacketContext, chain: ChainProgram, number: number, hook: number, outcome: number): number {
  const { recorder } = m.environment;
  switch (outcome) {
    case RULE_ACCEPT:
    case RULE_NAT:
      recorder.step3(p, STEP_RULE, chain.uid, number, outcome);
      return ACCEPT;
    case RULE_FAILED:
      recorder.step3(p, STEP_RULE, chain.uid, number, RULE_DROP);
      return DROP;
    case RULE_REJECT:
      recorder.step3(p, STEP_RULE, chain.uid, number, RULE_REJECT);
      p.dropChain = chain.uid;
      p.dropRule = number;
      return drop(p, 'Rejected', 'NETFILTER_DROP');
    default:
      recorder.step3(p, STEP_RULE, chain.uid, number, outcome);
      p.dropChain = chain.uid;
      p.dropRule = number;
      return drop(p, DENIED[hook], 'NETFILTER_DROP');
  }
}

/** The packet has reached something that is not modelled: it is neither passed nor dropped, its fate is unknown. */
function unmodelled(m: NetfilterMachine, p: PacketContext, code: Int32Array, at: number): number {
  const word = code[at] >>> CLAUSE_SIZE_SHIFT === 2 ? code[at + 1] : -1;
  m.environment.recorder.step1(p, STEP_UNMODELLED, word);
  return drop(p, 'Unmodelled', 'NOT_SPECIFIED');
}

