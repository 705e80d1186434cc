/**
 * What the kernel said about a death, and what a Report may call it. DEATHS is read from the top; the first row whose fields all fit decides, and a
 * field that a row leaves out fits anything. More than one disposition in a row: a recording cannot tell them apart.
 */
import { DROPPED } from '@worldline/model';
import type { Disposition, MachineName, Observation, ObservedDeath, ObservedFlow, ObservedPacket, ObservedSocket } from '@worldline/model';
import type { CaseFacts } from './case.js';

export interface Judged {
  readonly flow: ObservedFlow;
  readonly packet: ObservedPacket;
  readonly died: ObservedDeath;
  readonly facts: CaseFacts;
  readonly observation: Pick<Observation, 'snmp' | 'arpRequests' | 'ndRequests'>;
}

export interface DeathOption {
  readonly what: string;
  readonly machines: readonly MachineName[];
  readonly dispositions: readonly Disposition[];
}

export interface ExpectedDeath {
  /** Null: the table does not know this death; any drop will do. */
  readonly row: DeathRow | null;
  readonly isNoneAllowed: boolean;
  readonly options: readonly DeathOption[];
}

type RuleKind = 'reject' | 'drop' | 'policy' | 'none';
type Condition = (judged: Judged) => boolean;

export interface DeathRow {
  readonly reason: string | null;
  readonly caller?: string;
  readonly rule?: RuleKind;
  readonly when?: Condition;
  /** `denied`: the Denied* of the hook. */
  readonly dispositions: readonly Disposition[] | 'denied';
  /** Also right: a death at the fabric; none; the RST or what drew it. */
  readonly also?: 'fabric' | 'none' | 'reset';
  readonly isRuleUnknown?: true;
}

const listOf = <T>(value: T | readonly T[] | null | undefined): readonly T[] => (value === null || value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]);
export const socketsOf = (value: ObservedPacket['delivered']): readonly ObservedSocket[] => listOf(value);

/** The errnos of a sender whose own route lookup met an unreachable, prohibit or blackhole route. */
const REFUSED = ['EHOSTUNREACH', 'EACCES', 'EINVAL'];

const senderGot = ({ packet }: Judged, errnos: readonly string[]): boolean => packet.error !== null && (packet.error.when === 'send' || packet.error.when === 'connect') && errnos.includes(packet.error.errno);
const isUnreachable: Condition = (j) => senderGot(j, ['ENETUNREACH']);
const isRefused: Condition = (j) => senderGot(j, REFUSED);
const hasUnreachableRule: Condition = ({ packet, died, facts }) => (packet.sent.dst.includes(':') ? facts.unreachable6 : facts.unreachable).has(died.ns);
const counted = ({ died, observation }: Judged, name: string): boolean => (observation.snmp?.[died.ns]?.[name] ?? 0) > 0;
const asked = ({ observation }: Judged): readonly { readonly ns: string; readonly target: string }[] => [...(observation.arpRequests ?? []), ...(observation.ndRequests ?? [])];
const both = (a: Condition, b: Condition): Condition => (j) => a(j) && b(j);

const isLocalLoopback: Condition = ({ packet, died }) => died.lastHop === undefined && /^127\./.test(packet.sent.src ?? '');
const isScopedSource: Condition = ({ packet, died }) => /^(::$|fe[89ab])/i.test(packet.wire.find((w) => w.what === died.what)?.hops.at(-1)?.src ?? packet.sent.src ?? '');
const isLoop: Condition = ({ packet, died }) =>
  packet.wire.some((w) => w.what === died.what && w.hops.some((h, i) => h.ns === died.ns && h.dir === 'in' && w.hops.slice(0, i).some((g) => g.ns === h.ns && g.iface === h.iface && g.dir === 'in')));
const isUnanswered: Condition = (j) =>
  j.packet.delivered !== null && j.died.what === 'reply' && j.died.lastHop === undefined && !asked(j).some((a) => a.ns === j.died.ns && socketsOf(j.packet.delivered).some((d) => d.peerAddr === a.target));

const HOOK_DISPOSITIONS: Readonly<Record<string, Disposition>> = { INPUT: 'DeniedIn', FORWARD: 'DeniedForward', OUTPUT: 'DeniedOut', PREROUTING: 'DeniedPrerouting', POSTROUTING: 'DeniedPostrouting' };
const ANY_DENIED = Object.values(HOOK_DISPOSITIONS);

const DEATHS: readonly DeathRow[] = [
  // a rule, or the policy of a chain, said so; the hook picks the word, for a user's chain may be called from several
  { reason: 'NETFILTER_DROP', rule: 'reject', dispositions: ['Rejected'] },
  { reason: 'NETFILTER_DROP', rule: 'drop', dispositions: 'denied' },
  { reason: 'NETFILTER_DROP', rule: 'policy', dispositions: 'denied' },
  // a hook dropped it without a rule: ip_route_me_harder after a change in OUTPUT, or conntrack
  { reason: 'NETFILTER_DROP', rule: 'none', when: isLocalLoopback, dispositions: ['MartianSource', 'NoRoute'] },
  { reason: 'NETFILTER_DROP', rule: 'none', when: both(isUnreachable, hasUnreachableRule), dispositions: ['NoRoute', 'NullRouted'] },
  { reason: 'NETFILTER_DROP', rule: 'none', when: isUnreachable, dispositions: ['NoRoute'] },
  { reason: 'NETFILTER_DROP', rule: 'none', when: isRefused, dispositions: ['NullRouted'] },
  { reason: 'NETFILTER_DROP', rule: 'none', when: (j) => counted(j, 'conntrack.insert_failed'), dispositions: ['ConntrackInsertFailed'] },
  { reason: 'NETFILTER_DROP', rule: 'none', when: (j) => counted(j, 'conntrack.drop'), dispositions: ['ConntrackFull'] },
  { reason: 'NETFILTER_DROP', rule: 'none', isRuleUnknown: true, dispositions: [...ANY_DENIED, 'Rejected', 'ConntrackInsertFailed', 'ConntrackFull', 'NatFailed'] },

  // routing
  { reason: 'IP_INADDRERRORS', caller: 'ip_error', dispositions: ['ForwardingDisabled'] },
  { reason: 'IP_INNOROUTES', caller: 'ip_error', when: hasUnreachableRule, dispositions: ['NoRoute', 'NullRouted'] },
  { reason: 'IP_INNOROUTES', caller: 'ip_error', dispositions: ['NoRoute'] },
  { reason: 'NOT_SPECIFIED', caller: 'ip_error', dispositions: ['NullRouted'] },
  { reason: 'IP_INHDR', caller: 'ip_forward', when: isLoop, dispositions: ['TtlExpired', 'Loop'] },
  { reason: 'IP_INHDR', caller: 'ip_forward', dispositions: ['TtlExpired'] },
  { reason: 'PKT_TOO_BIG', caller: 'ip_forward', dispositions: ['TooBig'] },
  { reason: 'IP_RPFILTER', caller: 'ip_rcv_finish_core', dispositions: ['ReversePathFailed'] },
  { reason: 'IP_LOCAL_SOURCE', caller: 'ip_rcv_finish_core', dispositions: ['MartianSource'] },
  { reason: 'IP_LOCALNET', caller: 'ip_rcv_finish_core', dispositions: ['MartianSource'] },
  { reason: 'IP_INVALID_SOURCE', caller: 'ip_rcv_finish_core', dispositions: ['MartianSource'] },

  // routing, IPv6
  { reason: 'IP_INADDRERRORS', caller: 'ip6_forward', when: isScopedSource, dispositions: ['MartianSource'] },
  { reason: 'IP_INADDRERRORS', caller: 'ip6_forward', dispositions: ['ForwardingDisabled'] },
  { reason: 'IP_INNOROUTES', caller: 'ip6_pkt_discard', when: hasUnreachableRule, dispositions: ['NoRoute', 'NullRouted'] },
  { reason: 'IP_INNOROUTES', caller: 'ip6_pkt_discard', dispositions: ['NoRoute'] },
  { reason: 'IP_INNOROUTES', caller: 'ip6_pkt_prohibit', dispositions: ['NullRouted'] },
  { reason: 'NOT_SPECIFIED', caller: 'dst_discard_out', dispositions: ['NullRouted'] },
  { reason: 'IP_INHDR', caller: 'ip6_forward', when: isLoop, dispositions: ['TtlExpired', 'Loop'] },
  { reason: 'IP_INHDR', caller: 'ip6_forward', dispositions: ['TtlExpired'] },
  { reason: 'PKT_TOO_BIG', caller: 'ip6_forward', dispositions: ['TooBig'] },
  { reason: 'IP_INHDR', caller: 'ip6_rcv_core', dispositions: ['MartianSource'] },
  { reason: 'IPV6DISABLED', caller: 'ip6_rcv_core', dispositions: ['LinkDown', 'ForwardingDisabled'] },
  { reason: 'NOT_SPECIFIED', caller: 'br_nf_pre_routing_finish_ipv6', dispositions: ['NoRoute', 'MartianSource'] },

  // sockets
  { reason: 'NO_SOCKET', caller: '__udp4_lib_rcv', dispositions: ['NoListener'] },
  { reason: 'NO_SOCKET', caller: 'tcp_v4_rcv', dispositions: ['NoListener'] },
  { reason: 'NOT_SPECIFIED', caller: '__udp4_lib_rcv', dispositions: ['NoListener'] },
  { reason: 'NO_SOCKET', caller: '__udp6_lib_rcv', dispositions: ['NoListener'] },
  { reason: 'NO_SOCKET', caller: 'tcp_v6_rcv', dispositions: ['NoListener'] },
  { reason: 'IP_NOPROTO', caller: 'ip6_input_finish', dispositions: ['NoListener'] },
  { reason: 'NOT_SPECIFIED', caller: '__udp6_lib_rcv', dispositions: ['NoListener'] },
  { reason: 'NOT_SPECIFIED', caller: 'ip6_mc_input', dispositions: ['NoListener'] },

  // links and neighbours; of a bridge's refusals the kernel says the same for a port that is down and for hairpin
  { reason: 'NEIGH_FAILED', caller: 'neigh_invalidate', dispositions: ['NeighborUnreachable'] },
  { reason: 'NOT_SPECIFIED', caller: 'neigh_invalidate', dispositions: ['NeighborUnreachable'] },
  { reason: 'NO_TX_TARGET', caller: 'br_handle_frame_finish', dispositions: ['LostOnLink'] },
  { reason: 'NOT_SPECIFIED', caller: 'br_handle_frame_finish', dispositions: ['LostOnLink', 'LinkDown'] },
  { reason: 'NOT_SPECIFIED', caller: 'br_dev_xmit', dispositions: ['LostOnLink', 'LinkDown'] },
  { reason: 'QDISC_DROP', caller: '__dev_queue_xmit', dispositions: ['LinkDown'] },
  { reason: 'LOST_OUTSIDE', dispositions: ['LostOnLink', 'ExitsNetwork'], also: 'fabric' },

  // no drop was seen: the sender's own lookup failed, nobody made an answer, somebody still waits
  { reason: null, when: both(isUnreachable, hasUnreachableRule), dispositions: ['NoRoute', 'NullRouted'] },
  { reason: null, when: isUnreachable, dispositions: ['NoRoute'] },
  { reason: null, when: isRefused, dispositions: ['NullRouted'] },
  { reason: null, when: (j) => senderGot(j, ['EADDRNOTAVAIL']), dispositions: ['NoRoute'] },
  { reason: null, when: ({ packet }) => packet.error?.when === 'send' && packet.error.errno === 'EMSGSIZE', dispositions: ['TooBig'] },
  { reason: null, when: isUnanswered, dispositions: ['NoListener'], also: 'none' },
  { reason: null, when: ({ died }) => died.what === 'rst', dispositions: ['NoListener'], also: 'reset' },
  { reason: null, when: ({ died }) => / out$/.test(died.lastHop ?? ''), dispositions: ['NeighborUnreachable', 'LostOnLink', 'ExitsNetwork'], also: 'fabric' },
  { reason: null, when: (j) => asked(j).some((a) => a.ns === j.died.ns), dispositions: ['NeighborUnreachable'] },
];

/** What a Report may say about a death that was seen. */
export function expectedDeath(judged: Judged): ExpectedDeath {
  const { died, packet } = judged;
  const row = rowOf(judged);
  const dispositions = row === null ? DROPPED : row.dispositions === 'denied' ? deniedBy(judged) : row.dispositions;
  const options: DeathOption[] = [{ what: died.what, machines: row?.also === 'fabric' ? [died.ns, 'fabric'] : [died.ns], dispositions }];
  const cause = row?.also === 'reset' ? [...packet.wire].reverse().find((w) => ['data', 'ack', 'syn', 'fin'].includes(w.what)) : undefined;
  if (cause) options.push({ what: cause.what, machines: [(cause.hops.at(-1) as { ns: MachineName }).ns], dispositions: ['NoListener'] });
  // a broadcast can end in several places at once: any of them is the first
  for (const d of packet.otherDrops ?? []) if (d.what === died.what && d.ns !== died.ns) options.push({ what: d.what, machines: [d.ns], dispositions });
  return { row, isNoneAllowed: row?.also === 'none' || row?.also === 'reset', options };
}

function rowOf(judged: Judged): DeathRow | null {
  const { died } = judged;
  const rule = ruleKind(died);
  return DEATHS.find((row) => row.reason === died.reason && (row.caller ?? died.function) === died.function && (row.rule ?? rule) === rule && (row.when?.(judged) ?? true)) ?? null;
}

function ruleKind({ rule }: ObservedDeath): RuleKind {
  if (!rule) return 'none';
  if (rule.number === undefined) return 'policy';
  return / ?-j REJECT\b/.test(rule.text ?? '') ? 'reject' : 'drop';
}

/** The base chain comes from the packet's rule trace; without a trace any Denied* will do. */
function deniedBy(judged: Judged): readonly Disposition[] {
  const hook = hookOf(judged);
  const disposition = hook === null ? undefined : HOOK_DISPOSITIONS[hook];
  return disposition === undefined ? ANY_DENIED : [disposition];
}

function hookOf({ died, flow, packet, facts }: Judged): string | null {
  const { table, chain, number } = died.rule as NonNullable<ObservedDeath['rule']>;
  if (chain in HOOK_DISPOSITIONS) return chain;
  for (const [what, steps] of facts.trace?.[`${flow.name}/${packet.n}`] ?? []) {
    if (what !== died.what) continue;
    let machine: string | null = null;
    let base: string | null = null;
    for (const step of steps) {
      if (step.startsWith('@')) machine = step.slice(1);
      const [, inTable, inChain, at, verdict] = /^(\w+)\/(\S+?)(?:#(\d+))? (\S+)/.exec(step) ?? [];
      if (inChain === undefined || machine !== died.ns || inTable !== table) continue;
      if (inChain in HOOK_DISPOSITIONS) base = inChain;
      if (inChain === chain && Number(at) === number && verdict === 'drop' && base !== null) return base;
    }
  }
  return null;
}
