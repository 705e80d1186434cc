/** One ebtables rule: words to clauses in their printed spelling, and back. */
import { formatIpv4, maskWord, parseIpv4, parsePrefix, formatAddress } from '@worldline/model';
import { printEtherType, printMac, printMaskedMac, readEtherType, readMac, readMaskedMac } from './ether.js';
import { printIcmpRange, readIcmpRange } from './icmp.js';
import { EBTABLES_OPTIONS, EBTABLES_TARGETS, findEbtablesOption, type EbtablesOption } from './options.js';

export interface EbtablesClause {
  readonly option: EbtablesOption;
  readonly isInverted: boolean;
  /** As printed; empty for flags. */
  readonly value: string;
}

export interface EbtablesRuleSpec {
  /** Matches and watchers. */
  readonly clauses: readonly EbtablesClause[];
  /** ACCEPT, DROP, CONTINUE, RETURN, an extension or a chain; CONTINUE when no target is given. */
  readonly target: string;
  readonly targetClauses: readonly EbtablesClause[];
  /** `-c`: counters given with the rule. */
  readonly packets: number;
  readonly bytes: number;
}

export interface EbtablesFault {
  /** As ebtables prints it after its name and version. */
  readonly fault: string;
  readonly word: string;
}

export const EBTABLES_VERDICTS: readonly string[] = ['ACCEPT', 'DROP', 'CONTINUE', 'RETURN'];

const ARP_OPERATIONS = ['Request', 'Reply', 'Request_Reverse', 'Reply_Reverse', 'DRARP_Request', 'DRARP_Reply', 'DRARP_Error', 'InARP_Request', 'ARP_NAK'];

/** Protocols that ebtables prints by name. */
const PROTOCOLS: readonly (readonly [string, number])[] = [
  ['icmp', 1],
  ['igmp', 2],
  ['ipencap', 4],
  ['tcp', 6],
  ['udp', 17],
  ['dccp', 33],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['ospf', 89],
  ['pim', 103],
  ['vrrp', 112],
  ['sctp', 132],
  ['udplite', 136],
];

/** Reads the words after `-A CHAIN`. */
export function readEbtablesRule(words: readonly string[]): EbtablesRuleSpec | EbtablesFault {
  const clauses: EbtablesClause[] = [];
  const targetClauses: EbtablesClause[] = [];
  let target = 'CONTINUE';
  let packets = 0;
  let bytes = 0;
  let isInverted = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '!') {
      isInverted = true;
      continue;
    }
    if (word === '-j' || word === '--jump') {
      target = words[++i] ?? '';
      continue;
    }
    if (word === '-m' || word === '--match') {
      i++;
      continue;
    }
    if (word === '-c' || word === '--set-counters') {
      packets = Number(words[++i] ?? 0);
      bytes = Number(words[++i] ?? 0);
      continue;
    }
    const option = findEbtablesOption(word);
    if (option === null) return { fault: `Unknown argument: '${word}'`, word };
    let value = '';
    if (option.value !== 'flag') {
      if (words[i + 1] === '!') {
        isInverted = true;
        i++;
      }
      const raw = words[++i];
      if (raw === undefined) return { fault: `option "${word}" requires an argument`, word };
      const canonical = canonicalValue(option, raw);
      if (canonical === null) return { fault: `Problem with the specified value '${raw}' of ${word}`, word: raw };
      value = canonical;
    }
    // After `-j mark` the word --mark-set is the target's; without it ebtables takes the target from the option.
    const isTargets = EBTABLES_TARGETS.includes(option.extension);
    if (isTargets && target === 'CONTINUE') target = option.extension;
    (isTargets ? targetClauses : clauses).push({ option, isInverted, value });
    isInverted = false;
  }
  return { clauses: ordered(clauses), target, targetClauses: ordered(targetClauses), packets, bytes };
}

export function isEbtablesFault(value: object): value is EbtablesFault {
  return 'fault' in value;
}

/** The words after `-A CHAIN` as `ebtables-save` (1.8.9) prints them. */
export function printEbtablesRule(rule: EbtablesRuleSpec): string[] {
  const words: string[] = [];
  for (const clause of rule.clauses) words.push(...printClause(clause));
  if (rule.clauses.some((c) => c.option.extension === 'limit') && !rule.clauses.some((c) => c.option.name === '--limit-burst')) {
    words.push('--limit-burst', '5');
  }
  words.push('-j', rule.target);
  for (const clause of rule.targetClauses) {
    if (!isDefault(rule.target, clause)) words.push(...printClause(clause));
  }
  const needsVerdict = ['mark', 'dnat', 'snat'].includes(rule.target);
  if (needsVerdict && !rule.targetClauses.some((c) => c.option.value === 'verdict')) words.push(`--${rule.target}-target`, 'ACCEPT');
  return words;
}

/** The value of a clause by name, or null. */
export function clauseValue(clauses: readonly EbtablesClause[], name: string): string | null {
  return clauses.find((c) => c.option.name === name)?.value ?? null;
}

/** The number of a protocol as printed. */
export function ebtablesProtocol(word: string): number {
  return PROTOCOLS.find(([name]) => name === word.toLowerCase())?.[1] ?? Number(word);
}

/** The number of an ARP operation as printed. */
export function arpOperation(word: string): number {
  const at = ARP_OPERATIONS.indexOf(word);
  return at < 0 ? Number(word) : at + 1;
}

function printClause(clause: EbtablesClause): string[] {
  const { option, isInverted, value } = clause;
  if (option.name === '--log' || option.name === '--nflog') return [];
  if (option.value === 'flag') return isInverted ? ['!', option.name] : [option.name];
  return isInverted ? [option.name, '!', value] : [option.name, value];
}

/** redirect and arpreply leave their default verdicts out. */
function isDefault(target: string, clause: EbtablesClause): boolean {
  if (clause.option.value !== 'verdict') return false;
  return (target === 'redirect' && clause.value === 'ACCEPT') || (target === 'arpreply' && clause.value === 'DROP');
}

/** Base options first, then extensions in the order of their first word, each with its options in printed order. */
function ordered(clauses: readonly EbtablesClause[]): EbtablesClause[] {
  const withDefaults = clauses.slice();
  const hasLog = clauses.some((c) => c.option.extension === 'log');
  if (hasLog && clauseValue(clauses, '--log-level') === null) {
    withDefaults.push({ option: findEbtablesOption('--log-level') as EbtablesOption, isInverted: false, value: 'notice' });
  }
  const hasNflog = clauses.some((c) => c.option.extension === 'nflog');
  if (hasNflog && clauseValue(clauses, '--nflog-group') === null) {
    withDefaults.push({ option: findEbtablesOption('--nflog-group') as EbtablesOption, isInverted: false, value: '1' });
  }
  const extensions = ['base', ...new Set(withDefaults.map((c) => c.option.extension))];
  const rank = (c: EbtablesClause): number => extensions.indexOf(c.option.extension) * 1000 + EBTABLES_OPTIONS.indexOf(c.option);
  return withDefaults.sort((a, b) => rank(a) - rank(b));
}

function canonicalValue(option: EbtablesOption, word: string): string | null {
  switch (option.value) {
    case 'ethertype': {
      const type = readEtherType(word);
      return type === null ? null : printEtherType(type);
    }
    case 'mac': {
      const mac = readMaskedMac(word);
      return mac === null ? null : printMaskedMac(mac);
    }
    case 'plainmac': {
      const mac = readMac(word);
      return mac === null ? null : printMac(mac.high, mac.low);
    }
    case 'ipv4':
      return canonicalIpv4(word);
    case 'ipv6': {
      const prefix = parsePrefix(word);
      if (prefix?.address.family !== 6) return null;
      return prefix.length === 128 ? formatAddress(prefix.address) : `${formatAddress(prefix.address)}/${prefix.length}`;
    }
    case 'protocol': {
      const number = ebtablesProtocol(word);
      if (!Number.isInteger(number) || number < 0 || number > 255) return null;
      return PROTOCOLS.find(([, n]) => n === number)?.[0] ?? String(number);
    }
    case 'ports': {
      const [from, to] = word.includes(':') ? word.split(':') : [word, word];
      const first = Number(from === '' ? 0 : from);
      const last = Number(to === '' ? 65535 : to);
      if (!isUpTo(first, 65535) || !isUpTo(last, 65535) || last < first) return null;
      return first === last ? String(first) : `${first}:${last}`;
    }
    case 'byte': {
      const number = Number(word.startsWith('0x') ? word : `0x${word}`);
      return isUpTo(number, 255) ? `0x${number.toString(16).padStart(2, '0')}` : null;
    }
    case 'icmp':
    case 'icmp6':
    case 'igmp': {
      const range = readIcmpRange(option.value, word);
      return range === null ? null : printIcmpRange(option.value, range);
    }
    case 'arpop': {
      const known = ARP_OPERATIONS.find((x) => x.toLowerCase() === word.toLowerCase());
      if (known !== undefined) return known;
      const number = Number(word);
      return isUpTo(number, 65535) ? (ARP_OPERATIONS[number - 1] ?? String(number)) : null;
    }
    case 'number':
    case 'hex':
    case 'marked':
      return canonicalNumber(option, word);
    case 'verdict':
      return EBTABLES_VERDICTS.includes(word) ? word : null;
    case 'text':
      return canonicalText(option, word);
    case 'device':
    case 'flag':
      return word;
  }
}

function canonicalNumber(option: EbtablesOption, word: string): string | null {
  if (option.value === 'number') {
    if (option.name === '--arp-htype' && word.toLowerCase() === 'ethernet') return '1';
    const number = Number(word);
    return isUpTo(number, 0xffffffff) ? String(number) : null;
  }
  if (option.value === 'hex') {
    const number = option.name === '--arp-ptype' ? (readEtherType(word) ?? NaN) : Number(word);
    return isUpTo(number, 0xffffffff) ? `0x${number.toString(16)}` : null;
  }
  const slash = word.indexOf('/');
  const mark = slash === 0 ? '' : hexText(slash < 0 ? word : word.slice(0, slash));
  const mask = slash < 0 ? null : hexText(word.slice(slash + 1));
  if (mark === null || (slash >= 0 && mask === null)) return null;
  return mask === null || mask === '0xffffffff' ? mark : `${mark}/${mask}`;
}

function canonicalText(option: EbtablesOption, word: string): string | null {
  if (option.name === '--limit') {
    const match = /^(\d+)\/(s|sec|second|m|min|minute|h|hour|d|day)$/.exec(word);
    if (match === null) return null;
    const unit = (match[2] as string).charAt(0);
    return `${match[1]}/${unit === 's' ? 'sec' : unit === 'm' ? 'min' : unit === 'h' ? 'hour' : 'day'}`;
  }
  if (option.name === '--vlan-encap') {
    const type = readEtherType(word);
    return type === null ? null : type.toString(16).toUpperCase().padStart(4, '0');
  }
  return word;
}

function canonicalIpv4(word: string): string | null {
  const slash = word.indexOf('/');
  const address = parseIpv4(slash < 0 ? word : word.slice(0, slash));
  if (address === null) return null;
  if (slash < 0) return formatIpv4(address);
  const text = word.slice(slash + 1);
  const mask = /^\d{1,2}$/.test(text) ? maskWord(Number(text), 0) : parseIpv4(text);
  if (mask === null) return null;
  if (mask === -1) return formatIpv4(address);
  const length = Math.clz32(~mask);
  const isPrefix = maskWord(length, 0) === mask;
  return `${formatIpv4(address & mask)}/${isPrefix ? length : formatIpv4(mask)}`;
}

function hexText(word: string): string | null {
  const number = Number(word);
  return word !== '' && isUpTo(number, 0xffffffff) ? `0x${number.toString(16)}` : null;
}

function isUpTo(number: number, most: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= most;
}
