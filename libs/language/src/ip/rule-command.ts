/** `ip rule ...` (ip/iprule.c, iproute2 6.1). */
import { parsePrefix, type Family } from '@worldline/model';
import type { IpCommand, RuleSpec } from './command.js';
import { integer, ipProtocolNumber, tableNumber } from './names.js';
import { readTos } from './route-command.js';
import { WordFault, matchWord, type WordReader } from './word-reader.js';

const ACTIONS = ['list', 'lst', 'show', 'save', 'add', 'delete', 'flush', 'restore'] as const;

type Draft = { -readonly [K in keyof RuleSpec]: RuleSpec[K] };

export function readRuleCommand(words: WordReader, family: Family | null): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ACTIONS);
  switch (action) {
    case 'add':
    case 'delete':
      return { object: 'rule', action, rule: readRule(words, family) };
    case 'flush':
      return { object: 'rule', action, family: family ?? 4 };
    case 'list':
    case 'lst':
    case 'show':
    case 'save':
      return { object: 'rule', action: 'show', family };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "ip rule help".`, word);
  }
}

function readRule(words: WordReader, given: Family | null): RuleSpec {
  const draft: Draft = {
    family: given ?? 4,
    priority: null,
    isInverted: false,
    source: null,
    destination: null,
    inputInterface: null,
    outputInterface: null,
    mark: null,
    markMask: null,
    tos: 0,
    protocol: null,
    sourcePorts: null,
    destinationPorts: null,
    uidRange: null,
    action: null,
    table: 0,
    suppressPrefixLength: null,
    suppressGroup: null,
    isL3mdev: false,
  };
  while (!words.isEnd) readSelector(words, draft, given);
  return draft;
}

function readSelector(words: WordReader, draft: Draft, given: Family | null): void {
  const word = words.take();
  switch (word) {
    case 'not':
      draft.isInverted = true;
      return;
    case 'from':
    case 'to': {
      const prefix = readPrefix(words.take(), draft, given);
      if (word === 'from') draft.source = prefix;
      else draft.destination = prefix;
      return;
    }
    case 'preference':
    case 'pref':
    case 'order':
    case 'priority':
    case 'prio':
      draft.priority = words.takeNumber('preference');
      return;
    case 'tos':
    case 'dsfield':
      draft.tos = readTos(words);
      return;
    case 'fwmark':
      readMark(words, draft);
      return;
    case 'dev':
    case 'iif':
      draft.inputInterface = words.take();
      return;
    case 'oif':
      draft.outputInterface = words.take();
      return;
    case 'l3mdev':
      draft.isL3mdev = true;
      return;
    case 'uidrange':
      draft.uidRange = words.takeRange('uidrange');
      return;
    case 'ipproto': {
      const name = words.take();
      draft.protocol = ipProtocolNumber(name);
      if (draft.protocol === null) throw new WordFault(`Error: argument "${name}" is wrong: Invalid "ipproto" value`, name);
      return;
    }
    case 'sport':
      draft.sourcePorts = words.takeRange('sport');
      return;
    case 'dport':
      draft.destinationPorts = words.takeRange('dport');
      return;
    case 'protocol':
      words.take();
      return;
    case 'suppress_ifgroup':
    case 'sup_ifgroup': {
      const group = words.take();
      draft.suppressGroup = group === 'default' ? 0 : Number(group);
      if (!Number.isInteger(draft.suppressGroup)) throw new WordFault(`Error: argument "${group}" is wrong: Invalid "suppress_ifgroup" value`, group);
      return;
    }
    case 'realms':
      throw new WordFault('"realms" is not supported', word);
    case 'suppress_prefixlength':
    case 'sup_pl':
      draft.suppressPrefixLength = words.takeNumber('suppress_prefixlength');
      return;
    default:
      readAction(words, word, draft);
  }
}

function readAction(words: WordReader, word: string, draft: Draft): void {
  if (word === 'table' || word === 'lookup') {
    const name = words.take();
    const table = tableNumber(name);
    if (table === null) throw new WordFault(`Error: argument "${name}" is wrong: invalid table ID`, name);
    draft.action = 'table';
    draft.table = table;
    return;
  }
  if (word === 'goto') {
    draft.action = 'goto';
    draft.table = words.takeNumber('goto');
    return;
  }
  const type = word === 'type' ? words.take() : word;
  if (type === 'nop' || type === 'blackhole' || type === 'unreachable' || type === 'prohibit') draft.action = type;
  else if (type === 'unicast') draft.action = 'table';
  else throw new WordFault(`Error: argument "${type}" is wrong: Failed to parse rule type`, type);
}

/** `all`, `any` and `default` select everything. */
function readPrefix(word: string, draft: Draft, given: Family | null): string | null {
  if (word === 'all' || word === 'any' || word === 'default') return null;
  const prefix = parsePrefix(word);
  if (!prefix || (given !== null && prefix.address.family !== given)) throw new WordFault(`Error: any valid prefix is expected rather than "${word}".`, word);
  draft.family = prefix.address.family;
  if (prefix.length === 0) return null;
  return word.includes('/') ? word : `${word}/${draft.family === 4 ? 32 : 128}`;
}

function readMark(words: WordReader, draft: Draft): void {
  const word = words.take();
  const [value = '', mask] = word.split('/');
  const mark = integer(value);
  const bits = mask === undefined ? null : integer(mask);
  if (mark === null || (mask !== undefined && bits === null)) throw new WordFault(`Error: argument "${word}" is wrong: fwmark value is invalid`, word);
  draft.mark = mark | 0;
  draft.markMask = bits === null ? null : bits | 0;
}
