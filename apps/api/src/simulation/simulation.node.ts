/** A simulation as GraphQL has it: its record, and what is looked up when it is asked for. */
import type { Bucket, Dimension, SimulationRecord, SimulationSummary } from '@worldline/application';
import type { ExpectationResult, Severity } from '@worldline/model';
import { InvalidArgument, traceFilter } from '../graphql/index.js';
import type { Connection, GraphqlContext, TraceFilterInput } from '../graphql/index.js';
import { storedProblem } from '../http/index.js';
import { archiveName, snapshotNode } from '../snapshot/index.js';
import type { SnapshotNode } from '../snapshot/index.js';
import { historyPage, machineStateNode } from '../state/index.js';
import type { MachineStateNode, StateArguments, StateChangeNode } from '../state/index.js';
import { topologyNode } from '../topology/index.js';
import type { TopologyNode } from '../topology/index.js';
import { flowPage, packetPage, pathPage, totalsNode, tracePage } from '../trace/index.js';
import type { FlowNode, PacketNode, PathNode, TotalsNode, TracedArguments, TraceNode } from '../trace/index.js';

type Field<A, T> = (args: A, context: GraphqlContext) => Promise<T>;

export interface SimulationNode extends Pick<SimulationRecord, 'id' | 'name' | 'status' | 'createdAt' | 'finishedAt' | 'seed' | 'mode' | 'engineVersion' | 'reportDigest' | 'scenario'> {
  readonly __typename: 'Simulation';
  readonly progress: number;
  readonly problem: ReturnType<typeof storedProblem>;
  readonly reproduce: string;
  readonly snapshot: Field<unknown, SnapshotNode | null>;
  readonly totals: Field<unknown, TotalsNode>;
  readonly coverage: Field<unknown, SimulationSummary['coverage']>;
  readonly expectations: Field<{ readonly outcome?: ExpectationResult['outcome'] | null }, readonly ExpectationResult[]>;
  readonly findings: Field<{ readonly severity?: readonly Severity[] | null }, SimulationSummary['findings']>;
  readonly topology: Field<unknown, TopologyNode>;
  readonly flows: Field<TracedArguments, Connection<FlowNode>>;
  readonly packets: Field<TracedArguments, Connection<PacketNode>>;
  readonly traces: Field<TracedArguments, Connection<TraceNode>>;
  readonly paths: Field<TracedArguments, Connection<PathNode>>;
  readonly aggregate: Field<AggregateArguments, readonly BucketNode[]>;
  readonly machine: Field<{ readonly name: string; readonly at?: string | null }, MachineStateNode | null>;
  readonly history: Field<StateArguments, Connection<StateChangeNode>>;
}

export interface AggregateArguments {
  readonly by: readonly Dimension[];
  readonly filter?: TraceFilterInput | null;
  readonly first?: number | null;
}

export interface BucketNode {
  readonly key: readonly { readonly dimension: string; readonly value: string | null }[];
  readonly count: number;
}

const BUCKETS_LIMIT = 500;
const NOTHING_YET: Omit<SimulationSummary, 'findings' | 'expectations'> = {
  totals: { sent: 0, delivered: 0, dropped: 0, rejected: 0, undecided: 0, replied: 0, byDisposition: {} },
  coverage: { rules: { modelled: 0, approximated: 0, unknown: 0 }, issues: [] },
};

export function simulationNode(record: SimulationRecord): SimulationNode {
  const { id, name, status, createdAt, finishedAt, seed, mode, engineVersion, reportDigest, scenario, snapshotDigest, progress } = record;
  const summary = (context: GraphqlContext): Promise<SimulationSummary | null> => context.summaries.load(id);
  return {
    __typename: 'Simulation',
    ...{ id, name, status, createdAt, finishedAt, seed, mode, engineVersion, reportDigest, scenario },
    progress: status === 'succeeded' ? 1 : progress.of === 0 ? 0 : Math.min(1, progress.done / progress.of),
    problem: storedProblem(record.problem, `/simulations/${id}`),
    reproduce: reproduceCommand(record),
    snapshot: async (_, context) => {
      const found = await context.snapshots.load(snapshotDigest);
      return found && snapshotNode(found);
    },
    totals: async (_, context) => totalsNode((await summary(context))?.totals ?? NOTHING_YET.totals),
    coverage: async (_, context) => (await summary(context))?.coverage ?? NOTHING_YET.coverage,
    expectations: async ({ outcome }, context) => ((await summary(context))?.expectations ?? []).filter((one) => outcome == null || one.outcome === outcome),
    findings: async ({ severity }, context) => ((await summary(context))?.findings ?? []).filter((one) => severity == null || severity.includes(one.severity)),
    topology: async (_, context) => topologyNode((await context.topologies.load(id))?.topology ?? { machines: [], links: [] }),
    flows: (args, context) => flowPage(id, args, context),
    packets: (args, context) => packetPage(id, args, context),
    traces: (args, context) => tracePage(id, args, context),
    paths: (args, context) => pathPage(id, args, context),
    aggregate: (args, context) => aggregate(id, args, context),
    machine: (args, context) => machineStateNode(id, args, context),
    history: (args, context) => historyPage(id, args, context),
  };
}

async function aggregate(id: string, { by, filter, first }: AggregateArguments, { stores }: GraphqlContext): Promise<BucketNode[]> {
  const limit = first ?? 20;
  if (limit < 1 || limit > BUCKETS_LIMIT) throw new InvalidArgument('first', `first is ${limit}: 1 to ${BUCKETS_LIMIT} buckets are given`);
  if (by.length === 0 || new Set(by).size !== by.length) throw new InvalidArgument('by', 'by names one dimension or more, each once');
  const buckets = await stores.simulations.aggregate(id, by, traceFilter(filter), limit);
  return buckets.map(({ key, count }: Bucket) => ({ key: by.map((dimension, i) => ({ dimension, value: key[i] ?? null })), count }));
}

/** The scenario comes on standard input, whole; the bundle is what `GET /snapshots/DIGEST` gives to who accepts application/gzip. */
function reproduceCommand({ scenario, snapshotDigest, seed, mode }: SimulationRecord): string {
  return `worldline run - --snapshot ${archiveName(snapshotDigest)} --seed ${seed} --mode ${mode} --json <<'SCENARIO'\n${JSON.stringify(scenario)}\nSCENARIO\n`;
}
