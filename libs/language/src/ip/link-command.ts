/** `ip link ...` (ip/iplink.c, iproute2 6.1). */
import type { IpCommand, LinkAdd, LinkChanges } from './command.js';
import { WordFault, matchWord, type WordReader } from './word-reader.js';

const ACTIONS = ['add', 'set', 'change', 'replace', 'delete', 'show', 'lst', 'list', 'xstats', 'afstats', 'property'] as const;
type Changes = { -readonly [K in keyof LinkChanges]: LinkChanges[K] };

/** Options of a kind of device that stand alone. */
const FLAGS = new Set(['learning', 'nolearning', 'proxy', 'noproxy', 'rsc', 'norsc', 'l2miss', 'nol2miss', 'l3miss', 'nol3miss', 'udpcsum', 'noudpcsum', 'udp6zerocsumtx', 'noudp6zerocsumtx', 'udp6zerocsumrx', 'noudp6zerocsumrx', 'gbp', 'external', 'noexternal', 'pmtudisc', 'nopmtudisc', 'ignore-df', 'noignore-df', 'csum', 'nocsum', 'seq', 'noseq', 'vnet_hdr', 'multi_queue']);
/** Options that take one word and change nothing that is modelled. */
const IGNORED = new Set(['txqueuelen', 'txqlen', 'qlen', 'numtxqueues', 'numrxqueues', 'gso_max_size', 'gso_max_segs', 'gro_max_size', 'group', 'mode', 'state', 'allmulticast', 'protodown', 'trailers', 'carrier', 'addrgenmode', 'link-netnsid', 'broadcast', 'brd', 'dynamic']);

export function readLinkCommand(words: WordReader): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ACTIONS);
  switch (action) {
    case 'add':
      return { object: 'link', action, link: readAdd(words) };
    case 'set':
    case 'change':
      return readSet(words);
    case 'delete':
      return { object: 'link', action, device: readDelete(words) };
    case 'show':
    case 'lst':
    case 'list':
      return { object: 'link', action: 'show', family: null };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "ip link help".`, word);
  }
}

function readSet(words: WordReader): IpCommand {
  let device: string | null = null;
  const changes: Changes = {};
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'dev') device = words.take();
    else if (word === 'type') {
      changes.kind = words.take();
      changes.kindData = readKindData(words);
    } else if (!readChange(words, word, changes)) {
      if (device !== null) words.garbage('dev', word);
      device = word;
    }
  }
  if (device === null) throw new WordFault('Not enough information: "dev" argument is required.', 'set');
  return { object: 'link', action: 'set', device, changes };
}

/** Takes one option that `set` and `add` share; false when the word is none. */
function readChange(words: WordReader, word: string, changes: Changes): boolean {
  switch (word) {
    case 'up':
    case 'down':
      changes.isUp = word === 'up';
      return true;
    case 'mtu':
      changes.mtu = words.takeNumber('mtu');
      return true;
    case 'address':
    case 'addr':
      changes.mac = readMac(words);
      return true;
    case 'name':
      changes.name = words.take();
      return true;
    case 'master':
    case 'vrf':
      changes.master = words.take();
      return true;
    case 'nomaster':
      changes.master = null;
      return true;
    case 'promisc':
      changes.isPromiscuous = words.takeOnOff('promisc');
      return true;
    case 'arp':
      changes.isArp = words.takeOnOff('arp');
      return true;
    case 'multicast':
      changes.isMulticast = words.takeOnOff('multicast');
      return true;
    case 'alias':
      changes.alias = words.take();
      return true;
    case 'netns':
      throw new WordFault(`a device cannot be moved to another namespace: "netns ${words.peek()}"`, 'netns');
    default:
      if (!IGNORED.has(word)) return false;
      words.take();
      return true;
  }
}

function readAdd(words: WordReader): LinkAdd {
  let name: string | null = null;
  let kind: string | null = null;
  let lower: string | null = null;
  let ifindex: number | null = null;
  let peer: LinkAdd['peer'] = null;
  let kindData: Readonly<Record<string, string>> = {};
  const changes: Changes = {};
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'link') lower = words.take();
    else if (word === 'index') ifindex = words.takeNumber('index');
    else if (word === 'dev' || word === 'name') name = words.take();
    else if (word === 'type') {
      kind = words.take();
      if (kind === 'veth') peer = readPeer(words);
      else kindData = readKindData(words);
    } else if (!readChange(words, word, changes)) {
      if (name !== null) words.garbage('dev', word);
      name = word;
    }
  }
  if (kind === null) throw new WordFault('Not enough information: "type" argument is required', 'add');
  if (name === null && kind !== 'veth') throw new WordFault('Not enough information: "dev" argument is required.', 'add');
  return { name: name ?? '', kind, lower: lower ?? kindData['dev'] ?? null, ifindex, peer, changes, kindData };
}

function readPeer(words: WordReader): LinkAdd['peer'] {
  if (!words.takeIf('peer')) return null;
  let name = '';
  let mac: string | null = null;
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'name') name = words.take();
    else if (word === 'address') mac = readMac(words);
    else if (word === 'mtu' || IGNORED.has(word)) words.take();
    else if (name === '') name = word;
    else words.garbage('name', word);
  }
  return { name, mac };
}

/** `OPTION VALUE` pairs and flags of a kind, as written. */
function readKindData(words: WordReader): Readonly<Record<string, string>> {
  const data: Record<string, string> = {};
  while (!words.isEnd) {
    const word = words.take();
    data[word] = FLAGS.has(word) ? '1' : words.take();
  }
  return data;
}

function readDelete(words: WordReader): string {
  let device: string | null = null;
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'dev') device = words.take();
    else if (word === 'type') words.take();
    else if (word === 'group') throw new WordFault('devices cannot be deleted by group', 'group');
    else if (device !== null) words.garbage('dev', word);
    else device = word;
  }
  if (device === null) throw new WordFault('Not enough information: "dev" argument is required.', 'delete');
  return device;
}

export function readMac(words: WordReader): string {
  const word = words.take();
  if (!/^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/.test(word)) {
    const wrong = word.split(':').find((part) => !/^[0-9a-fA-F]{1,2}$/.test(part)) ?? word;
    throw new WordFault(`"${wrong}" is invalid lladdr.`, word);
  }
  return word
    .split(':')
    .map((part) => part.padStart(2, '0').toLowerCase())
    .join(':');
}
