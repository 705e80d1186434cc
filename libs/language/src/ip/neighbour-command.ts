/** `ip neighbour ...` (ip/ipneigh.c, iproute2 6.1). */
import type { Family, IpPrefix } from '@worldline/model';
import type { IpCommand, NeighbourSpec } from './command.js';
import { readMac } from './link-command.js';
import { WordFault, matchWord, type WordReader } from './word-reader.js';

const ACTIONS = ['add', 'change', 'chg', 'replace', 'delete', 'get', 'show', 'lst', 'list', 'flush'] as const;
const STATES: readonly string[] = ['permanent', 'reachable', 'noarp', 'none', 'stale', 'incomplete', 'delay', 'probe', 'failed', 'all'];

export function readNeighbourCommand(words: WordReader, family: Family | null): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ACTIONS);
  switch (action) {
    case 'add':
    case 'replace':
    case 'delete':
      return { object: 'neighbour', action, neighbour: readNeighbour(words, family) };
    case 'change':
    case 'chg':
      return { object: 'neighbour', action: 'change', neighbour: readNeighbour(words, family) };
    case 'flush':
      return readFlush(words, family);
    case 'get':
    case 'show':
    case 'lst':
    case 'list':
      return { object: 'neighbour', action: 'show', family };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "ip neighbour help".`, word);
  }
}

function readNeighbour(words: WordReader, family: Family | null): NeighbourSpec {
  let address: string | null = null;
  let device: string | null = null;
  let mac: string | null = null;
  let state: string | null = null;
  let isProxy = false;
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'lladdr') mac = readMac(words);
    else if (word === 'nud') state = readState(words);
    else if (word === 'proxy') {
      isProxy = true;
      address = words.takeAddress(family);
    } else if (word === 'dev') device = words.take();
    else if (word === 'router' || word === 'use' || word === 'managed' || word === 'extern_learn') continue;
    else if (word === 'protocol') words.take();
    else {
      if (word !== 'to') words.back();
      if (address !== null) words.garbage('to', word);
      address = words.takeAddress(family);
    }
  }
  if (address === null || device === null) throw new WordFault('Device and destination are required arguments.', 'neigh');
  return { family: address.includes(':') ? 6 : 4, address, device, mac, state, isProxy };
}

function readFlush(words: WordReader, given: Family | null): IpCommand {
  let device: string | null = null;
  let to: IpPrefix | null = null;
  const states: string[] = [];
  if (words.isEnd) throw new WordFault('Flush requires arguments.', 'flush');
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'dev') device = words.take();
    else if (word === 'nud') states.push(readState(words));
    else if (word === 'unused' || word === 'proxy') continue;
    else {
      if (word !== 'to') words.back();
      if (words.peek() === 'all') words.take();
      else to = words.takePrefix(given);
    }
  }
  return { object: 'neighbour', action: 'flush', family: given ?? to?.address.family ?? null, device, to, states };
}

function readState(words: WordReader): string {
  const word = words.take();
  if (!STATES.includes(word)) throw new WordFault(`Error: argument "${word}" is wrong: nud state is bad`, word);
  return word.toUpperCase();
}
