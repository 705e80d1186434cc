/**
 * Rules as integers: a rule is compiled once to a row of clauses, each an opcode, whether it is inverted, and its operands.
 * What a clause needs beyond integers (beginnings of names, lists of addresses) stands in the program's tables.
 */
import { parseIpv4, parsePrefix, maskWord } from '@worldline/model';
import {
  arpOperation,
  clauseValue,
  ebtablesProtocol,
  printMac,
  readEtherType,
  readIcmpRange,
  readMac,
  readMaskedMac,
  type EbtablesClause,
  type EbtablesRuleSpec,
  type MaskedMac,
} from '@worldline/language';
import type { Environment } from '../../record/index.js';

export const OP_ETHERTYPE = 1; // type
export const OP_SOURCE_MAC = 2; // high, low, high mask, low mask
export const OP_DESTINATION_MAC = 3;
export const OP_IN = 4; // name id or -1, prefix
export const OP_OUT = 5;
export const OP_LOGICAL_IN = 6;
export const OP_LOGICAL_OUT = 7;
export const OP_IP_SOURCE = 8; // address, mask
export const OP_IP_DESTINATION = 9;
export const OP_IP6_SOURCE = 10; // address words, mask words
export const OP_IP6_DESTINATION = 11;
export const OP_PROTOCOL = 12; // number
export const OP_SOURCE_PORT = 13; // from, to
export const OP_DESTINATION_PORT = 14;
export const OP_ICMP = 15; // types, codes
export const OP_TOS = 16; // value
export const OP_ARP_OPERATION = 17; // number
export const OP_ARP_IP_SOURCE = 18; // address, mask
export const OP_ARP_IP_DESTINATION = 19;
export const OP_ARP_SOURCE_MAC = 20; // as OP_SOURCE_MAC
export const OP_ARP_DESTINATION_MAC = 21;
export const OP_ARP_GRATUITOUS = 22;
export const OP_ARP_HTYPE = 23; // number
export const OP_ARP_PTYPE = 24; // number
export const OP_MARK = 25; // mark, mask, 1: any bit
export const OP_PACKET_TYPE = 26; // number
export const OP_LIMIT = 27; // microseconds a packet costs, most packets at once
export const OP_AMONG_SOURCE = 28; // list
export const OP_AMONG_DESTINATION = 29;
/** Frames that are not sent here: tagged, 802.3, BPDUs. */
export const OP_NEVER = 30;
/** An option that is not modelled: word id. */
export const OP_UNMODELLED = 31;

/** Integers of a clause by opcode, opcode and inversion included. */
export const OP_LENGTHS = [0, 3, 6, 6, 4, 4, 4, 4, 4, 4, 10, 10, 3, 4, 4, 4, 3, 3, 4, 4, 6, 6, 2, 3, 3, 5, 3, 4, 3, 3, 2, 3];

export const TARGET_VERDICT = 0;
export const TARGET_JUMP = 1;
export const TARGET_MARK_SET = 2;
export const TARGET_MARK_OR = 3;
export const TARGET_MARK_AND = 4;
export const TARGET_MARK_XOR = 5;
export const TARGET_DNAT = 6;
export const TARGET_SNAT = 7;
export const TARGET_REDIRECT = 8;
export const TARGET_ARPREPLY = 9;
export const TARGET_UNMODELLED = 10;

/** Verdicts of a rule. */
export const EB_ACCEPT = 0;
export const EB_DROP = 1;
export const EB_CONTINUE = 2;
export const EB_RETURN = 3;
const VERDICTS = ['ACCEPT', 'DROP', 'CONTINUE', 'RETURN'];

const PACKET_TYPES = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing', 'loopback', 'fastroute'];
const UNIT_US: Readonly<Record<string, number>> = { sec: 1_000_000, min: 60_000_000, hour: 3_600_000_000, day: 86_400_000_000 };

export interface AmongPair {
  readonly macId: number;
  /** null: any address. */
  readonly address: number | null;
}

export interface EbtablesProgramRule {
  /** Words after `-A CHAIN`, and the text that is printed of them. */
  readonly words: readonly string[];
  readonly text: string;
  readonly spec: EbtablesRuleSpec;
  readonly code: Int32Array;
  readonly target: number;
  /** Mark or MAC id. */
  readonly value: number;
  /** EB_*: what follows an action, or the verdict itself. */
  readonly verdict: number;
  /** Chain that TARGET_JUMP goes to. */
  readonly chain: string;
  /** Beginnings of device names. */
  readonly prefixes: readonly string[];
  readonly amongs: readonly (readonly AmongPair[])[];
  /** Words that are not modelled, for Issues. */
  readonly unmodelled: readonly string[];
}

/** Compiles one rule. Chains are named, not looked up: that is done whenever chains come or go. */
export function compileEbtablesRule(environment: Environment, spec: EbtablesRuleSpec, words: readonly string[], text: string): EbtablesProgramRule {
  const code: number[] = [];
  const prefixes: string[] = [];
  const amongs: AmongPair[][] = [];
  const unmodelled: string[] = [];
  const isIpv6 = clauseValue(spec.clauses, '-p') === 'IPv6';
  for (const clause of spec.clauses) {
    const { option, value } = clause;
    const inverted = clause.isInverted ? 1 : 0;
    switch (option.name) {
      case '-i':
      case '-o':
      case '--logical-in':
      case '--logical-out':
        if (value.endsWith('+')) code.push(DEVICE_OPS[option.name] as number, inverted, -1, prefixes.push(value.slice(0, -1)) - 1);
        else code.push(DEVICE_OPS[option.name] as number, inverted, environment.interfaceNames.id(value), -1);
        break;
      case '--among-src':
      case '--among-dst':
        code.push(option.name === '--among-src' ? OP_AMONG_SOURCE : OP_AMONG_DESTINATION, inverted, amongs.push(readAmong(environment, value)) - 1);
        break;
      case '--limit':
        code.push(...limitCode(value, clauseValue(spec.clauses, '--limit-burst')));
        break;
      default: {
        const compiled = compileClause(clause, inverted, isIpv6);
        if (compiled === null) {
          unmodelled.push(option.name);
          code.push(OP_UNMODELLED, 0, environment.words.id(`ebtables ${option.name}`));
        } else code.push(...compiled);
      }
    }
  }
  const target = compileTarget(environment, spec);
  if (target.target === TARGET_UNMODELLED) unmodelled.push(spec.target);
  return { words, text, spec, code: Int32Array.from(code), prefixes, amongs, unmodelled, ...target };
}

const DEVICE_OPS: Readonly<Record<string, number>> = { '-i': OP_IN, '-o': OP_OUT, '--logical-in': OP_LOGICAL_IN, '--logical-out': OP_LOGICAL_OUT };

const MAC_OPS: Readonly<Record<string, number>> = {
  '-s': OP_SOURCE_MAC,
  '-d': OP_DESTINATION_MAC,
  '--arp-mac-src': OP_ARP_SOURCE_MAC,
  '--arp-mac-dst': OP_ARP_DESTINATION_MAC,
};

const IPV4_OPS: Readonly<Record<string, number>> = {
  '--ip-src': OP_IP_SOURCE,
  '--ip-dst': OP_IP_DESTINATION,
  '--arp-ip-src': OP_ARP_IP_SOURCE,
  '--arp-ip-dst': OP_ARP_IP_DESTINATION,
};

/** The integers of a clause; empty for what only writes to a log, null for what is not modelled. */
function compileClause(clause: EbtablesClause, inverted: number, isIpv6: boolean): number[] | null {
  const { option, value } = clause;
  switch (option.value) {
    case 'ethertype':
      return [OP_ETHERTYPE, inverted, readEtherType(value) ?? -1];
    case 'mac': {
      const mac = readMaskedMac(value) as MaskedMac;
      return [MAC_OPS[option.name] as number, inverted, mac.high, mac.low, mac.highMask, mac.lowMask];
    }
    case 'ipv4': {
      const [address, mask] = addressAndMask(value);
      return [IPV4_OPS[option.name] as number, inverted, address & mask, mask];
    }
    case 'ipv6': {
      const prefix = parsePrefix(value);
      if (prefix === null) return null;
      const masks = [0, 1, 2, 3].map((i) => maskWord(prefix.length, i));
      const words = masks.map((mask, i) => (prefix.address.words[i] as number) & mask);
      return [option.name === '--ip6-src' ? OP_IP6_SOURCE : OP_IP6_DESTINATION, inverted, ...words, ...masks];
    }
    case 'protocol':
      return [OP_PROTOCOL, inverted, ebtablesProtocol(value)];
    case 'ports': {
      const [from, to] = value.split(':');
      return [option.name.endsWith('sport') ? OP_SOURCE_PORT : OP_DESTINATION_PORT, inverted, Number(from), Number(to ?? from)];
    }
    case 'byte':
      return [OP_TOS, inverted, Number(value)];
    case 'icmp':
    case 'icmp6': {
      const range = readIcmpRange(isIpv6 ? 'icmp6' : 'icmp', value);
      return range && [OP_ICMP, inverted, range.typeFrom | (range.typeTo << 8), range.codeFrom | (range.codeTo << 8)];
    }
    case 'igmp':
      return [OP_NEVER, inverted];
    case 'arpop':
      return [OP_ARP_OPERATION, inverted, arpOperation(value)];
    case 'marked':
      return markCode(value, inverted);
    case 'flag':
      return option.name === '--arp-gratuitous' ? [OP_ARP_GRATUITOUS, inverted] : [];
    case 'hex':
      return option.name === '--arp-ptype' ? [OP_ARP_PTYPE, inverted, Number(value)] : null;
    case 'number':
      if (option.name === '--arp-htype') return [OP_ARP_HTYPE, inverted, Number(value)];
      return compileSilent(option.extension, inverted);
    case 'text':
      if (option.name === '--pkttype-type') return [OP_PACKET_TYPE, inverted, PACKET_TYPES.indexOf(value)];
      return compileSilent(option.extension, inverted);
    case 'device':
    case 'plainmac':
    case 'verdict':
      return null;
  }
}

/** Options that match no frame of the simulation, or that change nothing. */
function compileSilent(extension: string, inverted: number): number[] | null {
  if (extension === 'vlan' || extension === 'stp' || extension === '802_3') return [OP_NEVER, inverted];
  return ['log', 'nflog', 'comment', 'limit'].includes(extension) ? [] : null;
}

function compileTarget(environment: Environment, spec: EbtablesRuleSpec): Pick<EbtablesProgramRule, 'target' | 'value' | 'verdict' | 'chain'> {
  const plain = VERDICTS.indexOf(spec.target);
  if (plain >= 0) return { target: TARGET_VERDICT, value: 0, verdict: plain, chain: '' };
  const given = spec.targetClauses.find((c) => c.option.value === 'verdict')?.value;
  const isGiven = given !== undefined;
  const verdict = VERDICTS.indexOf(given ?? 'ACCEPT');
  switch (spec.target) {
    case 'mark': {
      const clause = spec.targetClauses.find((c) => c.option.value === 'hex');
      const target = { '--mark-or': TARGET_MARK_OR, '--mark-and': TARGET_MARK_AND, '--mark-xor': TARGET_MARK_XOR }[clause?.option.name ?? ''];
      return { target: target ?? TARGET_MARK_SET, value: Number(clause?.value ?? 0) | 0, verdict, chain: '' };
    }
    case 'dnat':
    case 'snat': {
      const mac = clauseValue(spec.targetClauses, spec.target === 'dnat' ? '--to-dst' : '--to-src') ?? '00:00:00:00:00:00';
      return { target: spec.target === 'dnat' ? TARGET_DNAT : TARGET_SNAT, value: environment.macs.id(mac), verdict, chain: '' };
    }
    case 'redirect':
      return { target: TARGET_REDIRECT, value: 0, verdict, chain: '' };
    case 'arpreply':
      return { target: TARGET_ARPREPLY, value: environment.macs.id(clauseValue(spec.targetClauses, '--arpreply-mac') ?? '00:00:00:00:00:00'), verdict: isGiven ? verdict : EB_DROP, chain: '' };
    default:
      return { target: TARGET_JUMP, value: 0, verdict: EB_CONTINUE, chain: spec.target };
  }
}

function markCode(value: string, inverted: number): number[] {
  const slash = value.indexOf('/');
  const mask = slash < 0 ? -1 : Number(value.slice(slash + 1)) | 0;
  if (slash === 0) return [OP_MARK, inverted, 0, mask, 1];
  return [OP_MARK, inverted, Number(slash < 0 ? value : value.slice(0, slash)) | 0, mask, 0];
}

/** Costs are rounded to whole microseconds; a day's worth of one packet is more than an integer holds, so tens of microseconds are kept. */
function limitCode(value: string, burst: string | null): number[] {
  const [count, unit] = value.split('/');
  return [OP_LIMIT, 0, Math.round((UNIT_US[unit ?? 'sec'] as number) / Math.max(1, Number(count)) / LIMIT_TICK_US), Number(burst ?? 5)];
}

/** Microseconds in one unit of a limit's cost. */
export const LIMIT_TICK_US = 50;

function addressAndMask(value: string): [number, number] {
  const [text, length] = value.split('/');
  const mask = length === undefined ? -1 : /^\d+$/.test(length) ? maskWord(Number(length), 0) : (parseIpv4(length) ?? -1);
  return [parseIpv4(text ?? '') ?? 0, mask];
}

/** `MAC[=IP],...`. */
function readAmong(environment: Environment, value: string): AmongPair[] {
  const pairs: AmongPair[] = [];
  for (const word of value.split(',')) {
    if (word === '') continue;
    const [macText, ipText] = word.split('=');
    const mac = readMac(macText ?? '');
    if (mac === null) continue;
    pairs.push({ macId: environment.macs.id(printMac(mac.high, mac.low)), address: ipText === undefined ? null : parseIpv4(ipText) });
  }
  return pairs;
}
