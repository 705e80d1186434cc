/** Reports by hand: say what matters, the rest is what a healthy run would say. */
import { API_VERSION, outcomeOf } from '@worldline/model';
import type {
  Disposition,
  Endpoint,
  ExchangeEntry,
  ExchangeWhat,
  FlowReport,
  FlowTotals,
  Hop,
  Json,
  PacketReport,
  PathReport,
  Report,
  SocketView,
  Step,
  StepKind,
  TraceReport,
} from '@worldline/model';

/** An endpoint of `10.0.0.1:80` or `[fd00::1]:80`. */
export function endpoint(text: string): Endpoint {
  const match = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  if (!match) return { ip: text };
  const ip = (match[1] ?? match[2]) as string;
  return match[3] === undefined ? { ip } : { ip, port: Number(match[3]) };
}

/** What a socket sees: `view('pod/default/a', '10.0.0.1:80', '10.0.0.2:4000')`. */
export function view(machine: string, local: string, peer: string): SocketView {
  return { machine, local: endpoint(local), peer: endpoint(peer) };
}

export function step(kind: StepKind, text: string, more: Partial<Step> = {}): Step {
  return { kind, action: 'accept', detail: {}, text, isDeciding: false, ...more };
}

/** A step that decided. */
export function deciding(kind: StepKind, action: string, text: string, detail: { readonly [key: string]: Json } = {}): Step {
  return { kind, action, detail, text, isDeciding: true };
}

/** A hop of `vetha>node/n1>eth0`; either interface may be missing. */
export function hop(way: string, ...steps: readonly Step[]): Hop {
  const [input = '', machine = '', output = ''] = way.split('>');
  return { machine, inputInterface: input || null, outputInterface: output || null, steps };
}

export function trace(disposition: Disposition, hops: readonly Hop[], more: Partial<TraceReport> = {}): TraceReport {
  return { disposition, reason: null, probability: 1, hops, ...more };
}

export function entry(what: ExchangeWhat, way: TraceReport): ExchangeEntry {
  return { what, trace: way, wire: [] };
}

export function packet(more: Partial<PacketReport> = {}): PacketReport {
  return {
    index: 0,
    connection: 0,
    at: '0ms',
    path: 0,
    layer: 'kernel',
    sent: { machine: 'pod/default/a', protocol: 'udp', source: endpoint('10.244.1.10:1234'), destination: endpoint('10.96.0.10:53') },
    disposition: 'Accepted',
    delivered: view('pod/default/b', '10.244.2.10:53', '10.244.1.10:1234'),
    reply: view('pod/default/a', '10.244.1.10:1234', '10.96.0.10:53'),
    error: null,
    died: null,
    icmp: [],
    exchange: [],
    ...more,
  };
}

/** A packet that got nowhere. */
export function lostPacket(disposition: Disposition, machine: string, more: Partial<PacketReport> = {}): PacketReport {
  return packet({ disposition, delivered: null, reply: null, died: { what: 'request', machine, disposition, reason: null, rule: null }, ...more });
}

/** A flow of packets; packets of equal `path` share one, whose exchange is that of the first. */
export function flow(name: string, packets: readonly PacketReport[]): FlowReport {
  const numbered = packets.map((one, index) => ({ ...one, index }));
  return { name, totals: totalsOf(numbered), paths: pathsOf(numbered), packets: numbered };
}

export function report(flows: readonly FlowReport[], more: Partial<Report> = {}): Report {
  return {
    apiVersion: API_VERSION,
    kind: 'Report',
    simulation: { id: 'sha256:1', snapshotDigest: 'sha256:2', scenarioDigest: 'sha256:3', seed: 1, engineVersion: '0' },
    flows,
    findings: [],
    coverage: { rules: { modelled: 0, approximated: 0, unknown: 0 }, issues: [] },
    expectations: [],
    ...more,
  };
}

function pathsOf(packets: readonly PacketReport[]): PathReport[] {
  const ids = [...new Set(packets.map(({ path }) => path))];
  return ids.map((id) => {
    const same = packets.filter(({ path }) => path === id);
    const { disposition, delivered, died, sent, reply, error, exchange } = same[0] as PacketReport;
    return { id, count: same.length, probability: same.length / packets.length, disposition, delivered, died, sent, reply, error, exchange };
  });
}

function totalsOf(packets: readonly PacketReport[]): FlowTotals {
  const count = (isCounted: (one: PacketReport) => boolean): number => packets.filter(isCounted).length;
  const byDisposition: Partial<Record<Disposition, number>> = {};
  for (const { disposition } of packets) byDisposition[disposition] = (byDisposition[disposition] ?? 0) + 1;
  return {
    sent: packets.length,
    delivered: count((one) => outcomeOf(one.disposition) === 'delivered'),
    dropped: count((one) => outcomeOf(one.disposition) === 'dropped'),
    rejected: count((one) => one.disposition === 'Rejected'),
    undecided: count((one) => outcomeOf(one.disposition) === 'undecided'),
    replied: count((one) => one.reply !== null),
    byDisposition,
  };
}
