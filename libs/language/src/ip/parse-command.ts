/** Reads the words after `ip`: options, the object (which may be cut short), and its command. */
import type { Family, Parsed } from '@worldline/model';
import { readAddressCommand } from './address-command.js';
import type { IpCommand } from './command.js';
import { readLinkCommand } from './link-command.js';
import { readNeighbourCommand } from './neighbour-command.js';
import { readRouteCommand } from './route-command.js';
import { readRuleCommand } from './rule-command.js';
import { WordFault, WordReader, matchWord } from './word-reader.js';

/** In the order in which iproute2 tries them. */
const OBJECTS = ['address', 'addrlabel', 'maddress', 'route', 'rule', 'neighbor', 'neighbour', 'ntable', 'link', 'tunnel', 'tuntap', 'tcpmetrics', 'monitor', 'xfrm', 'mroute', 'netns', 'netconf', 'vrf', 'nexthop'] as const;
/** Options that only change what is printed. */
const PRINTING = /^-{1,2}(j|json|p|pretty|d|details|s|stats|statistics|o|oneline|br|brief|c|color|color=.*|r|resolve|N|Numeric|h|human|human-readable|iec|t|timestamp|ts|tshort|a|all|echo|f(?=$))$/;

/** The command as a value, or an issue whose message is what the tool would say and whose word is the one at fault. */
export function parseIpCommand(words: readonly string[]): Parsed<IpCommand> {
  try {
    return { value: read(new WordReader(words)), issues: [] };
  } catch (fault) {
    if (!(fault instanceof WordFault)) throw fault;
    return { value: null, issues: [{ code: 'UnknownWord', severity: 'error', message: fault.message, word: fault.word }] };
  }
}

function read(words: WordReader): IpCommand {
  let family: Family | null = null;
  while (words.peek().startsWith('-')) {
    const option = words.take();
    if (option === '-4') family = 4;
    else if (option === '-6') family = 6;
    else if (option === '-f' || option === '-family') family = familyOf(words);
    else if (!PRINTING.test(option)) throw new WordFault(`Option "${option}" is unknown, try "ip -help".`, option);
  }
  const word = words.take();
  const object = matchWord(word, OBJECTS);
  switch (object) {
    case 'link':
      return readLinkCommand(words);
    case 'address':
      return readAddressCommand(words, family);
    case 'route':
      return readRouteCommand(words, family);
    case 'rule':
      return readRuleCommand(words, family);
    case 'neighbor':
    case 'neighbour':
      return readNeighbourCommand(words, family);
    case null:
      throw new WordFault(`Object "${word}" is unknown, try "ip help".`, word);
    default:
      return readOther(words, object);
  }
}

/** Objects that we hold no state of may be looked at, not changed. */
function readOther(words: WordReader, object: string): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  if (matchWord(word, ['show', 'list', 'lst']) !== null) return { object: 'other', action: 'show', family: null };
  throw new WordFault(`"ip ${object} ${word}" is not supported`, object);
}

function familyOf(words: WordReader): Family {
  const word = words.take();
  if (word === 'inet') return 4;
  if (word === 'inet6') return 6;
  throw new WordFault(`Error: argument "${word}" is wrong: invalid protocol family`, word);
}
