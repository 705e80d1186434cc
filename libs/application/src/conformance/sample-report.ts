/** A small Report with everything that filters ask about: two flows, three paths, rules, a drop, a reply. */
import { API_VERSION } from '@worldline/model';
import type { Disposition, ExchangeEntry, FlowReport, FlowTotals, Hop, MachineName, PacketReport, PathReport, Report, Step } from '@worldline/model';
import type { SimulationResult } from '../service/index.js';

function filter(table: string, hook: string, rules: readonly (readonly [chain: string, number: number | null])[], isDeciding = false): Step {
  return { kind: 'Filter', action: 'accept', detail: { hook, table, rules: rules.map(([chain, number]) => ({ chain, number, verdict: 'accept', text: `-A ${chain}` })) }, text: `${table} ${hook}`, isDeciding };
}

function hop(machine: MachineName, inputInterface: string | null, outputInterface: string | null, steps: readonly Step[]): Hop {
  return { machine, inputInterface, outputInterface, steps };
}

const THROUGH: readonly Hop[] = [
  hop('pod/default/a', null, 'eth0', []),
  hop('node/n1', 'veth1', 'eth0', [filter('nat', 'PREROUTING', [['PREROUTING', 1], ['KUBE-SERVICES', 2]], true), filter('filter', 'FORWARD', [['FORWARD', null]])]),
  hop('pod/default/b', 'eth0', null, [filter('filter', 'INPUT', [['INPUT', null]], true)]),
];
const LOST: readonly Hop[] = [hop('pod/default/a', null, 'eth0', []), hop('node/n1', 'veth1', null, [filter('filter', 'FORWARD', [['FORWARD', 3]], true)])];

interface PathSpec {
  readonly id: number;
  readonly protocol: string;
  readonly disposition: Disposition;
  readonly hops: readonly Hop[];
  readonly hasReply: boolean;
}

const DESTINATION = { ip: '10.0.0.10', port: 53 };

function exchangeOf({ disposition, hops, hasReply }: PathSpec, source: { ip: string; port: number }): ExchangeEntry[] {
  const trace = { disposition, reason: null, probability: 1, hops };
  const wire = [{ machine: 'node/n1', interface: 'veth1', direction: 'in', protocol: 'udp', source, destination: DESTINATION, ttl: 64, length: 60 }] as const;
  const reply: ExchangeEntry = { what: 'reply', trace: { ...trace, hops: [...hops].reverse() }, wire: [{ ...wire[0], source: DESTINATION, destination: source }] };
  return [{ what: 'request', trace, wire }, ...(hasReply ? [reply] : [])];
}

function packetOf(path: PathSpec, index: number): PacketReport {
  const source = { ip: '10.244.1.2', port: 40000 + index };
  const isDelivered = path.disposition === 'Accepted';
  const server = { machine: 'pod/default/b', local: { ip: '10.244.2.2', port: 5353 }, peer: source } as const;
  return {
    index,
    connection: index,
    at: `${index * 100}ms`,
    path: path.id,
    layer: isDelivered ? 'userSpace' : 'kernel',
    sent: { machine: 'pod/default/a', protocol: path.protocol, source, destination: DESTINATION },
    disposition: path.disposition,
    delivered: isDelivered ? server : null,
    reply: path.hasReply ? { machine: 'pod/default/a', local: source, peer: DESTINATION } : null,
    error: null,
    died: isDelivered ? null : { what: 'request', machine: 'node/n1', disposition: path.disposition, reason: null, rule: { table: 'filter', chain: 'FORWARD', number: 3 } },
    icmp: [],
    exchange: exchangeOf(path, source),
  };
}

function flowOf(name: string, paths: readonly PathSpec[], order: readonly number[]): FlowReport {
  const packets = order.map((path, index) => packetOf(paths[path] as PathSpec, index));
  const count = (is: (packet: PacketReport) => boolean): number => packets.filter(is).length;
  const byDisposition: Partial<Record<Disposition, number>> = {};
  for (const { disposition } of packets) byDisposition[disposition] = (byDisposition[disposition] ?? 0) + 1;
  const delivered = count(({ disposition }) => disposition === 'Accepted');
  const totals: FlowTotals = { sent: packets.length, delivered, dropped: packets.length - delivered, rejected: 0, undecided: 0, replied: count(({ reply }) => reply !== null), byDisposition };
  return { name, totals, packets, paths: paths.map((path) => pathOf(path, packets)) };
}

function pathOf({ id }: PathSpec, packets: readonly PacketReport[]): PathReport {
  const taken = packets.filter(({ path }) => path === id);
  const { disposition, delivered, died, sent, reply, error, exchange } = taken[0] as PacketReport;
  return { id, count: taken.length, probability: taken.length / packets.length, disposition, delivered, died, sent, reply, error, exchange: exchange.map(({ what, trace }) => ({ what, trace })) };
}

/** Flow `dns` (udp): packets 0, 2, 3 delivered and answered (path 0), packet 1 lost (path 1). Flow `web\n` (tcp, an awkward name): 2 packets delivered. */
export function sampleReport(digest = 'sha256:aa'): Report {
  const udp: readonly PathSpec[] = [
    { id: 0, protocol: 'udp', disposition: 'Accepted', hops: THROUGH, hasReply: true },
    { id: 1, protocol: 'udp', disposition: 'DeniedForward', hops: LOST, hasReply: false },
  ];
  const tcp: readonly PathSpec[] = [{ id: 0, protocol: 'tcp', disposition: 'Accepted', hops: THROUGH, hasReply: false }];
  return {
    apiVersion: API_VERSION,
    kind: 'Report',
    simulation: { id: digest, snapshotDigest: 'sha256:snapshot', scenarioDigest: 'sha256:scenario', seed: 1, engineVersion: '0.1.0' },
    flows: [flowOf('dns', udp, [0, 1, 0, 0]), flowOf('web\n\\', tcp, [0, 0])],
    findings: [],
    coverage: { rules: { modelled: 3, approximated: 0, unknown: 0 }, issues: [] },
    expectations: [
      { name: 'dns', passed: false, outcome: 'failed', detail: 'one packet was lost' },
      { name: 'web', passed: true, outcome: 'passed', detail: '' },
    ],
  };
}

export function sampleResult(digest?: string): SimulationResult {
  const report = sampleReport(digest);
  return { report, reportText: `${JSON.stringify(report)}\n`, topology: { machines: [{ name: 'node/n1', kind: 'node', node: null, interfaces: [] }], links: [] } };
}
