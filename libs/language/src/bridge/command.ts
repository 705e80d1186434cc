/** Command lines of bridge(8) (iproute2 6.1) as values. */
import type { Parsed } from '@worldline/model';
import { WordFault, WordReader, matchWord } from '../ip/index.js';

export interface FdbSpec {
  readonly mac: string;
  readonly device: string;
  readonly destination: string | null;
  readonly vlan: number | null;
  /** `permanent` (`local`), `static` or `dynamic`; null: not given. */
  readonly state: 'permanent' | 'static' | 'dynamic' | null;
  readonly isSelf: boolean;
  readonly isMaster: boolean;
}

/** Attributes of a port that are switched on or off; absent: as they are. */
export interface PortChanges {
  readonly hairpin?: boolean;
  readonly learning?: boolean;
  readonly flood?: boolean;
  readonly mcast_flood?: boolean;
  readonly bcast_flood?: boolean;
  readonly isolated?: boolean;
  readonly neigh_suppress?: boolean;
  readonly state?: 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking';
}

export type BridgeCommand =
  | { readonly object: 'fdb'; readonly action: 'add' | 'append' | 'replace' | 'delete'; readonly entry: FdbSpec }
  | { readonly object: 'fdb'; readonly action: 'flush'; readonly device: string }
  | { readonly object: 'link'; readonly action: 'set'; readonly device: string; readonly changes: PortChanges }
  | { readonly object: 'fdb' | 'link' | 'other'; readonly action: 'show' };

const OBJECTS = ['link', 'fdb', 'mdb', 'vlan', 'vni', 'monitor'] as const;
const FDB_ACTIONS = ['add', 'append', 'replace', 'delete', 'show', 'lst', 'list', 'get', 'flush'] as const;
const SWITCHES = ['hairpin', 'learning', 'flood', 'mcast_flood', 'bcast_flood', 'isolated', 'neigh_suppress'] as const;
/** Switches and values that change nothing that is modelled. */
const IGNORED = new Set(['guard', 'root_block', 'fastleave', 'learning_sync', 'mcast_router', 'mcast_fast_leave', 'mcast_to_unicast', 'vlan_tunnel', 'locked', 'mab', 'cost', 'priority', 'hwmode', 'backup_port', 'mcast_max_groups', 'neigh_vlan_suppress']);
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'] as const;

/** Reads the words after `bridge`. */
export function parseBridgeCommand(words: readonly string[]): Parsed<BridgeCommand> {
  try {
    return { value: read(new WordReader(words)), issues: [] };
  } catch (fault) {
    if (!(fault instanceof WordFault)) throw fault;
    return { value: null, issues: [{ code: 'UnknownWord', severity: 'error', message: fault.message, word: fault.word }] };
  }
}

function read(words: WordReader): BridgeCommand {
  while (words.peek().startsWith('-')) {
    const option = words.take();
    if (!/^-{1,2}(j|json|p|pretty|d|details|s|statistics|o|oneline|c|color|4|6|t|timestamp)/.test(option)) throw new WordFault(`Option "${option}" is unknown, try "bridge help".`, option);
  }
  const word = words.take();
  const object = matchWord(word, OBJECTS);
  switch (object) {
    case 'fdb':
      return readFdb(words);
    case 'link':
      return readLink(words);
    case null:
      throw new WordFault(`Object "${word}" is unknown, try "bridge help".`, word);
    default: {
      const action = words.isEnd ? 'show' : words.take();
      if (matchWord(action, ['show', 'list', 'lst']) !== null) return { object: 'other', action: 'show' };
      throw new WordFault(`"bridge ${object} ${action}" is not supported`, object);
    }
  }
}

function readFdb(words: WordReader): BridgeCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, FDB_ACTIONS);
  switch (action) {
    case 'add':
    case 'append':
    case 'replace':
    case 'delete':
      return { object: 'fdb', action, entry: readEntry(words) };
    case 'flush': {
      words.takeIf('dev');
      const device = words.take();
      if (!words.isEnd) throw new WordFault(`Error: argument "${words.peek()}" is wrong: flushing by anything but a device is not supported`, words.peek());
      return { object: 'fdb', action, device };
    }
    case 'show':
    case 'lst':
    case 'list':
    case 'get':
      return { object: 'fdb', action: 'show' };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "bridge fdb help".`, word);
  }
}

function readEntry(words: WordReader): FdbSpec {
  let mac: string | null = null;
  let device: string | null = null;
  let destination: string | null = null;
  let vlan: number | null = null;
  let state: FdbSpec['state'] = null;
  let isSelf = false;
  let isMaster = false;
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'dev') device = words.take();
    else if (word === 'dst') destination = words.takeAddress(null);
    else if (word === 'self') isSelf = true;
    else if (word === 'master') isMaster = true;
    else if (word === 'local' || word === 'permanent') state = 'permanent';
    else if (word === 'static' || word === 'temp') state = 'static';
    else if (word === 'dynamic') state = 'dynamic';
    else if (word === 'vlan') vlan = words.takeNumber('vlan');
    else if (word === 'port' || word === 'vni' || word === 'src_vni' || word === 'via' || word === 'nhid') words.take();
    else if (word === 'router' || word === 'use' || word === 'extern_learn' || word === 'sticky') continue;
    else {
      const text = word === 'to' ? words.take() : word;
      if (mac !== null) words.garbage('to', text);
      if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(text)) throw new WordFault(`Invalid mac address ${text}`, text);
      mac = text
        .split(':')
        .map((part) => part.padStart(2, '0').toLowerCase())
        .join(':');
    }
  }
  if (mac === null || device === null) throw new WordFault('Device and address are required arguments.', 'fdb');
  return { mac, device, destination, vlan, state, isSelf, isMaster };
}

function readLink(words: WordReader): BridgeCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ['set', 'change', 'show', 'lst', 'list']);
  if (action === null) throw new WordFault(`Command "${word}" is unknown, try "bridge link help".`, word);
  if (action !== 'set' && action !== 'change') return { object: 'link', action: 'show' };
  let device: string | null = null;
  const changes: { -readonly [K in keyof PortChanges]: PortChanges[K] } = {};
  while (!words.isEnd) {
    const option = words.take();
    const flag = SWITCHES.find((s) => s === option);
    if (option === 'dev') device = words.take();
    else if (flag) changes[flag] = words.takeOnOff(flag);
    else if (option === 'state') changes.state = readState(words);
    else if (option === 'self' || option === 'master') continue;
    else if (IGNORED.has(option)) words.take();
    else throw new WordFault(`Error: argument "${option}" is wrong: unknown option`, option);
  }
  if (device === null) throw new WordFault('Device is a required argument.', 'set');
  return { object: 'link', action: 'set', device, changes };
}

function readState(words: WordReader): (typeof STATES)[number] {
  const word = words.take();
  const state = STATES.find((s) => s === word) ?? STATES[Number(word)];
  if (state === undefined) throw new WordFault('Error: invalid STP port state', word);
  return state;
}
