/** `ip address ...` (ip/ipaddress.c, iproute2 6.1). */
import { formatAddress, parseAddress, type Family, type IpPrefix } from '@worldline/model';
import type { AddressSpec, IpCommand } from './command.js';
import { scopeOfWord } from './names.js';
import { WordFault, matchWord, prefixOf, type WordReader } from './word-reader.js';

const ACTIONS = ['add', 'change', 'chg', 'replace', 'delete', 'show', 'lst', 'list', 'flush', 'save', 'showdump', 'restore'] as const;
const FLAGS_WITHOUT_EFFECT = new Set(['home', 'nodad', 'mngtmpaddr', 'autojoin', 'optimistic', 'proto']);

export function readAddressCommand(words: WordReader, family: Family | null): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ACTIONS);
  switch (action) {
    case 'add':
    case 'replace':
    case 'delete':
      return { object: 'address', action, address: readAddress(words, family) };
    case 'change':
    case 'chg':
      return { object: 'address', action: 'change', address: readAddress(words, family) };
    case 'flush':
      return readFlush(words, family);
    case 'show':
    case 'lst':
    case 'list':
    case 'save':
      return { object: 'address', action: 'show', family };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "ip address help".`, word);
  }
}

function readAddress(words: WordReader, family: Family | null): AddressSpec {
  let local: IpPrefix | null = null;
  let isLengthGiven = false;
  let peer: IpPrefix | null = null;
  let broadcast: string | null = null;
  let scope: number | null = null;
  let label: string | null = null;
  let device: string | null = null;
  let metric = 0;
  let isNoPrefixRoute = false;
  let isDeprecated = false;
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'peer' || word === 'remote') peer = words.takePrefix(family);
    else if (word === 'broadcast' || word === 'brd') broadcast = words.peek() === '+' || words.peek() === '-' ? words.take() : words.takeAddress(family);
    else if (word === 'scope') scope = readScope(words);
    else if (word === 'dev') device = words.take();
    else if (word === 'label') label = words.take();
    else if (word === 'metric' || word === 'priority' || word === 'preference') metric = words.takeNumber('metric');
    else if (word === 'valid_lft') words.take();
    else if (word === 'preferred_lft') isDeprecated = /^0(sec)?$/.test(words.take());
    else if (word === 'noprefixroute') isNoPrefixRoute = true;
    else if (word === 'proto') words.take();
    else if (!FLAGS_WITHOUT_EFFECT.has(word)) {
      const text = word === 'local' ? words.take() : word;
      if (local !== null || !/^[0-9a-fA-F:.]+(\/\d+)?$/.test(text)) words.garbage('local', text);
      local = prefixOf(text, family);
      isLengthGiven = text.includes('/');
    }
  }
  if (device === null) throw new WordFault('Not enough information: "dev" argument is required.', 'addr');
  if (local === null) throw new WordFault('Not enough information: "local" argument is required.', 'addr');
  const own = local.address.family;
  const prefix: IpPrefix = peer ?? local;
  return {
    family: own,
    local: formatAddress(local.address),
    peer: peer === null ? null : formatAddress(peer.address),
    prefixLength: prefix.length,
    isLengthGiven: isLengthGiven || peer !== null,
    broadcast,
    scope,
    label,
    device,
    metric,
    isNoPrefixRoute,
    isDeprecated,
  };
}

function readFlush(words: WordReader, given: Family | null): IpCommand {
  let device: string | null = null;
  let scope: number | null = null;
  let to: IpPrefix | null = null;
  let label: string | null = null;
  if (words.isEnd) throw new WordFault('Flush requires arguments.', 'flush');
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'dev') device = words.take();
    else if (word === 'to') to = words.takePrefix(given);
    else if (word === 'scope') scope = readScope(words);
    else if (word === 'label') label = words.take();
    else if (device === null && !['permanent', 'dynamic', 'secondary', 'primary', 'deprecated', 'tentative', 'up'].includes(word)) device = word;
    else words.garbage('dev', word);
  }
  const family = given ?? (to === null ? null : (parseAddress(formatAddress(to.address))?.family ?? null));
  return { object: 'address', action: 'flush', device, family, scope, to, label };
}

function readScope(words: WordReader): number {
  const word = words.take();
  const scope = scopeOfWord(word);
  if (scope === null) throw new WordFault(`Error: argument "${word}" is wrong: invalid scope value.`, word);
  return scope;
}
