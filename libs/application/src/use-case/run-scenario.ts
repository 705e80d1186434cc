import type { MachineName, Parsed, Report, Scenario } from '@worldline/model';
import { afterBundle } from '../after/index.js';
import { loadScenario, refused } from '../load/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import type { EngineOptions, Mode, PacketListing, PathOrigin, Simulation, Stats } from '../simulate/index.js';
import type { Tools } from './tools.js';

export interface RunRequest {
  /** Path of the scenario file, or `-`. */
  readonly scenario: string;
  /** Bundle to use instead of the one that the scenario names. */
  readonly snapshot?: string;
  readonly seed?: number;
  readonly mode?: Mode;
  readonly packets?: PacketListing;
  readonly hasAllHops?: boolean;
  readonly isCached?: boolean;
  readonly isRecording?: boolean;
  /** The first packet of each path tells every rule that it looked at, of each step at most so many. */
  readonly trails?: number;
  /** Folder for the final state. */
  readonly after?: string;
  readonly machines?: readonly MachineName[];
}

export interface RunOutcome {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly stats: Stats;
}

/** Above this many packets a Report lists only those that failed, unless it is asked for all. */
const LISTED_PACKETS_LIMIT = 10_000;

/** Reads a scenario and its bundle, runs it, writes the final state where asked. A null value: the input was refused, `issues` say why. */
export async function runScenario(request: RunRequest, tools: Tools): Promise<Parsed<RunOutcome>> {
  const phases = new PhaseMeter(tools.meter);
  const loaded = await phases.measureAsync('load', () => loadScenario(request.scenario, request.snapshot ?? null, tools));
  if (loaded.value === null) return refused(loaded.issues);
  const bundle = loaded.value;
  const { scenario, tree } = bundle;
  const options: EngineOptions = {
    seed: request.seed ?? scenario.seed,
    mode: request.mode ?? 'sample',
    packets: request.packets ?? defaultListing(scenario),
    hasAllHops: request.hasAllHops ?? false,
    isCached: request.isCached ?? true,
    isRecording: request.isRecording ?? true,
    ...(tools.onProgress ? { onProgress: tools.onProgress } : {}),
  };
  const once = (wanted: EngineOptions): Parsed<Simulation> => simulate({ bundle, scenario, options: wanted }, { engine: tools.engine, hash: tools.hash, phases });
  let simulated = once(options);
  // Only at the end of a run it is known who was the first on each path: the same run again, and these keep trails.
  if (simulated.value !== null && request.trails !== undefined) simulated = once(withTrails(options, simulated.value.run.origins, request.trails));
  if (simulated.value === null) return refused(simulated.issues);
  const { report, run } = simulated.value;
  if (request.after !== undefined) {
    const after = afterBundle(run, { before: tree, machines: request.machines ?? null });
    if (after.value === null) return refused(after.issues);
    await tools.files.writeTree(request.after, after.value);
  }
  return { value: { report, scenario, stats: phases.stats(run.figures) }, issues: loaded.issues };
}

/** The same run, in which the first questions of these paths keep trails; every rule is run for every packet. */
function withTrails(options: EngineOptions, origins: readonly PathOrigin[], limit: number): EngineOptions {
  return { ...options, isCached: false, trails: { of: origins, limit } };
}

/** Which packets a Report lists when nobody says. */
export function defaultListing(scenario: Scenario): PacketListing {
  return plannedPackets(scenario) > LISTED_PACKETS_LIMIT ? 'failed' : 'all';
}

function plannedPackets(scenario: Scenario): number {
  return scenario.flows.reduce((sum, flow) => sum + flow.connections * (flow.packets === 'connect' ? 1 : flow.packets), 0);
}
