/** ebtables on a machine: one command line, ebtables-save and ebtables-restore. */
import {
  isEbtablesFault,
  printEbtablesRule,
  printEbtablesSave,
  readEbtablesCommand,
  readEbtablesSave,
  type EbtablesCommand,
  type EbtablesRuleSpec,
} from '@worldline/language';
import type { Environment } from '../record/index.js';
import { EBTABLES_TABLES, compileGivenRule, type EbtablesChain, type EbtablesPolicy, type EbtablesState } from '../link/index.js';
import { done, notUnderstood, refused, type CommandResult } from './command-result.js';

const TOOL = 'ebtables v1.8.9 (nf_tables)';
const NO_CHAIN = 'ebtables: No chain/target/match by that name\n';
const BAD_RULE = 'ebtables: Bad rule (does a matching rule exist in that chain?)\n';
const VERDICTS = ['ACCEPT', 'DROP', 'CONTINUE', 'RETURN', 'mark', 'dnat', 'snat', 'redirect', 'arpreply'];

/** Carries out the words after `ebtables` (any of its spellings). */
export function runEbtablesCommand(environment: Environment, state: EbtablesState, words: readonly string[]): CommandResult {
  const command = readEbtablesCommand(words);
  if (isEbtablesFault(command)) return notUnderstood('ebtables', command.word, `${TOOL}: ${command.fault}\n`);
  if (command.verb === 'version') return done(`${TOOL}\n`);
  if (EBTABLES_TABLES[command.table] === undefined) return refused(`${TOOL}: table '${command.table}' does not exist\n`, 3);
  state.addTable(command.table);
  const result = carryOut(environment, state, command);
  if (result.exitCode === 0) state.relink();
  return result;
}

/** `ebtables-save [-c]`. */
export function runEbtablesSave(state: EbtablesState, words: readonly string[]): CommandResult {
  return done(printEbtablesSave(state.capture(), words.includes('-c') || words.includes('--counters')));
}

/** `ebtables-restore [--noflush]`: each table that is named is replaced. */
export function runEbtablesRestore(environment: Environment, state: EbtablesState, words: readonly string[], input: string): CommandResult {
  const { value, issues } = readEbtablesSave(input, 'ebtables-restore');
  const wrong = issues[0];
  if (value === null || wrong !== undefined) return notUnderstood('ebtables-restore', wrong?.word ?? '', `${TOOL}: ${wrong?.message ?? ''}\n`);
  const named = new Set(value.tables.map((t) => t.name));
  if (!words.includes('--noflush') && !words.includes('-n')) state.chains = state.chains.filter((c) => !named.has(c.table));
  const unknown = state.load(environment, { ...value, isLegacy: state.isLegacy }, 'ebtables-restore');
  return { exitCode: 0, output: '', error: '', issues: unknown };
}

function carryOut(environment: Environment, state: EbtablesState, command: Exclude<EbtablesCommand, { verb: 'version' }>): CommandResult {
  const { table } = command;
  switch (command.verb) {
    case 'init-table':
      state.chains = state.chains.filter((c) => c.table !== table);
      state.addTable(table);
      return done();
    case 'new-chain':
      if (state.chain(table, command.chain) !== null) return refused('ebtables: Chain already exists\n');
      state.addChain(table, command.chain, command.policy as EbtablesPolicy);
      return done();
    case 'flush':
    case 'zero':
    case 'delete-chain':
    case 'list': {
      const chains = state.chains.filter((c) => c.table === table && (command.chain === null || c.name === command.chain));
      if (chains.length === 0) return refused(NO_CHAIN);
      return onChains(state, command.verb, command.chain, table, chains);
    }
    default: {
      const chain = state.chain(table, command.chain);
      return chain === null ? refused(NO_CHAIN) : onChain(environment, state, command, chain);
    }
  }
}

function onChains(state: EbtablesState, verb: 'flush' | 'zero' | 'delete-chain' | 'list', name: string | null, table: string, chains: readonly EbtablesChain[]): CommandResult {
  if (verb === 'list') return done(list(table, chains));
  if (verb === 'delete-chain') {
    const own = chains.filter((c) => c.hook < 0);
    const held = own.find((c) => isHeld(state, c));
    if (held !== undefined && name !== null) return refused(`${TOOL}:  CHAIN_DEL failed (Device or resource busy): chain ${held.name}\n`, 4);
    state.chains = state.chains.filter((c) => !own.includes(c) || isHeld(state, c));
    return done();
  }
  for (const chain of chains) {
    if (verb === 'flush') chain.remove(0, chain.rules.length);
    else {
      chain.packets.fill(0);
      chain.bytes.fill(0);
    }
  }
  return done();
}

function onChain(
  environment: Environment,
  state: EbtablesState,
  command: Extract<EbtablesCommand, { verb: 'append' | 'insert' | 'delete' | 'delete-number' | 'policy' | 'rename' }>,
  chain: EbtablesChain,
): CommandResult {
  switch (command.verb) {
    case 'append':
    case 'insert': {
      const at = command.verb === 'append' ? chain.rules.length : command.number - 1;
      if (at < 0 || at > chain.rules.length) return refused('ebtables: Index of insertion too big\n');
      const { target } = command.rule;
      if (!VERDICTS.includes(target) && state.chain(chain.table, target) === null) {
        return notUnderstood('ebtables', target, `${TOOL}: Chain '${target}' does not exist\n`);
      }
      const rule = compileGivenRule(environment, command.rule);
      chain.insert(at, rule, command.rule.packets, command.rule.bytes);
      const issues = rule.unmodelled.map((word) => ({
        code: 'UnknownMatch',
        severity: 'warning' as const,
        message: `ebtables: '${word}' is not modelled`,
        word,
      }));
      return { ...done(), issues };
    }
    case 'delete': {
      const text = textOf(command.rule);
      const at = chain.rules.findIndex((rule) => textOf(rule.spec) === text);
      if (at < 0) return refused(BAD_RULE);
      chain.remove(at, 1);
      return done();
    }
    case 'delete-number': {
      const count = chain.rules.length;
      const from = command.from < 0 ? count + command.from + 1 : command.from;
      const to = command.to < 0 ? count + command.to + 1 : command.to;
      if (from < 1 || to > count || from > to) return refused(NO_CHAIN);
      chain.remove(from - 1, to - from + 1);
      return done();
    }
    case 'policy':
      if (chain.hook >= 0 && command.policy === 'RETURN') return refused(`${TOOL}: Wrong policy 'RETURN'\n`, 2);
      chain.policy = command.policy as EbtablesPolicy;
      return done();
    case 'rename':
      if (state.chain(chain.table, command.name) !== null) return refused('ebtables: Chain already exists\n');
      rename(environment, state, chain, command.name);
      return done();
  }
}

/** Rules follow a chain to its new name. */
function rename(environment: Environment, state: EbtablesState, chain: EbtablesChain, name: string): void {
  for (const other of state.chains) {
    if (other.table !== chain.table) continue;
    other.rules = other.rules.map((rule) => (rule.chain === chain.name ? compileGivenRule(environment, { ...rule.spec, target: name }) : rule));
  }
  chain.name = name;
}

function isHeld(state: EbtablesState, chain: EbtablesChain): boolean {
  return state.chains.some((c) => c.table === chain.table && c.rules.some((rule) => rule.chain === chain.name));
}

function list(table: string, chains: readonly EbtablesChain[]): string {
  let text = `Bridge table: ${table}\n`;
  for (const chain of chains) {
    text += `\nBridge chain: ${chain.name}, entries: ${chain.rules.length}, policy: ${chain.policy}\n`;
    for (const rule of chain.rules) text += `${rule.text}\n`;
  }
  return text;
}

/** Rules are equal when they would be printed alike, counters aside. */
function textOf(rule: EbtablesRuleSpec): string {
  return printEbtablesRule(rule).join(' ');
}
