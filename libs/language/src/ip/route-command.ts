/** `ip route ...` (ip/iproute.c, iproute2 6.1). */
import type { Family, IpPrefix, RouteType } from '@worldline/model';
import type { IpCommand, NexthopSpec, RouteFilter, RouteSpec } from './command.js';
import { protocolNumber, scopeOfWord, tableNumber } from './names.js';
import { WordFault, matchWord, prefixOf, type WordReader } from './word-reader.js';

const TYPES: readonly RouteType[] = ['unicast', 'local', 'broadcast', 'anycast', 'multicast', 'nat', 'blackhole', 'unreachable', 'prohibit', 'throw'];
const ACTIONS = ['add', 'append', 'change', 'chg', 'delete', 'prepend', 'replace', 'test', 'get', 'list', 'show', 'lst', 'flush', 'save', 'restore', 'showdump'] as const;
const MTU_LOCK = 'lock';

/** Words of options that change nothing that we model and take one argument. */
const IGNORED = new Set(['advmss', 'rtt', 'rttvar', 'reordering', 'window', 'cwnd', 'initcwnd', 'initrwnd', 'ssthresh', 'rto_min', 'features', 'quickack', 'congctl', 'realms', 'realm', 'expires', 'ttl-propagate', 'fastopen_no_cookie']);

export function readRouteCommand(words: WordReader, family: Family | null): IpCommand {
  const word = words.isEnd ? 'show' : words.take();
  const action = matchWord(word, ACTIONS);
  switch (action) {
    case 'add':
    case 'append':
    case 'prepend':
    case 'replace':
      return { object: 'route', action, route: readRoute(words, family) };
    case 'change':
    case 'chg':
      return { object: 'route', action: 'change', route: readRoute(words, family) };
    case 'delete':
      return { object: 'route', action, route: readRoute(words, family) };
    case 'flush':
      return { object: 'route', action, filter: readFilter(words, family) };
    case 'get':
    case 'list':
    case 'show':
    case 'lst':
    case 'save':
      return { object: 'route', action: 'show', family };
    default:
      throw new WordFault(`Command "${word}" is unknown, try "ip route help".`, word);
  }
}

interface Draft {
  family: Family | null;
  type: RouteType | null;
  destination: IpPrefix | null;
  table: number | null;
  protocol: number | null;
  scope: number | null;
  preferredSource: string | null;
  metric: number | null;
  tos: number;
  mtu: number | null;
  isMtuLocked: boolean;
  hopLimit: number | null;
  preference: string | null;
  gateway: string | null;
  device: string | null;
  isOnLink: boolean;
  nexthops: NexthopSpec[];
}

function readRoute(words: WordReader, family: Family | null): RouteSpec {
  const draft: Draft = {
    family,
    type: null,
    destination: null,
    table: null,
    protocol: null,
    scope: null,
    preferredSource: null,
    metric: null,
    tos: 0,
    mtu: null,
    isMtuLocked: false,
    hopLimit: null,
    preference: null,
    gateway: null,
    device: null,
    isOnLink: false,
    nexthops: [],
  };
  while (!words.isEnd) readOption(words, draft);
  const own: Family = draft.family ?? 4;
  const isPlain = draft.nexthops.length === 0 && (draft.gateway !== null || draft.device !== null);
  const nexthops = isPlain ? [{ gateway: draft.gateway, device: draft.device, weight: 1, isOnLink: draft.isOnLink }] : draft.nexthops;
  if (draft.destination === null && nexthops.length === 0 && draft.table === null && draft.protocol === null) throw new WordFault('Command line is not complete. Try option "help"', 'route');
  const { type, table, protocol, scope, preferredSource, metric, tos, mtu, isMtuLocked, hopLimit, preference } = draft;
  const destination = draft.destination ?? { address: { family: own, words: [0, 0, 0, 0] }, length: 0 };
  return { family: own, type, destination, table, protocol, scope, preferredSource, metric, tos, mtu, isMtuLocked, hopLimit, preference, nexthops };
}

function readOption(words: WordReader, draft: Draft): void {
  const word = words.take();
  switch (word) {
    case 'via':
      draft.gateway = readGateway(words, draft);
      return;
    case 'dev':
    case 'oif':
      draft.device = words.take();
      return;
    case 'onlink':
      draft.isOnLink = true;
      return;
    case 'nexthop':
      draft.nexthops.push(readNexthop(words, draft));
      return;
    case 'src':
      draft.preferredSource = words.takeAddress(draft.family);
      draft.family ??= draft.preferredSource.includes(':') ? 6 : 4;
      return;
    case 'table':
      draft.table = named(words, tableNumber, 'table');
      return;
    case 'metric':
    case 'priority':
    case 'preference':
      draft.metric = words.takeNumber('metric');
      return;
    case 'protocol':
    case 'proto':
      draft.protocol = named(words, protocolOrNull, 'protocol');
      return;
    case 'scope':
      draft.scope = named(words, scopeOfWord, 'scope');
      return;
    case 'tos':
    case 'dsfield':
      draft.tos = readTos(words);
      return;
    case 'mtu':
      draft.isMtuLocked = words.takeIf(MTU_LOCK);
      draft.mtu = words.takeNumber('mtu');
      return;
    case 'hoplimit':
      words.takeIf(MTU_LOCK);
      draft.hopLimit = words.takeNumber('hoplimit');
      return;
    case 'pref':
      draft.preference = words.take();
      if (!['low', 'medium', 'high'].includes(draft.preference)) throw new WordFault(`Error: argument "${draft.preference}" is wrong: "pref" value is invalid`, draft.preference);
      return;
    case 'to':
      readDestination(words, words.take(), draft);
      return;
    default:
      if (IGNORED.has(word)) {
        words.takeIf(MTU_LOCK);
        words.take();
      } else readDestination(words, word, draft);
  }
}

function readDestination(words: WordReader, first: string, draft: Draft): void {
  let word = first;
  if (draft.destination !== null) words.garbage('to', word);
  if ((TYPES as readonly string[]).includes(word)) {
    draft.type = word as RouteType;
    word = words.take();
    if (word === 'to') word = words.take();
  }
  if (isFamilyWord(word)) words.garbage('to', word);
  draft.destination = prefixOf(word, draft.family);
  const isWhole = word === 'default' || word === 'any' || word === 'all';
  if (isWhole && draft.family === null) return;
  draft.family ??= draft.destination.address.family;
}

/** A word that looks like nothing with an address in it is an option that the tool does not know. */
function isFamilyWord(word: string): boolean {
  return !/^(default|any|all|[0-9a-fA-F:.]+(\/\d+)?)$/.test(word);
}

function readGateway(words: WordReader, draft: Draft): string {
  let family = draft.family;
  if (words.takeIf('inet6')) family = 6;
  else if (words.takeIf('inet')) family = 4;
  else if (family === null || draft.destination?.length === 0) family = words.peek().includes(':') ? 6 : 4;
  const gateway = words.takeAddress(family);
  if (draft.family === null && family !== null) {
    draft.family = family;
    // `default via fd00::1`: the destination takes the gateway's family
    if (draft.destination?.length === 0) draft.destination = { address: { family, words: [0, 0, 0, 0] }, length: 0 };
  }
  return gateway;
}

function readNexthop(words: WordReader, draft: Draft): NexthopSpec {
  let gateway: string | null = null;
  let device: string | null = null;
  let weight = 1;
  let isOnLink = false;
  while (!words.isEnd && words.peek() !== 'nexthop') {
    const word = words.take();
    if (word === 'via') gateway = readGateway(words, draft);
    else if (word === 'dev') device = words.take();
    else if (word === 'weight') {
      weight = words.takeNumber('weight');
      if (weight === 0 || weight > 256) throw new WordFault(`Error: argument "${weight}" is wrong: "weight" is invalid`, String(weight));
    } else if (word === 'onlink') isOnLink = true;
    else {
      words.back();
      break;
    }
  }
  return { gateway, device, weight, isOnLink };
}

function readFilter(words: WordReader, given: Family | null): RouteFilter {
  let table: number | null = null;
  let type: RouteType | null = null;
  let protocol: number | null = null;
  let scope: number | null = null;
  let device: string | null = null;
  let gateway: string | null = null;
  let destination: IpPrefix | null = null;
  let isRoot = false;
  let isCache = false;
  let family = given;
  if (words.isEnd) throw new WordFault('"ip route flush" requires arguments.', 'flush');
  while (!words.isEnd) {
    const word = words.take();
    if (word === 'table') {
      if (words.peek() === 'cache') {
        words.take();
        isCache = true;
      } else table = words.takeIf('all') ? -1 : named(words, tableNumber, 'table');
    } else if (word === 'cache' || word === 'cached') isCache = true;
    else if (word === 'proto' || word === 'protocol') protocol = named(words, protocolOrNull, 'protocol');
    else if (word === 'scope') scope = named(words, scopeOfWord, 'scope');
    else if (word === 'dev' || word === 'oif') device = words.take();
    else if (word === 'via') {
      gateway = words.takeAddress(family);
      family ??= gateway.includes(':') ? 6 : 4;
    } else if (word === 'type') type = words.take() as RouteType;
    else if (word === 'root' || word === 'match' || word === 'exact') {
      isRoot = word === 'root';
      destination = words.takePrefix(family);
    } else {
      let text = word === 'to' ? words.take() : word;
      if (text === 'root' || text === 'exact') {
        isRoot = text === 'root';
        text = words.take();
      }
      if ((TYPES as readonly string[]).includes(text)) {
        type = text as RouteType;
        if (words.isEnd) continue;
        text = words.take();
      }
      if (text === 'all') continue;
      if (isFamilyWord(text)) words.garbage('to', text);
      destination = prefixOf(text, family);
      family ??= destination.address.family;
    }
  }
  return { family: family ?? 4, table, type, protocol, scope, device, gateway, destination, isRoot, isCache };
}

function named(words: WordReader, numberOf: (word: string) => number | null, what: string): number {
  const word = words.take();
  const number = numberOf(word);
  if (number === null) throw new WordFault(`Error: argument "${word}" is wrong: "${what}" value is invalid`, word);
  return number;
}

function protocolOrNull(word: string): number | null {
  const number = protocolNumber(word);
  return number === 0 && word !== '0' && word !== 'unspec' && word !== 'none' ? null : number;
}

/** `tos` is written in hexadecimal, with or without 0x. */
export function readTos(words: WordReader): number {
  const word = words.take();
  if (!/^(0x)?[0-9a-fA-F]{1,2}$/.test(word)) throw new WordFault(`Error: argument "${word}" is wrong: "tos" value is invalid`, word);
  return parseInt(word, 16);
}
