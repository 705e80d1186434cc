/** One packet of a Report against what was seen of it, eye by eye: fate, error, reply, died, icmp. Each returns what was expected and what was said; empty when all is right. */
import { formatAddress, parseAddress } from '@worldline/model';
import type { Death, Disposition, FlowReport, Observation, ObservedFlow, ObservedPacket, ObservedSocket, PacketReport, SocketView } from '@worldline/model';
import type { CaseFacts } from './case.js';
import { expectedDeath, socketsOf } from './deaths.js';
import type { DeathOption, ExpectedDeath } from './deaths.js';
import type { DrawnPorts } from './ports.js';

/** What the kernel did, what the prediction says. */
export interface Discord {
  readonly kernel: string;
  readonly predicted: string;
}

export interface Pair {
  readonly flow: ObservedFlow;
  readonly packet: ObservedPacket;
  readonly got: PacketReport;
}

export interface Eyes {
  readonly observation: Pick<Observation, 'snmp' | 'arpRequests' | 'ndRequests'>;
  readonly facts: CaseFacts;
  readonly ports: DrawnPorts;
}

export type Check = (pair: Pair, eyes: Eyes) => Discord[];

export const show = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
export const discord = (kernel: unknown, predicted: unknown): Discord => ({ kernel: show(kernel), predicted: show(predicted) });

/** An address as a value: in the one spelling of RFC 5952, without zone. */
export function plainAddress(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null;
  const address = parseAddress(text.replace(/^\[|\]$/g, '').replace(/%.*$/, ''));
  return address ? formatAddress(address) : text;
}

const isSameAddress = (a: string | null | undefined, b: string | null | undefined): boolean => plainAddress(a) === plainAddress(b);
const isEcho = (protocol: string): boolean => protocol === 'icmp' || protocol === 'icmpv6';
const viewsOf = (value: SocketView | readonly SocketView[] | null): readonly SocketView[] => (value === null ? [] : Array.isArray(value) ? (value as readonly SocketView[]) : [value as SocketView]);
/** Hand-made TCP segments have no socket behind them. */
const isHandMade = (flow: ObservedFlow, packet: ObservedPacket): boolean => flow.protocol === 'tcp' && packet.connect === undefined;
export const plainWhat = (what: string): string => what.replace(/-fragment@\d+$/, '');

export function fate(pair: Pair, eyes: Eyes): Discord[] {
  const { packet, got } = pair;
  const { sent } = packet;
  const out: Discord[] = [];
  if (sent.src !== null) {
    if (!isSameAddress(got.sent.source.ip, sent.src)) out.push(discord(`sent from ${sent.src}`, got.sent.source.ip));
    const port = sent.sport ?? sent.id ?? null;
    if (port !== null && !eyes.ports.isSame(port, got.sent.source.port)) out.push(discord(`sent from port ${port}`, got.sent.source.port));
  }
  if (!isSameAddress(got.sent.destination.ip, sent.dst)) out.push(discord(`sent to ${sent.dst}`, got.sent.destination.ip));
  out.push(...places(pair, eyes, { word: 'delivered', expected: socketsOf(packet.delivered), got: viewsOf(got.delivered) }));
  const allowed = firstDispositions(pair, eyes);
  if (!allowed.includes(got.disposition)) out.push(discord(`disposition ${allowed.join(' or ')}`, got.disposition));
  return out;
}

/** Several are a set: who got a broadcast first is chance. */
function places({ flow }: Pair, { ports }: Eyes, { word, expected, got }: { word: string; expected: readonly ObservedSocket[]; got: readonly SocketView[] }): Discord[] {
  const left = [...got];
  const out: Discord[] = [];
  const isId = isEcho(flow.protocol);
  for (const e of expected) {
    const i = left.findIndex(
      (g) =>
        g.machine === e.ns &&
        isSameAddress(g.local.ip, e.localAddr) &&
        isSameAddress(g.peer.ip, e.peerAddr) &&
        ports.isSame(isId ? e.id : e.localPort, g.local.port, isId) &&
        (isId || ports.isSame(e.peerPort, g.peer.port)),
    );
    if (i < 0) out.push(discord(`${word} ${e.ns} ${e.localAddr}:${e.localPort ?? e.id} from ${e.peerAddr}:${e.peerPort ?? ''}`, left.length > 0 ? left : 'nobody'));
    else left.splice(i, 1);
  }
  if (out.length === 0 && left.length > 0) out.push(discord(expected.length > 0 ? `${word} ${expected.length} times` : `${word}: nobody`, left));
  return out;
}

function firstWhat({ flow, packet }: Pair): string {
  if (flow.protocol !== 'tcp') return 'request';
  return isHandMade(flow, packet) ? (packet.wire[0]?.what ?? packet.died?.what ?? 'syn') : 'syn';
}

/** What the table of deaths says; `note` when it does not know this one. */
export function deathOf(pair: Pair, { facts, observation }: Eyes): ExpectedDeath {
  const { flow, packet } = pair;
  if (packet.died) return expectedDeath({ flow, packet, died: packet.died, facts, observation });
  const last = packet.wire[0]?.hops.at(-1);
  // a listening socket throws away a stray FIN or RST without a word
  const options: readonly DeathOption[] = isHandMade(flow, packet) && last ? [{ what: firstWhat(pair), machines: [last.ns], dispositions: ['NoListener'] }] : [];
  return { row: null, isNoneAllowed: true, options };
}

function firstDispositions(pair: Pair, eyes: Eyes): Disposition[] {
  const first = firstWhat(pair);
  const { options, isNoneAllowed } = deathOf(pair, eyes);
  const own = options.filter((o) => plainWhat(o.what) === first).flatMap((o) => o.dispositions);
  const isElsewhere = isNoneAllowed || options.some((o) => plainWhat(o.what) !== first);
  return [...new Set<Disposition>([...(isElsewhere ? (['Accepted'] as const) : []), ...own])];
}

export function error({ flow, packet, got }: Pair): Discord[] {
  const e = packet.error;
  const g = got.error;
  if (!e) return g ? [discord('no error', g)] : [];
  if (!g) return [discord(e, 'no error')];
  const out: Discord[] = [];
  if (g.when !== e.when) out.push(discord(`error at ${e.when}`, g.when));
  if (g.errno !== e.errno && !(e.errno === 'timeout' && g.errno === 'ETIMEDOUT')) out.push(discord(e.errno, g.errno));
  if (e.icmp) {
    const { type, code, from } = e.icmp;
    if (g.icmp?.type !== type || g.icmp.code !== code || (from !== undefined && !isSameAddress(g.icmp.from, from))) out.push(discord(`icmp ${type}/${code} from ${from ?? 'somebody'}`, g.icmp));
  } else if (g.icmp && flow.protocol !== 'tcp' && e.when === 'async') out.push(discord('an error without icmp', g.icmp));
  return out;
}

export function reply(pair: Pair, eyes: Eyes): Discord[] {
  const { flow, packet, got } = pair;
  const seen = socketsOf(packet.reply);
  // a TCP client's own end is known
  const expected = flow.protocol === 'tcp' ? seen.map((r) => ({ ns: flow.from, localAddr: packet.sent.src ?? '', localPort: packet.sent.sport ?? 0, ...r })) : seen;
  return places(pair, eyes, { word: 'reply', expected, got: viewsOf(got.reply) });
}

export function icmp({ packet, got }: Pair): Discord[] {
  const text = (type: number, code: number, rest: string, mtu: number | undefined): string => `${type}/${code} ${rest}${mtu === undefined ? '' : ` mtu ${mtu}`}`;
  const expected = (packet.icmp ?? []).map((i) => text(i.type, i.code, `from ${plainAddress(i.from)} to ${plainAddress(i.to)} at ${i.ns} about ${i.about}`, i.mtu)).sort();
  const said = got.icmp.map((i) => text(i.type, i.code, `from ${plainAddress(i.from)} to ${plainAddress(i.to)} at ${i.machine} about ${i.about}`, i.mtu)).sort();
  return expected.join('\n') === said.join('\n') ? [] : [discord(expected.length > 0 ? expected.join('; ') : 'no icmp', said.length > 0 ? said.join('; ') : 'no icmp')];
}

export function died(pair: Pair, eyes: Eyes): Discord[] {
  const { packet, got } = pair;
  const g = got.died;
  const expected = deathOf(pair, eyes);
  if (!g) return expected.isNoneAllowed ? [] : [discord(`died: ${describe(expected.options)}`, 'nothing died')];
  if (expected.options.length === 0) return [discord('nothing died', deathText(g))];
  if (!expected.options.some((o) => isSameWhat(o.what, g.what) && o.machines.some((m) => isAt(m, g.machine)) && o.dispositions.includes(g.disposition))) return [discord(`died: ${describe(expected.options)}`, deathText(g))];
  if (expected.row?.isRuleUnknown) return [];
  const seen = packet.died?.rule ? `${packet.died.rule.table} ${packet.died.rule.chain} ${packet.died.rule.number ?? 'policy'}` : 'no rule';
  const said = g.rule ? `${g.rule.table} ${g.rule.chain} ${g.rule.number ?? 'policy'}` : 'no rule';
  return seen === said ? [] : [discord(seen, said)];
}

const isAt = (expected: string, got: string): boolean => expected === got || (expected === 'fabric' && got.startsWith('fabric/'));
const isSameWhat = (expected: string, got: string): boolean => expected === got || (expected !== plainWhat(expected) && (got === 'fragment' || got === plainWhat(expected)));
const deathText = ({ what, machine, disposition }: Death): string => `${what} at ${machine}: ${disposition}`;
const describe = (options: readonly DeathOption[]): string => options.map((o) => `${o.what} at ${o.machines.join(' or ')}: ${o.dispositions.length > 6 ? 'some drop' : o.dispositions.join(' or ')}`).join('; or ');

/** The one packet of a flow with this index. */
export function packetAt(flow: FlowReport | undefined, index: number): PacketReport | string {
  const [found, ...others] = (flow?.packets ?? []).filter((p) => p.index === index);
  if (!found || others.length > 0) return found ? `${others.length + 1} packets of index ${index}` : 'none';
  return found;
}
