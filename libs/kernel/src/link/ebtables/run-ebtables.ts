/** The walk through the bridge tables of one hook (net/bridge/netfilter/ebtables.c ebt_do_table; net/netfilter/nf_tables_core.c nft_do_chain, 6.18). */
import {
  ACCEPT,
  DROP,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  STAGE_TRANSMIT,
  type PacketContext,
} from '../../packet/index.js';
import { STEP_UNMODELLED, drop, type Environment } from '../../record/index.js';
import { EBTABLES_BROUTE, EB_BROUTING, EB_PREROUTING } from './ebtables-hooks.js';
import * as ops from './ebtables-program.js';
import type { EbtablesProgramRule } from './ebtables-program.js';
import type { EbtablesChain, EbtablesState } from './ebtables-state.js';

export interface EbtablesDevice {
  readonly nameId: number;
  readonly macId: number;
  readonly masterPosition: number;
}

/** What the bridge tables need of a machine. */
export interface EbtablesMachine {
  readonly environment: Environment;
  readonly ebtables: EbtablesState;
  enqueue(p: PacketContext): void;
  readonly interfaces: { readonly list: readonly EbtablesDevice[] };
}

/** Bytes of an ARP packet over IPv4 and Ethernet. */
const ARP_LENGTH = 28;
const ETHER_IPV4 = 0x0800;
const ETHER_ARP = 0x0806;
const ETHER_IPV6 = 0x86dd;
/** ebtables-nft refuses deeper jumps, the old kernel tables loops of any kind. */
const DEEPEST_JUMP = 16;

const ARP_REQUEST = 1;
const ARP_REPLY = 2;

const NOT_MATCHED = 0;
const MATCHED = 1;
const UNMODELLED = 2;

/**
 * What the tables of a hook (EB_*) say of a frame: ACCEPT, DROP (its fate is the caller's to name, unless it is already Unmodelled),
 * or in BROUTING EBTABLES_BROUTE. `inPort` and `outPort` are interface positions, -1 for none.
 */
export function runEbtables(m: EbtablesMachine, p: PacketContext, hook: number, inPort: number, outPort: number): number {
  const chains = m.ebtables.byHook[hook];
  deciding.chain = null;
  for (let i = 0; i < chains.length; i++) {
    const chain = chains[i];
    let verdict = walk(m, p, chain, hook, inPort, outPort, 0);
    if (verdict === ops.EB_RETURN || verdict === ops.EB_CONTINUE) verdict = chain.policy === 'DROP' ? ops.EB_DROP : ops.EB_ACCEPT;
    if (verdict !== ops.EB_DROP) continue;
    if (hook === EB_BROUTING) return EBTABLES_BROUTE;
    noteDrop(m, p, chain);
    return DROP;
  }
  return ACCEPT;
}

/** EB_ACCEPT or EB_DROP where a rule decided, EB_CONTINUE at the end of the chain, EB_RETURN where a rule left it. */
function walk(m: EbtablesMachine, p: PacketContext, chain: EbtablesChain, hook: number, inPort: number, outPort: number, depth: number): number {
  const { rules } = chain;
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    const matched = matches(m, p, chain, i, inPort, outPort);
    if (matched === NOT_MATCHED) continue;
    if (matched === UNMODELLED || rule.target === ops.TARGET_UNMODELLED) return endUnmodelled(m, p, rule);
    const length = p.isArp ? ARP_LENGTH : p.length;
    chain.repeat(i, length, 1);
    if (m.environment.effects.isWatched) m.environment.effects.refresh(chain, i, length, Infinity);
    let verdict = rule.verdict;
    if (rule.target === ops.TARGET_JUMP) {
      const target = chain.jumps[i];
      if (target === null || depth >= DEEPEST_JUMP) return endUnmodelled(m, p, rule);
      verdict = walk(m, p, target, hook, inPort, outPort, depth + 1);
      if (verdict === ops.EB_CONTINUE && target.policy !== 'RETURN') {
        verdict = target.policy === 'DROP' ? ops.EB_DROP : ops.EB_ACCEPT;
        deciding.chain = target;
        deciding.rule = -1;
      }
      if (verdict === ops.EB_RETURN) verdict = ops.EB_CONTINUE;
    } else if (rule.target === ops.TARGET_ARPREPLY) verdict = answerArp(m, p, rule, inPort);
    else if (rule.target !== ops.TARGET_VERDICT) act(m, p, rule, hook, inPort);
    if (verdict === ops.EB_DROP && rule.target !== ops.TARGET_JUMP) {
      deciding.chain = chain;
      deciding.rule = i;
    }
    if (verdict !== ops.EB_CONTINUE) return verdict;
  }
  return ops.EB_CONTINUE;
}

/** The rule that said DROP last; -1 and the base chain for its policy. */
const deciding: { chain: EbtablesChain | null; rule: number } = { chain: null, rule: -1 };

/** The rule to blame, by its chain's name: a negative number in place of a chain program's uid. */
function noteDrop(m: EbtablesMachine, p: PacketContext, base: EbtablesChain): void {
  const chain = deciding.chain ?? base;
  p.dropChain = -1 - m.environment.words.id(`${chain.table} ${chain.name}`);
  p.dropRule = deciding.chain === null ? -1 : deciding.rule;
  deciding.chain = null;
}

function endUnmodelled(m: EbtablesMachine, p: PacketContext, rule: EbtablesProgramRule): number {
  const { words } = m.environment;
  m.environment.recorder.step1(p, STEP_UNMODELLED, words.id(`ebtables ${rule.unmodelled[0] ?? rule.chain}`));
  drop(p, 'Unmodelled', 'NOT_SPECIFIED');
  return ops.EB_DROP;
}

function act(m: EbtablesMachine, p: PacketContext, rule: EbtablesProgramRule, hook: number, inPort: number): void {
  switch (rule.target) {
    case ops.TARGET_MARK_SET:
      p.mark = rule.value;
      break;
    case ops.TARGET_MARK_OR:
      p.mark |= rule.value;
      break;
    case ops.TARGET_MARK_AND:
      p.mark &= rule.value;
      break;
    case ops.TARGET_MARK_XOR:
      p.mark ^= rule.value;
      break;
    case ops.TARGET_SNAT:
      p.sourceMac = rule.value;
      break;
    case ops.TARGET_DNAT:
      p.destinationMac = rule.value;
      retype(m, p, hook, inPort);
      break;
    case ops.TARGET_REDIRECT:
      p.destinationMac = ownMac(m, hook, inPort);
      p.packetType = PACKET_HOST;
      break;
  }
}

/** ebt_arpreply_tg: the answer leaves by the port that the question came in by. */
function answerArp(m: EbtablesMachine, p: PacketContext, rule: EbtablesProgramRule, inPort: number): number {
  if (!p.isArp || p.icmpType !== ARP_REQUEST) return ops.EB_CONTINUE;
  const q = m.environment.pool.take();
  q.isArp = true;
  q.icmpType = ARP_REPLY;
  q.source = p.destination;
  q.destination = p.source;
  q.sourceMac = rule.value;
  q.destinationMac = p.sourceMac;
  q.outputInterface = inPort;
  q.stage = STAGE_TRANSMIT;
  m.enqueue(q);
  return rule.verdict;
}

/** ebt_dnat_tg gives the frame the packet type of its new address. `nft list` shows a translation that says otherwise; the kernel runs the target itself. */
function retype(m: EbtablesMachine, p: PacketContext, hook: number, inPort: number): void {
  const { macWords } = m.ebtables;
  macWords.load(m.environment.macs);
  const high = macWords.high[p.destinationMac];
  if ((high & 0x0100) !== 0) p.packetType = high === 0xffff && macWords.low[p.destinationMac] === -1 ? PACKET_BROADCAST : PACKET_MULTICAST;
  else if (hook === EB_BROUTING || hook === EB_PREROUTING) {
    p.packetType = p.destinationMac === ownMac(m, hook, inPort) ? PACKET_HOST : PACKET_OTHERHOST;
  }
}

/** Of the port in BROUTING, else of its bridge. */
function ownMac(m: EbtablesMachine, hook: number, inPort: number): number {
  const port = m.interfaces.list[inPort];
  return hook === EB_BROUTING ? port.macId : m.interfaces.list[port.masterPosition].macId;
}

/** Whether all clauses of a rule agree, asked in their order. */
function matches(m: EbtablesMachine, p: PacketContext, chain: EbtablesChain, index: number, inPort: number, outPort: number): number {
  const rule = chain.rules[index];
  const { code } = rule;
  for (let at = 0; at < code.length; at += ops.OP_LENGTHS[code[at]]) {
    const op = code[at];
    if (op === ops.OP_UNMODELLED) return UNMODELLED;
    const isTrue = op <= ops.OP_LOGICAL_OUT ? frameMatches(m, p, rule, at, inPort, outPort) : headerMatches(m, p, chain, index, at);
    if (isTrue < 0 || (isTrue ^ code[at + 1]) === 0) return NOT_MATCHED;
  }
  return MATCHED;
}

/** The clauses on the frame itself: 1 or 0. */
function frameMatches(m: EbtablesMachine, p: PacketContext, rule: EbtablesProgramRule, at: number, inPort: number, outPort: number): number {
  const { code } = rule;
  switch (code[at]) {
    case ops.OP_ETHERTYPE:
      return code[at + 2] === (p.isArp ? ETHER_ARP : p.family === 4 ? ETHER_IPV4 : ETHER_IPV6) ? 1 : 0;
    case ops.OP_SOURCE_MAC:
      return isMac(m, p.sourceMac, code, at + 2);
    case ops.OP_DESTINATION_MAC:
      return isMac(m, p.destinationMac, code, at + 2);
    case ops.OP_IN:
      return isDevice(m, inPort, rule, at);
    case ops.OP_OUT:
      return isDevice(m, outPort, rule, at);
    case ops.OP_LOGICAL_IN:
      return isDevice(m, bridgeOf(m, inPort), rule, at);
    default:
      return isDevice(m, bridgeOf(m, outPort), rule, at);
  }
}

/** The clauses on what the frame carries: 1, 0, or -1 where the frame has no such header, which no inversion mends. */
function headerMatches(m: EbtablesMachine, p: PacketContext, chain: EbtablesChain, index: number, at: number): number {
  const rule = chain.rules[index];
  const { code } = rule;
  const op = code[at];
  if (op >= ops.OP_ARP_OPERATION && op <= ops.OP_ARP_PTYPE) return p.isArp ? arpMatches(m, p, code, at) : -1;
  switch (op) {
    case ops.OP_IP_SOURCE:
      return p.isArp || p.family !== 4 ? -1 : bit((p.source & code[at + 3]) === code[at + 2]);
    case ops.OP_IP_DESTINATION:
      return p.isArp || p.family !== 4 ? -1 : bit((p.destination & code[at + 3]) === code[at + 2]);
    case ops.OP_IP6_SOURCE:
      return p.family !== 6 ? -1 : bit(m.environment.addresses.isInPrefix6(p.source, code, at + 2));
    case ops.OP_IP6_DESTINATION:
      return p.family !== 6 ? -1 : bit(m.environment.addresses.isInPrefix6(p.destination, code, at + 2));
    case ops.OP_PROTOCOL:
      return p.isArp ? -1 : bit(p.protocol === code[at + 2]);
    case ops.OP_SOURCE_PORT:
      return p.isArp || p.fragmentOffset > 0 ? -1 : bit(p.sourcePort >= code[at + 2] && p.sourcePort <= code[at + 3]);
    case ops.OP_DESTINATION_PORT:
      return p.isArp || p.fragmentOffset > 0 ? -1 : bit(p.destinationPort >= code[at + 2] && p.destinationPort <= code[at + 3]);
    case ops.OP_ICMP:
      if (p.isArp || p.fragmentOffset > 0 || (p.protocol !== PROTOCOL_ICMP && p.protocol !== PROTOCOL_ICMPV6)) return -1;
      return bit(isWithin(p.icmpType, code[at + 2]) && isWithin(p.icmpCode, code[at + 3]));
    case ops.OP_TOS:
      return p.isArp ? -1 : bit(p.tos === code[at + 2]);
    case ops.OP_MARK:
      if (code[at + 4] === 1) return bit((p.mark & code[at + 3]) !== 0);
      return bit((p.mark & code[at + 3]) === code[at + 2]);
    case ops.OP_PACKET_TYPE:
      return bit(p.packetType === code[at + 2]);
    case ops.OP_LIMIT:
      m.environment.effects.refuse();
      return bit(takeCredit(m.environment.now, chain, index, code[at + 2] * ops.LIMIT_TICK_US, code[at + 3]));
    case ops.OP_AMONG_SOURCE:
      return isAmong(rule.amongs[code[at + 2]], p.sourceMac, p, p.source);
    case ops.OP_AMONG_DESTINATION:
      return isAmong(rule.amongs[code[at + 2]], p.destinationMac, p, p.destination);
    default:
      return -1;
  }
}

function arpMatches(m: EbtablesMachine, p: PacketContext, code: Int32Array, at: number): number {
  switch (code[at]) {
    case ops.OP_ARP_OPERATION:
      return bit(p.icmpType === code[at + 2]);
    case ops.OP_ARP_IP_SOURCE:
      return bit((p.source & code[at + 3]) === code[at + 2]);
    case ops.OP_ARP_IP_DESTINATION:
      return bit((p.destination & code[at + 3]) === code[at + 2]);
    case ops.OP_ARP_SOURCE_MAC:
      return isMac(m, p.sourceMac, code, at + 2);
    case ops.OP_ARP_DESTINATION_MAC:
      // A request does not know its target's address: the field is null.
      if (p.icmpType === 1) return bit(code[at + 2] === 0 && code[at + 3] === 0);
      return isMac(m, p.destinationMac, code, at + 2);
    case ops.OP_ARP_GRATUITOUS:
      return bit(p.source === p.destination);
    case ops.OP_ARP_HTYPE:
      return bit(code[at + 2] === 1);
    default:
      return bit(code[at + 2] === ETHER_IPV4);
  }
}

/** nft_limit_eval, ebt_limit_mt: a bucket of `burst` packets that fills by one every `cost` microseconds. */
function takeCredit(now: number, chain: EbtablesChain, index: number, cost: number, burst: number): boolean {
  const credit = Math.min(cost * burst, chain.credits[index] + now - chain.reckoned[index]);
  const isEnough = credit >= cost;
  chain.credits[index] = isEnough ? credit - cost : credit;
  chain.reckoned[index] = now;
  return isEnough;
}

function isAmong(pairs: readonly ops.AmongPair[], mac: number, p: PacketContext, address: number): number {
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i];
    if (pair.macId === mac && (pair.address === null || ((p.isArp || p.family === 4) && pair.address === address))) return 1;
  }
  return 0;
}

/** A range packed as `from | to << 8`. */
function isWithin(value: number, range: number): boolean {
  return value >= (range & 0xff) && value <= range >> 8;
}

function bit(isTrue: boolean): number {
  return isTrue ? 1 : 0;
}

function bridgeOf(m: EbtablesMachine, port: number): number {
  return port < 0 ? -1 : m.interfaces.list[port].masterPosition;
}

function isMac(m: EbtablesMachine, mac: number, code: Int32Array, at: number): number {
  return bit(m.ebtables.macWords.isMasked(m.environment.macs, mac, code, at));
}

/** A device by name, or by the beginning of its name where the rule ends in `+`. */
function isDevice(m: EbtablesMachine, position: number, rule: EbtablesProgramRule, at: number): number {
  if (position < 0) return 0;
  const { nameId } = m.interfaces.list[position];
  const wanted = rule.code[at + 2];
  return bit(wanted >= 0 ? nameId === wanted : m.environment.interfaceNames.name(nameId).startsWith(rule.prefixes[rule.code[at + 3]]));
}
