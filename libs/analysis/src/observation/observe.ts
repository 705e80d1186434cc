/** A recording into what became of every packet. */
import type {
  MachineName,
  Observation,
  ObservedAsking,
  ObservedEntry,
  ObservedError,
  ObservedFlow,
  ObservedNotice,
  ObservedPacket,
  ObservedSocket,
  ObservedTrace,
  Probe,
  ProbeId,
  RecordedConnection,
  RecordedStep,
  Recording,
} from '@worldline/model';
import { findDeath } from './death.js';
import { Groups, hopOf } from './groups.js';
import type { PacketGroup } from './groups.js';
import { flagNames, readHeaders, readTraced } from './headers.js';
import type { Headers } from './headers.js';
import { Identifier, isOfRequest, markOf, segmentWhat, whatOf } from './identity.js';
import { learnConnections } from './connections.js';
import type { SeenPacket } from './connections.js';

export interface Played {
  readonly probes: readonly Probe[];
  readonly recording: Recording;
  /** Machines of the stage that are none of the bundle: nobody looks at what passes there. */
  readonly isOutside: (machine: MachineName) => boolean;
}

export interface Seen {
  readonly observation: Pick<Observation, 'flows' | 'arpRequests' | 'ndRequests' | 'events'>;
  readonly trace: ObservedTrace;
}

const ARP = 0x0806;
/** What the two stacks still say so long after a client gave up is not part of its exchange. */
const AFTERMATH_NS = 100_000_000;
/** An echo reply is freed as NO_SOCKET although a raw socket has its copy: where it was delivered that is no loss. */
const NO_LOSS = 'OTHERHOST';

export function observe(played: Played): Seen {
  const { probes, recording } = played;
  const packets = recording.packets.filter((p) => p[5] !== ARP && !played.isOutside(p[1])).flatMap(([at, machine, device, way, kind, , bytes]) => {
    const headers = readHeaders(bytes);
    return headers ? [{ at, machine, device, way, kind, headers }] : [];
  });
  const plain = packets.filter(({ headers }) => !isDiscovery(headers));
  const identifier = new Identifier();
  learnConnections(identifier, { probes, recording, packets: plain });
  // once to learn the servers' sequence numbers, once more to use them
  for (const { headers } of plain) identifier.identify(headers);
  const groups = new Groups();
  const accepted = new Map<string, ProbeId>();
  for (const p of plain) {
    const id = identifier.identify(p.headers);
    if (!id) continue;
    groups.of(id, p.at, `${p.machine} ${p.device} ${p.way}`).hops.push(hopOf(p.headers, p));
    if (p.headers.tcp && p.way === 'in') accepted.set(tupleKey(p.machine, { ip: p.headers.src, port: p.headers.sport }, { ip: p.headers.dst, port: p.headers.dport }), id);
  }
  addDrops(groups, identifier, recording);
  addSteps(groups, identifier, recording);
  const sockets = new SocketViews(recording, { identifier, accepted });
  return {
    observation: {
      flows: flowsOf(played, groups, sockets),
      ...askings('arpRequests', arpRequests(played)),
      ...askings('ndRequests', solicitations(packets)),
      ...(recording.events.length > 0 ? { events: recording.events.map(({ at, machine, run, code, stderr }) => ({ at: at / 1000, ns: machine, run, rc: code, ...(code === 0 ? {} : { stderr }) })) } : {}),
    },
    trace: traceOf(probes, groups),
  };
}

function isDiscovery({ icmp, family }: Headers): boolean {
  return family === 6 && icmp !== undefined && icmp.type >= 133 && icmp.type <= 136;
}

const tupleKey = (machine: string, from: { ip: string; port: number | undefined }, to: { ip: string; port: number | undefined }): string => `${machine} ${from.ip} ${from.port} ${to.ip} ${to.port}`;
const probeKey = ({ flow, index }: ProbeId): string => `${flow}/${index}`;

function addDrops(groups: Groups, identifier: Identifier, { drops }: Recording): void {
  for (const [at, machine, reason, caller, bytes] of drops) {
    const id = identifier.identify(readHeaders(bytes));
    if (id) (groups.find(id) ?? groups.of(id, at, null)).drops.push({ machine, reason, caller });
  }
}

/** Of a packet's events only the first has its headers. */
function addSteps(groups: Groups, identifier: Identifier, { trace }: Recording): void {
  const headers = new Map<string, Headers | null>();
  for (const step of trace) {
    const key = `${step.machine} ${step.id}`;
    if (step.network.length > 0) headers.set(key, readTraced(step.network, step.transport));
    const id = identifier.identify(headers.get(key) ?? null);
    if (id && step.table !== TRACE_TABLE) (groups.find(id) ?? groups.of(id, step.at, null)).steps.push(step);
  }
}

/** The table that makes the kernel trace. */
export const TRACE_TABLE = 'worldline_trace';

/** What sockets saw, by probe. */
class SocketViews {
  readonly delivered = new Map<string, ObservedSocket[]>();
  readonly replies = new Map<string, ObservedSocket[]>();
  readonly errors = new Map<string, ObservedError[]>();
  readonly notices = new Map<string, ObservedNotice[]>();
  readonly replyErrors = new Map<string, { ns: MachineName; errno: string }>();
  readonly connections = new Map<string, RecordedConnection>();
  readonly sent = new Map<string, Recording['sent'][number]>();

  constructor(recording: Recording, known: { identifier: Identifier; accepted: ReadonlyMap<string, ProbeId> }) {
    for (const { machine, head, local, peer } of recording.datagrams) {
      const mark = markOf(head);
      if (mark) this.add(mark.isQuestion ? this.delivered : this.replies, mark, { ns: machine, localAddr: local.ip, localPort: local.port, peerAddr: peer.ip, peerPort: peer.port });
    }
    for (const { machine, head, local, peer } of recording.accepts) {
      const id = (head && markOf(head)) ?? known.accepted.get(tupleKey(machine, peer, local));
      if (id) this.add(this.delivered, id, { ns: machine, localAddr: local.ip, localPort: local.port, peerAddr: peer.ip, peerPort: peer.port, data: head !== null });
    }
    for (const [, machine, bytes] of recording.icmp) this.addIcmp(machine, readHeaders(bytes), known.identifier);
    for (const e of recording.errors) {
      const mark = markOf(e.head);
      if (mark) this.add(this.errors, mark, errorOf(e));
    }
    for (const e of recording.sendErrors) this.add(this.errors, e, { when: 'send', errno: e.errno }, true);
    for (const { machine, head, errno } of recording.replyErrors) {
      const mark = markOf(head);
      if (mark) this.replyErrors.set(probeKey(mark), { ns: machine, errno });
    }
    for (const c of recording.connections) this.connections.set(probeKey(c), c);
    for (const s of recording.sent) this.sent.set(probeKey(s), s);
  }

  private add<T>(to: Map<string, T[]>, id: ProbeId, value: T, isFirst = false): void {
    const list = to.get(probeKey(id));
    if (!list) to.set(probeKey(id), [value]);
    else if (isFirst) list.unshift(value);
    else list.push(value);
  }

  private addIcmp(machine: MachineName, headers: Headers | null, identifier: Identifier): void {
    const id = identifier.identify(headers);
    if (!id || !headers?.icmp) return;
    const { type, code, mtu, target, quoted } = headers.icmp;
    const view = { ns: machine, localAddr: headers.dst, id: headers.icmp.id ?? 0, peerAddr: headers.src };
    if (type === 8 || type === 128) this.add(this.delivered, id, view);
    else if (type === 0 || type === 129) this.add(this.replies, id, view);
    else if (quoted) {
      const about = isOfRequest(id.kind) ? 'request' : 'reply';
      this.add(this.notices, id, { ns: machine, type, code, from: headers.src, to: headers.dst, about, ...(mtu === undefined ? {} : { mtu }), ...(target === undefined ? {} : { target }) });
    }
  }
}

/** struct sock_extended_err: origins 2 and 3 are ICMP and ICMPv6. */
function errorOf({ errno, origin, type, code, info, offender }: Recording['errors'][number]): ObservedError {
  const isTooBig = (origin === 2 && type === 3 && code === 4) || (origin === 3 && type === 2);
  if (origin === 2 || origin === 3) return { when: 'async', errno, icmp: { type, code, ...(offender === null ? {} : { from: offender }), ...(isTooBig && info > 0 ? { mtu: info } : {}) } };
  return { when: 'async', errno, ...(origin === 1 ? { origin: 'local' as const, ...(info > 0 ? { mtu: info } : {}) } : {}) };
}

function flowsOf(played: Played, groups: Groups, sockets: SocketViews): ObservedFlow[] {
  const flows = new Map<number, { head: Omit<ObservedFlow, 'packets'>; packets: ObservedPacket[] }>();
  for (const probe of played.probes) {
    const flow = flows.get(probe.flow) ?? { head: { name: probe.name, protocol: probe.protocol, from: probe.machine, at: probe.at / 1000 }, packets: [] };
    flows.set(probe.flow, flow);
    flow.packets.push(packetOf(probe, played, { groups: groups.ofProbe(probe.flow, probe.index), sockets }));
  }
  return [...flows.values()].map(({ head, packets }) => ({ ...head, packets }));
}

const single = <T>(list: readonly T[]): T | readonly T[] | null => (list.length > 1 ? list : (list[0] ?? null));

function packetOf(probe: Probe, played: Played, { groups, sockets }: { groups: readonly PacketGroup[]; sockets: SocketViews }): ObservedPacket {
  const key = probeKey(probe);
  const isTcp = probe.protocol === 'tcp';
  const connection = probe.kind === 'connect' ? sockets.connections.get(key) : undefined;
  const delivered = sockets.delivered.get(key) ?? [];
  const replies = connection ? (connection.echo === 'ok' && connection.peer ? [{ peerAddr: connection.peer.ip, peerPort: connection.peer.port }] : []) : (sockets.replies.get(key) ?? []);
  const isAnswered = connection ? connection.echo === 'ok' : (delivered.length > 0 || isTcp) && replies.length > 0;
  const isGood = isAnswered || (probe.isServerSilent && delivered.length > 0 && !isTcp);
  const died = isGood ? null : findDeath(groups, { delivered, from: probe.machine, first: firstWhat(probe), isHandMade: isTcp && !connection, isOutside: played.isOutside });
  const { wire, retransmissions, pureAcks } = wireOf(groups, connection ?? null);
  const others = isTcp ? [] : otherDrops(groups, { delivered, replies, died, isOutside: played.isOutside });
  const notices = sockets.notices.get(key);
  const replySendError = sockets.replyErrors.get(key);
  return {
    n: probe.index,
    sent: sentOf(probe, sockets.sent.get(key), connection ?? null),
    error: connection ? connectionError(connection) : (sockets.errors.get(key)?.[0] ?? null),
    ...(connection ? { connect: connection.connect, echo: connection.echo } : {}),
    delivered: single(delivered),
    reply: single(replies),
    ...(replySendError ? { replySendError } : {}),
    ...(notices ? { icmp: notices } : {}),
    died,
    ...(others.length > 0 ? { otherDrops: others } : {}),
    ...(retransmissions > 0 ? { retransmissions } : {}),
    ...(pureAcks > 0 ? { pureAcks } : {}),
    wire,
  };
}

function firstWhat({ protocol, kind, flags, payload }: Probe): string {
  if (protocol !== 'tcp') return 'request';
  return kind === 'connect' ? 'syn' : segmentWhat(flagNames(flags), true, payload);
}

function sentOf(probe: Probe, sent: Recording['sent'][number] | undefined, connection: RecordedConnection | null): ObservedPacket['sent'] {
  const src = connection?.local?.ip ?? sent?.ip ?? null;
  const dst = probe.to.replace(/%.*/, '');
  if (probe.protocol === 'icmp' || probe.protocol === 'icmpv6') return { src, dst, id: probe.port };
  return { src, sport: sent?.port ?? probe.port, dst, dport: probe.toPort };
}

function connectionError({ connect, echo }: RecordedConnection): ObservedError | null {
  if (connect !== 'ok') return { when: 'connect', errno: connect };
  return echo === 'ok' ? null : { when: 'echo', errno: echo ?? 'timeout' };
}

/** Entries with their hops; pure ACKs but the first are only counted, as are segments sent again and the aftermath. */
function wireOf(groups: readonly PacketGroup[], connection: RecordedConnection | null): { wire: ObservedEntry[]; retransmissions: number; pureAcks: number } {
  const wire: ObservedEntry[] = [];
  let [retransmissions, pureAcks, isAcked] = [0, 0, false];
  for (const { kind, hops, isAgain, at } of groups) {
    if (hops.length === 0) continue;
    const what = whatOf(kind);
    if (connection && (isAgain || at > connection.end + AFTERMATH_NS)) {
      retransmissions++;
      continue;
    }
    if (connection && (what === 'server-ack' || (what === 'ack' && isAcked))) {
      pureAcks++;
      continue;
    }
    isAcked ||= what === 'ack';
    wire.push({ what, ...(kind.of === 'error' ? { about: isOfRequest(kind) ? ('request' as const) : ('reply' as const) } : {}), hops });
  }
  return { wire, retransmissions, pureAcks };
}

type OtherDrop = NonNullable<ObservedPacket['otherDrops']>[number];

function otherDrops(
  groups: readonly PacketGroup[],
  { delivered, replies, died, isOutside }: { delivered: readonly ObservedSocket[]; replies: readonly ObservedSocket[]; died: ObservedPacket['died']; isOutside: Played['isOutside'] },
): OtherDrop[] {
  const out = new Map<string, OtherDrop>();
  for (const { kind, drops } of groups) {
    const what = whatOf(kind);
    for (const { machine, reason } of drops) {
      const isArrived = (what === 'request' && delivered.length > 0) || (what === 'reply' && replies.length > 0);
      const isDeath = died !== null && died.what === what && died.ns === machine && died.reason === reason;
      if (!isArrived && !isDeath && !isOutside(machine) && reason !== NO_LOSS) out.set(`${what} ${machine} ${reason}`, { what, ns: machine, reason });
    }
  }
  return [...out.values()];
}

function askings<K extends string>(key: K, list: readonly ObservedAsking[]): { [k in K]?: readonly ObservedAsking[] } {
  return list.length > 0 ? ({ [key]: list } as { [k in K]?: readonly ObservedAsking[] }) : {};
}

function counted(asked: readonly Omit<ObservedAsking, 'count'>[]): ObservedAsking[] {
  const counts = new Map<string, ObservedAsking>();
  for (const one of asked) {
    const key = `${one.ns} ${one.iface} ${one.target}`;
    counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function arpRequests({ recording, isOutside }: Played): ObservedAsking[] {
  const isRequest = (b: Uint8Array): boolean => b.length >= 28 && b[7] === 1;
  return counted(recording.packets.filter((p) => p[5] === ARP && p[3] === 'out' && !isOutside(p[1]) && isRequest(p[6])).map(([, ns, iface, , , , b]) => ({ ns, iface, target: b.slice(24, 28).join('.') })));
}

function solicitations(packets: readonly SeenPacket[]): ObservedAsking[] {
  return counted(packets.filter(({ way, headers }) => way === 'out' && headers.icmp?.type === 135 && headers.family === 6 && headers.src !== '::').map(({ machine, device, headers }) => ({ ns: machine, iface: device, target: headers.icmp?.target ?? '' })));
}

function traceOf(probes: readonly Probe[], groups: Groups): ObservedTrace {
  const out: Record<string, [string, string[]][]> = {};
  for (const probe of probes) {
    const rows = groups.ofProbe(probe.flow, probe.index).filter(({ steps }) => steps.length > 0);
    if (rows.length > 0) out[`${probe.name}/${probe.index}`] = rows.map(({ kind, steps }) => [whatOf(kind), compact(steps)]);
  }
  return out;
}

/** The machine, then `TABLE/CHAIN#NUMBER VERDICT`. */
function compact(steps: readonly RecordedStep[]): string[] {
  const out: string[] = [];
  let current = '';
  for (const s of steps) {
    if (s.machine !== current) out.push(`@${(current = s.machine)}`);
    const place = `${s.family === 'ip' || s.family === 'ip6' ? '' : `${s.family}:`}${s.table}/${s.chain}`;
    if (s.type === 'policy') out.push(`${place} policy ${s.policy}`);
    else if (s.type === 'rule' && s.hasHandle) out.push(`${place}#${s.number} ${s.verdict}${s.target === null ? '' : ` ${s.target}`}`);
    else out.push(`${place} return`);
  }
  return out;
}
