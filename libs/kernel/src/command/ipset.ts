/** ipset on a machine: one command line, or a file of them for `restore`. */
import {
  isFault,
  printEntry,
  printIpsetSave,
  printMember,
  readEntry,
  readIpsetCommand,
  readIpsetLine,
  readMemberOptions,
  refuseTested,
  type Fault,
  type IpsetCommand,
  type IpsetEntry,
  type MemberOptions,
} from '@worldline/language';
import {
  addEntry,
  captureIpsets,
  createSet,
  deleteEntry,
  destroySet,
  findSet,
  flushSet,
  renameSet,
  swapSets,
  testEntry,
  type IpsetOutcome,
  type IpsetState,
} from '../netfilter/index.js';
import { done, notUnderstood, refused, type CommandResult } from './command-result.js';

const TOOL = 'ipset v7.17';
const HELP = "Try `ipset help' for more information.";
const NO_SET = 'The set with the given name does not exist';
const FAULT_EXISTING = ['Set cannot be created: set with the same name already exists'];

/** Carries out the words after `ipset`; `input` is what `restore` reads. */
export function runIpset(state: IpsetState, words: readonly string[], input: string): CommandResult {
  const command = readIpsetCommand(words);
  return isFault(command) ? resultOf(command) : carryOut(state, command, input);
}

function carryOut(state: IpsetState, command: IpsetCommand, input: string): CommandResult {
  switch (command.verb) {
    case 'create':
      return outcome(createSet(state, command.set, command.spec, command.isExist));
    case 'add':
    case 'del':
    case 'test':
      return changeMember(state, command);
    case 'destroy':
      return outcome(destroySet(state, command.set));
    case 'flush':
      return outcome(flushSet(state, command.set));
    case 'rename':
      return outcome(renameSet(state, command.set, command.other));
    case 'swap':
      return outcome(swapSets(state, command.set, command.other));
    case 'restore':
      return restore(state, input, command.isExist);
    case 'save':
    case 'list': {
      const only = command.set === null ? -1 : findSet(state, command.set);
      if (command.set !== null && only < 0) return outcome(NO_SET);
      return done(command.verb === 'save' ? printIpsetSave(captureIpsets(state, only)) : list(state, command, only));
    }
    case 'version':
      return done(`${TOOL}, protocol version: 7\n`);
    case 'help':
      return done(`${TOOL}\n`);
  }
}

function changeMember(state: IpsetState, command: Extract<IpsetCommand, { verb: 'add' | 'del' | 'test' }>): CommandResult {
  const set = state.sets[findSet(state, command.set)] ?? null;
  if (set === null) return outcome(NO_SET);
  const entry = readEntry(set.spec, command.entry);
  if (isFault(entry)) return resultOf(entry);
  const options = readMemberOptions(set.spec, command.options);
  if (isFault(options)) return resultOf(options);
  if (command.verb === 'add') return outcome(addEntry(state, command.set, entry, options, command.isExist));
  if (command.verb === 'del') return outcome(deleteEntry(state, command.set, entry, options, command.isExist));
  const refusal = refuseTested(set.spec, entry);
  if (refusal !== null) return outcome(refusal);
  // Said as it was understood, `physdev:` left out; a network among addresses as it was given.
  const said = set.spec.type.name === 'hash:ip' && /[-/]/.test(command.entry) ? command.entry : printEntry(set.spec, { ...entry, isPhysical: false });
  return test(state, { ...command, entry: said }, entry, options);
}

function test(state: IpsetState, command: { set: string; entry: string; isQuiet: boolean }, entry: IpsetEntry, options: MemberOptions): CommandResult {
  const isIn = testEntry(state, command.set, entry, options);
  if (typeof isIn === 'string') return outcome(isIn);
  const neighbour = options.before ?? options.after;
  const beside = neighbour === null ? '' : ` after ${neighbour}`; // ipset 7.17 says so for `before` too
  const said = isIn ? `Warning: ${command.entry}${beside} is in set ${command.set}.\n` : `${command.entry}${beside} is NOT in set ${command.set}.\n`;
  return { exitCode: isIn ? 0 : 1, output: '', error: command.isQuiet ? '' : said, issues: [] };
}

/** Line by line; the first refusal ends it, what was done before stays. `-!` passes over what is there or gone already. */
function restore(state: IpsetState, input: string, isExist: boolean): CommandResult {
  let output = '';
  let number = 0;
  for (const line of input.split('\n')) {
    number++;
    const read = readIpsetLine(line);
    if (read === null) continue;
    if (isFault(read)) return { ...resultOf(read), output };
    const command = 'isExist' in read && isExist ? { ...read, isExist } : read;
    const result = carryOut(state, command, '');
    output += result.output;
    if (result.exitCode === 0) continue;
    if (isExist && command.verb === 'create' && FAULT_EXISTING.some((fault) => result.error.includes(fault))) continue;
    return { ...result, output, error: result.error.replace(`${TOOL}: `, `${TOOL}: Error in line ${number}: `) };
  }
  return done(output);
}

function list(state: IpsetState, command: { isNames: boolean; isTerse: boolean }, only: number): string {
  const captures = captureIpsets(state, only);
  if (command.isNames) return captures.map((c) => `${c.name}\n`).join('');
  const blocks = captures.map((capture) => {
    const set = state.sets[findSet(state, capture.name)];
    const head = [
      `Name: ${capture.name}`,
      `Type: ${capture.type}`,
      `Header: ${capture.options.join(' ')}`,
      `References: ${set?.references ?? 0}`,
      `Number of entries: ${capture.members.length}`,
    ];
    const members = command.isTerse ? [] : ['Members:', ...capture.members.map((m) => `${m.entry}${printMember(m)}`)];
    return `${[...head, ...members].join('\n')}\n`;
  });
  return blocks.join('\n');
}

function outcome(refusal: IpsetOutcome): CommandResult {
  return refusal === null ? done() : refused(`${TOOL}: ${refusal}\n`);
}

/** Words that ipset itself does not know are ours to report; values that it refuses are not. */
function resultOf({ fault, word }: Fault): CommandResult {
  const isOption = fault.startsWith('Unknown argument') && !fault.includes(HELP);
  const said = `${TOOL}: ${fault}${isOption ? `\n${HELP}` : ''}\n`;
  const isWord = /^(Unknown argument|No command specified|Missing|Mandatory|Syntax error: typename|Syntax error: output format)/.test(fault);
  return isWord ? notUnderstood('ipset', word, said) : refused(said);
}
