import type { ComparisonRecord, FlowRecord, PacketKey, PacketRecord, PathKey, PathRecord, Replays, SimulationRecord, SimulationSummary, SnapshotRecord, Stores, Topology } from '@worldline/application';
import { flowPages } from './flow-pages.js';
import type { FlowPages } from './flow-pages.js';
import { flowId, packetId, pathId } from './ids.js';
import { Loader } from './loader.js';
import { trailLoader } from './trails.js';
import type { TrailLoader } from './trails.js';

type Summary = SimulationSummary & { readonly simulation: string };
type PlacedTopology = { readonly simulation: string; readonly topology: Topology };

/** What one operation has loaded so far. */
export interface GraphqlContext {
  readonly stores: Stores;
  readonly replays: Replays;
  readonly simulations: Loader<string, SimulationRecord>;
  readonly comparisons: Loader<string, ComparisonRecord>;
  readonly snapshots: Loader<string, SnapshotRecord>;
  readonly summaries: Loader<string, Summary>;
  readonly topologies: Loader<string, PlacedTopology>;
  readonly flows: Loader<Pick<PathKey, 'simulation' | 'flow'>, FlowRecord>;
  readonly paths: Loader<PathKey, PathRecord>;
  readonly packets: Loader<PacketKey, PacketRecord>;
  /** First pages of flows that are asked for together. */
  readonly pathsOfFlows: FlowPages<PathRecord>;
  readonly packetsOfFlows: FlowPages<PacketRecord>;
  /** Of all steps that are asked about together. */
  readonly trails: TrailLoader;
}

export function createContext({ stores, replays }: { readonly stores: Stores; readonly replays: Replays }): GraphqlContext {
  const { simulations, snapshots, comparisons } = stores;
  const itself = (id: string): string => id;
  return {
    stores,
    replays,
    simulations: new Loader({ fetch: (ids) => simulations.get(ids), keyOf: itself, valueKey: ({ id }) => id }),
    comparisons: new Loader({ fetch: (ids) => comparisons.get(ids), keyOf: itself, valueKey: ({ id }) => id }),
    snapshots: new Loader({ fetch: (digests) => snapshots.get(digests), keyOf: itself, valueKey: ({ digest }) => digest }),
    summaries: new Loader({ fetch: (ids) => simulations.summaries(ids), keyOf: itself, valueKey: ({ simulation }) => simulation }),
    topologies: new Loader({ fetch: (ids) => topologiesOf(simulations, ids), keyOf: itself, valueKey: ({ simulation }) => simulation }),
    flows: new Loader({ fetch: (keys) => simulations.flowsByKey(keys), keyOf: flowId, valueKey: ({ simulation, position }) => flowId({ simulation, flow: position }) }),
    paths: new Loader({ fetch: (keys) => simulations.pathsByKey(keys), keyOf: pathId, valueKey: pathId }),
    packets: new Loader({ fetch: (keys) => simulations.packetsByKey(keys), keyOf: packetId, valueKey: packetId }),
    pathsOfFlows: flowPages((...question) => simulations.paths(...question)),
    trails: trailLoader(replays),
    packetsOfFlows: flowPages((...question) => simulations.packets(...question)),
  };
}

async function topologiesOf(simulations: Stores['simulations'], ids: readonly string[]): Promise<PlacedTopology[]> {
  const found = await Promise.all(ids.map(async (simulation) => ({ simulation, topology: await simulations.topology(simulation) })));
  return found.flatMap(({ simulation, topology }) => (topology === null ? [] : [{ simulation, topology }]));
}
