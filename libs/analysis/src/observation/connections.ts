/** Which SYN began which connection: only the first is known by more than its sequence number. */
import type { MachineName, Probe, Recording } from '@worldline/model';
import { readHeaders, readTraced } from './headers.js';
import type { Headers } from './headers.js';
import type { Identifier } from './identity.js';

export interface SeenPacket {
  readonly at: number;
  readonly machine: MachineName;
  readonly device: string;
  readonly way: 'in' | 'out';
  readonly kind: number;
  readonly headers: Headers;
}

interface Syn {
  readonly at: number;
  readonly machine: MachineName;
  readonly headers: Headers;
}

const SYN_OR_ACK = 18;
const SYN = 2;
/** How far apart the recorder makes the sequence numbers of a flow's segments. */
const SEGMENT_STEP = 1000;
const BEFORE_NS = 2_000_000;
const LATER_NS = 2_000_000_000;
const SOON_NS = 60_000_000;

export function learnConnections(identifier: Identifier, seen: { probes: readonly Probe[]; recording: Recording; packets: readonly SeenPacket[] }): void {
  const { probes } = seen;
  for (const p of probes) {
    if (p.protocol !== 'tcp' || p.kind !== 'raw' || p.index > 0) continue;
    const count = probes.filter((q) => q.flow === p.flow).length;
    identifier.learn(p, { client: p.seq, server: p.ack === 0 ? null : p.ack, room: SEGMENT_STEP * count + p.payload, step: SEGMENT_STEP });
  }
  const syns = synsOf(seen);
  const open = new Set(probes.filter((p) => p.kind === 'connect'));
  const sent = new Map(seen.recording.sent.map((s) => [`${s.flow}/${s.index}`, s]));
  // the surest signs first: a packet may have been translated before anybody saw it
  for (const fits of [isSameFlow, isSamePort, isSoon]) {
    for (const probe of open) {
      const start = sent.get(`${probe.flow}/${probe.index}`);
      if (!start) continue;
      const syn = syns.find((s) => s.machine === probe.machine && s.at >= start.at - BEFORE_NS && s.at <= start.at + LATER_NS && !identifier.isKnown(seqOf(s)) && fits(s, { probe, at: start.at, port: start.port }));
      if (!syn) continue;
      identifier.learn(probe, { client: seqOf(syn), server: null, room: probe.payload + 16, step: 0 });
      open.delete(probe);
    }
  }
}

interface Start {
  readonly probe: Probe;
  readonly at: number;
  readonly port: number | null;
}

const seqOf = ({ headers }: Syn): number => headers.tcp?.seq ?? 0;
const isSamePort = ({ headers }: Syn, { port }: Start): boolean => headers.sport === port;
const isSameFlow = (syn: Syn, start: Start): boolean => isSamePort(syn, start) && syn.headers.dst === start.probe.to.replace(/%.*/, '') && syn.headers.dport === start.probe.toPort;
const isSoon = ({ at }: Syn, start: Start): boolean => at <= start.at + SOON_NS;

/** SYNs that a machine sent: as the first rule saw them, as they left, as they were dropped. */
function synsOf({ recording, packets }: { recording: Recording; packets: readonly SeenPacket[] }): Syn[] {
  const isSyn = (h: Headers | null): h is Headers => h?.tcp !== undefined && (h.tcp.flags & SYN_OR_ACK) === SYN;
  const traced = recording.trace.flatMap((s) => {
    const headers = s.chain === 'out' && s.transport.length >= 14 ? readTraced(s.network, s.transport) : null;
    return isSyn(headers) ? [{ at: s.at, machine: s.machine, headers }] : [];
  });
  const sent = packets.filter(({ way, headers }) => way === 'out' && isSyn(headers));
  const dropped = recording.drops.flatMap(([at, machine, , , bytes]) => {
    const headers = readHeaders(bytes);
    return isSyn(headers) ? [{ at, machine, headers }] : [];
  });
  return [...traced, ...sent, ...dropped].sort((a, b) => a.at - b.at);
}
