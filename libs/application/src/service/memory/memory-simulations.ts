/** Simulations in memory. Results are kept as Reports and questions answered by looking at all of them. */
import type { FlowReport, PacketReport, PathReport } from '@worldline/model';
import { aggregate } from './aggregate.js';
import { isKept } from './filter.js';
import type { Candidate } from './filter.js';
import { RecordsInMemory } from './records-in-memory.js';
import { pageOfList } from '../pages.js';
import type { CursorPart } from '../pages.js';
import type { Created, Idempotency, NewSimulation, Page, PageRequest, SimulationFilter, SimulationResult, SimulationStore, Surroundings } from '../ports.js';
import type { Bucket, Dimension, FlowRecord, PacketKey, PacketRecord, PathKey, PathRecord, Problem, Progress, SimulationRecord, SimulationSummary, Topology, TraceFilter, TraceRecord } from '../records.js';
import { progressOfReport, summaryOf, verdictOf } from '../summary.js';
import { withoutHops } from '../visits.js';

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

export class MemorySimulations implements SimulationStore {
  private readonly records = new RecordsInMemory<SimulationRecord>();
  private readonly results = new Map<string, SimulationResult>();

  constructor(private readonly surroundings: Surroundings) {}

  create(simulation: NewSimulation, idempotency: Idempotency | null): Promise<Created<SimulationRecord>> {
    const record: SimulationRecord = {
      ...simulation,
      status: 'queued',
      progress: { done: 0, of: 0 },
      createdAt: this.surroundings.now(),
      finishedAt: null,
      reportDigest: null,
      verdict: null,
      problem: null,
    };
    return Promise.resolve(this.records.create(record, idempotency));
  }

  get(ids: readonly string[]): Promise<readonly SimulationRecord[]> {
    return Promise.resolve(this.records.get(ids));
  }

  async list(filter: SimulationFilter, page: PageRequest): Promise<Page<SimulationRecord>> {
    const key = ({ createdAt, id }: SimulationRecord): CursorPart[] => [createdAt, id];
    const listed = [...this.matching(filter)].sort((a, b) => (a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1));
    return pageOfList(listed, page, ['t', 's'], key, false);
  }

  count(filter: SimulationFilter): Promise<number> {
    return Promise.resolve(this.matching(filter).length);
  }

  unfinished(): Promise<readonly string[]> {
    return Promise.resolve(this.records.unfinished());
  }

  start(id: string): Promise<SimulationRecord | null> {
    return Promise.resolve(this.records.change(id, { status: 'running', progress: { done: 0, of: 0 } }));
  }

  progress(id: string, progress: Progress): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { progress }) !== null);
  }

  succeed(id: string, result: SimulationResult): Promise<boolean> {
    const { report } = result;
    const change = { status: 'succeeded', finishedAt: this.surroundings.now(), reportDigest: report.simulation.id, verdict: verdictOf(report), progress: progressOfReport(report) } as const;
    const isStored = this.records.change(id, change) !== null;
    if (isStored) this.results.set(id, result);
    return Promise.resolve(isStored);
  }

  fail(id: string, problem: Problem): Promise<boolean> {
    return Promise.resolve(this.records.change(id, { status: 'failed', finishedAt: this.surroundings.now(), problem }) !== null);
  }

  cancel(id: string): Promise<SimulationRecord | null> {
    this.records.change(id, { status: 'canceled', finishedAt: this.surroundings.now() });
    return Promise.resolve(this.records.one(id) ?? null);
  }

  purge(id: string): Promise<boolean> {
    this.results.delete(id);
    return Promise.resolve(this.records.delete(id));
  }

  report(id: string): Promise<Uint8Array | null> {
    const result = this.results.get(id);
    return Promise.resolve(result ? new TextEncoder().encode(result.reportText) : null);
  }

  summaries(ids: readonly string[]): Promise<readonly (SimulationSummary & { readonly simulation: string })[]> {
    return Promise.resolve(ids.flatMap((simulation) => {
        const result = this.results.get(simulation);
        return result ? [{ simulation, ...summaryOf(result.report) }] : [];
      }),
    );
  }

  topology(id: string): Promise<Topology | null> {
    return Promise.resolve(this.results.get(id)?.topology ?? null);
  }

  async flows(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<FlowRecord>> {
    return pageOfList(this.keptFlows(simulation, filter), page, ['n'], ({ position }) => [position]);
  }

  async packets(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PacketRecord>> {
    return pageOfList(this.keptPackets(simulation, filter), page, ['n', 'n'], ({ flow, index }) => [flow, index]);
  }

  async traces(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<TraceRecord>> {
    return pageOfList(this.keptTraces(simulation, filter), page, ['n', 'n', 'n'], ({ flow, index, entry }) => [flow, index, entry]);
  }

  async paths(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PathRecord>> {
    return pageOfList(this.keptPaths(simulation, filter), page, ['n', 'n'], ({ flow, path }) => [flow, path]);
  }

  countFlows(simulation: string, filter: TraceFilter): Promise<number> {
    return Promise.resolve(this.keptFlows(simulation, filter).length);
  }

  countPackets(simulation: string, filter: TraceFilter): Promise<number> {
    return Promise.resolve(this.keptPackets(simulation, filter).length);
  }

  countTraces(simulation: string, filter: TraceFilter): Promise<number> {
    return Promise.resolve(this.keptTraces(simulation, filter).length);
  }

  countPaths(simulation: string, filter: TraceFilter): Promise<number> {
    return Promise.resolve(this.keptPaths(simulation, filter).length);
  }

  aggregate(simulation: string, by: readonly Dimension[], filter: TraceFilter, limit: number): Promise<readonly Bucket[]> {
    return Promise.resolve(aggregate(this.keptPaths(simulation, filter), by, limit));
  }

  flowsByKey(keys: readonly Pick<PathKey, 'simulation' | 'flow'>[]): Promise<readonly FlowRecord[]> {
    return Promise.resolve(keys.flatMap(({ simulation, flow }) => this.keptFlows(simulation, {}).filter(({ position }) => position === flow)));
  }

  packetsByKey(keys: readonly PacketKey[]): Promise<readonly PacketRecord[]> {
    return Promise.resolve(keys.flatMap((key) => this.keptPackets(key.simulation, {}).filter(({ flow, index }) => flow === key.flow && index === key.index)));
  }

  pathsByKey(keys: readonly PathKey[]): Promise<readonly PathRecord[]> {
    return Promise.resolve(keys.flatMap((key) => this.keptPaths(key.simulation, {}).filter(({ flow, path }) => flow === key.flow && path === key.path)));
  }

  private matching({ status, name, snapshotDigest }: SimulationFilter): readonly SimulationRecord[] {
    return this.records.all().filter((record) => (!status || status.includes(record.status)) && (name === undefined || record.name === name) && (snapshotDigest === undefined || record.snapshotDigest === snapshotDigest));
  }

  private flowsOf(simulation: string): readonly FlowReport[] {
    return this.results.get(simulation)?.report.flows ?? [];
  }

  private keptFlows(simulation: string, filter: TraceFilter): FlowRecord[] {
    const isEverything = Object.keys(filter).length === 0;
    return this.flowsOf(simulation).flatMap((flow, position) =>
      isEverything || flow.paths.some((path) => isKept(filter, pathCandidate(flow, path))) ? [{ simulation, position, name: flow.name, totals: flow.totals }] : [],
    );
  }

  private keptPaths(simulation: string, filter: TraceFilter): PathRecord[] {
    return this.flowsOf(simulation).flatMap((flow, position) =>
      flow.paths.filter((path) => isKept(filter, pathCandidate(flow, path))).map((path) => ({ simulation, flow: position, path: path.id, flowName: flow.name, report: path })),
    );
  }

  private keptPackets(simulation: string, filter: TraceFilter): PacketRecord[] {
    return this.flowsOf(simulation).flatMap((flow, position) =>
      flow.packets
        .filter((packet) => isKept(filter, packetCandidate(flow, packet, null)))
        .map((packet) => ({ simulation, flow: position, index: packet.index, flowName: flow.name, report: withoutHops(packet) })),
    );
  }

  private keptTraces(simulation: string, filter: TraceFilter): TraceRecord[] {
    return this.flowsOf(simulation).flatMap((flow, position) =>
      flow.packets.flatMap((packet) =>
        withoutHops(packet).exchange.flatMap(({ what, about, trace, wire }, entry) =>
          isKept(filter, packetCandidate(flow, packet, entry)) ? [{ simulation, flow: position, index: packet.index, flowName: flow.name, entry, path: packet.path, what, about: about ?? null, trace, wire }] : [],
        ),
      ),
    );
  }
}

function pathCandidate(flow: FlowReport, path: PathReport): Candidate {
  return { flowName: flow.name, path, packets: flow.packets.filter((packet) => packet.path === path.id), entry: null };
}

function packetCandidate(flow: FlowReport, packet: PacketReport, entry: number | null): Candidate {
  return { flowName: flow.name, path: flow.paths.find(({ id }) => id === packet.path) as PathReport, packets: [packet], entry };
}
