/** iptables, ip6tables, their -save and -restore (1.8.9, nft and legacy) on a machine. */
import type { Family, Issue } from '@worldline/model';
import {
  isKnownTarget,
  parseIptablesCommand,
  parseRestoreInput,
  parseRestoreOptions,
  type IptablesCommand,
  type NormalisedRules,
  type RestoreLine,
} from '@worldline/language';
import { ACCEPT, DROP } from '../packet/index.js';
import {
  BASE_CHAINS,
  TableEditor,
  keptPieces,
  openTable,
  printIptablesSave,
  printRule,
  restoreTables,
  type NetfilterState,
  type Piece,
  type Refusal,
  type RestoreRefusal,
  type TableState,
} from '../netfilter/index.js';
import { done, notUnderstood, refused, type CommandResult } from './command-result.js';
import { RestoreSync } from './restore-sync.js';

/** What the tool changes. */
export interface IptablesMachine {
  readonly netfilter: NetfilterState;
}

/** `ip[6]tables[-nft|-legacy][-save|-restore]`; null for other tools. */
export function isIptables(tool: string): boolean {
  return /^ip6?tables(-nft|-legacy)?(-save|-restore)?$/.test(tool);
}

export function runIptables(m: IptablesMachine, tool: string, words: readonly string[], input: string): CommandResult {
  const family: Family = tool.startsWith('ip6') ? 6 : 4;
  const isLegacy = tool.includes('legacy') || (!tool.includes('-nft') && m.netfilter.isLegacyDefault(family));
  const call: Call = { m, tool, family, isLegacy, voice: `${tool} v1.8.9 (${isLegacy ? 'legacy' : 'nf_tables'})` };
  if (tool.endsWith('-save')) return save(call, words);
  const result = tool.endsWith('-restore') ? restore(call, words, input) : runLine(call, words);
  m.netfilter.changed();
  return result;
}

interface Call {
  readonly m: IptablesMachine;
  readonly tool: string;
  readonly family: Family;
  readonly isLegacy: boolean;
  /** How the tool begins what it says. */
  readonly voice: string;
}

function runLine(call: Call, words: readonly string[]): CommandResult {
  const command = parseIptablesCommand(call.tool, words);
  if ('message' in command) return misuse(call, command.word, command.message);
  const table = openTable(call.m.netfilter, call.family, command.table, call.isLegacy);
  if (table === null) return refused(`${call.voice}: table '${command.table}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`, 3);
  return runCommand(call, command, new TableEditor(call.m.netfilter.store, table));
}

function misuse(call: Call, word: string, message: string): CommandResult {
  return notUnderstood(call.tool, word, `${call.voice}: ${message}\nTry \`${call.tool} -h' or '${call.tool} --help' for more information.\n`);
}

function runCommand(call: Call, command: IptablesCommand, editor: TableEditor): CommandResult {
  const { table } = editor;
  const slot = command.chain === null ? -1 : table.slotOf(command.chain);
  switch (command.action) {
    case 'newChain':
      return answer(call, editor.newChain(command.chain as string), command);
    case 'policy':
      return setPolicy(call, command, editor, slot);
    case 'list':
      return slot < 0 && command.chain !== null ? noChain(call) : done();
    case 'listRules':
      return slot < 0 && command.chain !== null ? noChain(call) : done(listRules(call, table, command.chain === null ? table.listedSlots() : [slot]));
    default:
  }
  if (command.chain !== null && slot < 0) return noChain(call);
  switch (command.action) {
    case 'append':
    case 'insert':
    case 'replace':
    case 'check':
      return withRules(call, command, editor, slot);
    case 'delete':
      return command.rules ? deleteRules(call, command.rules, editor, slot) : deleteNumber(call, command.number ?? 0, editor, slot);
    case 'flush':
      for (const s of slotsOf(table, slot)) if (table.chainAt(s).ruleCount > 0) editor.replaceRules(s, []);
      return done();
    case 'zero':
      for (const s of slotsOf(table, slot)) editor.zero(s, command.number === null ? null : command.number - 1);
      return done();
    case 'deleteChain':
      return slot < 0 ? deleteAllChains(call, editor) : answer(call, editor.deleteChain(slot), command);
    default:
      return command.argument === null
        ? misuse(call, '-E', 'option "-E" requires two names')
        : answer(call, editor.renameChain(slot, command.argument), command);
  }
}

function slotsOf(table: TableState, slot: number): number[] {
  return slot < 0 ? table.listedSlots() : [slot];
}

function withRules(call: Call, command: IptablesCommand, editor: TableEditor, slot: number): CommandResult {
  const { table } = editor;
  const given = command.rules as NormalisedRules;
  if (command.action === 'check') return given.texts.every((text) => editor.findRule(slot, text) >= 0) ? done() : badRule(call);
  const fault = checkRule(call, command, table, given);
  if (fault) return fault;
  const chain = table.chainAt(slot);
  const rules = editor.rulesOf(chain.name, given.texts, given.counters);
  const issue = rules.issues[0];
  if (issue) return misuse(call, issue.word ?? '', issue.message);
  const added: Piece[] = given.texts.map((_, rule) => ({ rules, rule }));
  const pieces = keptPieces(chain);
  const number = command.number ?? 1;
  if (command.action === 'append') pieces.push(...added);
  else if (command.action === 'insert') {
    if (number < 1 || number > pieces.length + 1) return refused(`${call.tool}: Index of insertion too big.\n`);
    pieces.splice(number - 1, 0, ...added);
  } else {
    if (number < 1 || number > pieces.length) return refused(`${call.tool}: Index of replacement too big.\n`);
    if (added.length > 1) return misuse(call, '-R', 'Replacement rule does not specify a unique address');
    pieces.splice(number - 1, 1, ...added);
  }
  return answer(call, editor.replaceRules(slot, pieces), command);
}

/** Tables that a target is for (`table` of its xt_target, Linux 6.18). */
const TABLES_OF: Readonly<Record<string, string>> = {
  DNAT: 'nat', SNAT: 'nat', MASQUERADE: 'nat', REDIRECT: 'nat', NETMAP: 'nat', REJECT: 'filter', CT: 'raw', NOTRACK: 'raw', TRACE: 'raw', TTL: 'mangle',
  HL: 'mangle', TOS: 'mangle', DSCP: 'mangle', ECN: 'mangle', TPROXY: 'mangle', CHECKSUM: 'mangle', TCPOPTSTRIP: 'mangle',
};

function checkRule(call: Call, command: IptablesCommand, table: TableState, rules: NormalisedRules): CommandResult | null {
  const chain = command.chain as string;
  if (rules.hasInput && (chain === 'OUTPUT' || chain === 'POSTROUTING')) return saidNo(call, `Can't use -i with ${chain}\n`, 2);
  if (rules.hasOutput && (chain === 'INPUT' || chain === 'PREROUTING')) return saidNo(call, `Can't use -o with ${chain}\n`, 2);
  const { target } = rules;
  if (target !== '' && table.slotOf(target) < 0 && (rules.isGoto || !isKnownTarget(target, call.family))) return noTarget(call, target);
  const own = TABLES_OF[target];
  const isTooShort = table.name === 'nat' && (target === 'SNAT' || target === 'MASQUERADE' ? chain === 'PREROUTING' || chain === 'OUTPUT' : target === 'DNAT' && (chain === 'POSTROUTING' || chain === 'INPUT'));
  if ((own === undefined || own === table.name) && !isTooShort) return null;
  return call.isLegacy ? refused(`${call.tool}: Invalid argument. Run \`dmesg' for more information.\n`) : saidNo(call, ` ${verb(command)} failed (Invalid argument): rule in chain ${chain}`, 4);
}

function verb(command: IptablesCommand): string {
  return command.action === 'insert' ? 'RULE_INSERT' : command.action === 'replace' ? 'RULE_REPLACE' : 'RULE_APPEND';
}

function deleteRules(call: Call, rules: NormalisedRules, editor: TableEditor, slot: number): CommandResult {
  for (const text of rules.texts) {
    const found = editor.findRule(slot, text);
    if (found < 0) return badRule(call);
    editor.replaceRules(slot, keptPieces(editor.table.chainAt(slot)).filter((r) => r !== found));
  }
  return done();
}

function deleteNumber(call: Call, number: number, editor: TableEditor, slot: number): CommandResult {
  const pieces = keptPieces(editor.table.chainAt(slot));
  if (number < 1 || number > pieces.length) return refused(`${call.tool}: Index of deletion too big.\n`);
  pieces.splice(number - 1, 1);
  editor.replaceRules(slot, pieces);
  return done();
}

function deleteAllChains(call: Call, editor: TableEditor): CommandResult {
  const { table } = editor;
  let refusal: Refusal | null = null;
  let name = '';
  // A chain may be free only once another is gone
  for (let isGoing = true; isGoing; ) {
    isGoing = false;
    refusal = null;
    for (const slot of table.listedSlots().filter((s) => !table.base.includes(s))) {
      const chain = table.chainAt(slot).name;
      const refused = editor.deleteChain(slot);
      if (refused === null) isGoing = true;
      else {
        refusal = refused;
        name = chain;
      }
    }
  }
  return refusal === null ? done() : busy(call, name);
}

function setPolicy(call: Call, command: IptablesCommand, editor: TableEditor, slot: number): CommandResult {
  if (slot < 0 || !BASE_CHAINS.includes(command.chain as string)) return refused(`${call.tool}: Bad built-in chain name.\n`);
  if (command.argument !== 'ACCEPT' && command.argument !== 'DROP') return refused(`${call.tool}: Bad policy name. Run \`dmesg' for more information.\n`);
  if (editor.table.name === 'nat' && command.argument === 'DROP') {
    return saidNo(call, '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n', 2);
  }
  editor.setPolicy(slot, command.argument === 'DROP' ? DROP : ACCEPT);
  return done();
}

function listRules(call: Call, table: TableState, slots: readonly number[]): string {
  const heads = slots.map((slot) => {
    const hook = table.base.indexOf(slot);
    const { name } = table.chainAt(slot);
    return hook < 0 ? `-N ${name}\n` : `-P ${name} ${table.policies[hook] === ACCEPT ? 'ACCEPT' : 'DROP'}\n`;
  });
  const rules = slots.flatMap((slot) => {
    const chain = table.chainAt(slot);
    return Array.from({ length: chain.ruleCount }, (_, r) => `${printRule(call.m.netfilter.store, chain, r, table)}\n`);
  });
  return [...heads, ...rules].join('');
}

function saidNo(call: Call, message: string, exitCode: number): CommandResult {
  return refused(`${call.voice}: ${message}\n`, exitCode);
}

const noChain = (call: Call): CommandResult => refused(`${call.tool}: No chain/target/match by that name.\n`);
const badRule = (call: Call): CommandResult => refused(`${call.tool}: Bad rule (does a matching rule exist in that chain?).\n`);

function noTarget(call: Call, target: string): CommandResult {
  const message = call.isLegacy ? `Couldn't load target \`${target}':No such file or directory\n` : `Chain '${target}' does not exist`;
  return saidNo(call, `${message}\nTry \`${call.tool} -h' or '${call.tool} --help' for more information.`, 2);
}

function busy(call: Call, chain: string): CommandResult {
  return call.isLegacy ? refused(`${call.tool}: Too many links.\n`) : saidNo(call, ` CHAIN_DEL failed (Device or resource busy): chain ${chain}`, 4);
}

function answer(call: Call, refusal: Refusal | null, command: IptablesCommand): CommandResult {
  const chain = command.chain as string;
  switch (refusal) {
    case null:
      return done();
    case 'chainExists':
      return refused(`${call.tool}: Chain already exists.\n`);
    case 'busy':
      return busy(call, chain);
    case 'noTarget':
      return noTarget(call, command.rules?.target ?? '');
    case 'noChain':
      return noChain(call);
    case 'badRule':
      return badRule(call);
    case 'baseTarget':
      return call.isLegacy ? refused(`${call.tool}: Invalid argument. Run \`dmesg' for more information.\n`) : saidNo(call, ` ${verb(command)} failed (Operation not supported): rule in chain ${chain}`, 4);
    case 'loop':
      return call.isLegacy ? refused(`${call.tool}: Too many levels of symbolic links.\n`) : saidNo(call, ` ${verb(command)} failed (Too many links): rule in chain ${chain}`, 4);
  }
}

function save(call: Call, words: readonly string[]): CommandResult {
  let hasCounters = false;
  let table: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '-c' || word === '--counters') hasCounters = true;
    else if (word === '-t' || word === '--table') table = words[++i] ?? null;
    else return misuse(call, word, `unrecognized option '${word}'`);
  }
  return done(printIptablesSave(call.m.netfilter, { family: call.family, isLegacy: call.isLegacy, hasCounters, table }));
}

function restore(call: Call, words: readonly string[], input: string): CommandResult {
  const options = parseRestoreOptions(words);
  if ('word' in options) return misuse(call, options.word, `unrecognized option '${options.word}'`);
  const sync = options.isFlushing || options.isTest ? null : RestoreSync.of(call.m.netfilter, call, input);
  const parsed = parseRestoreInput(sync?.rest ?? input, call.family);
  const lineOf = (line: number): number => sync?.lineOf(line) ?? line;
  const placed = (issue: Issue): Issue => (issue.line === undefined ? issue : { ...issue, line: lineOf(issue.line) });
  const broken = parsed.issues.find((issue) => issue.severity === 'error');
  if (broken) return { ...saidNo(call, `line ${lineOf(broken.line ?? 0)} failed: ${broken.message}`, 2), issues: [{ ...placed(broken), file: 'standard input' }] };
  const runOne = (line: RestoreLine, table: TableState): RestoreRefusal | null => runRestoreLine(call, line, table);
  const refusal = restoreTables(call.m.netfilter, parsed, options, { ...call, kept: sync?.kept ?? new Map() }, runOne);
  if (refusal === null) {
    sync?.finish();
    return done();
  }
  const { issues } = refusal;
  return { ...saidNo(call, `line ${lineOf(refusal.line)} failed: ${refusal.refusal}: ${refusal.word}`, refusal.refusal === 'notUnderstood' ? 2 : 1), issues: issues.map(placed) };
}

function runRestoreLine(call: Call, line: RestoreLine, table: TableState): RestoreRefusal | null {
  const tool = call.tool.replace('-restore', '');
  const command = parseIptablesCommand(tool, [...line.words, '-t', line.table]);
  if ('message' in command) {
    const { word, message } = command;
    return { refusal: 'notUnderstood', line: line.line, word, issues: [{ code: 'UnknownWord', severity: 'error', message, word, file: 'standard input', line: line.line }] };
  }
  const result = runCommand({ ...call, tool }, command, new TableEditor(call.m.netfilter.store, table));
  return result.exitCode === 0 ? null : { refusal: 'command', line: line.line, word: line.words[0] ?? '', issues: result.issues };
}
