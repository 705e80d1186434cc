/** `worldline prove`: a scenario on this machine's own kernel, beside what the engine says of it. */
import { agreement, compareWithKernel, countShares, factsOf, firstDifference, numbersIn, observe } from '@worldline/analysis';
import type { Proof } from '@worldline/analysis';
import { API_VERSION } from '@worldline/model';
import type { MachineName, Observation, Observed, ObservedTrace, PacketReport, Parsed, Report, Scenario, SocketView } from '@worldline/model';
import { decodeUtf8 } from '@worldline/language';
import { folderOfMachine } from '@worldline/snapshot';
import { afterBundle } from '../after/index.js';
import { loadScenario, refused } from '../load/index.js';
import type { LoadedScenario } from '../load/index.js';
import type { RealKernel } from '../ports/index.js';
import { PhaseMeter, simulate } from '../simulate/index.js';
import type { Mode, Simulation } from '../simulate/index.js';
import type { Tools } from '../use-case/index.js';
import { CannotBuild, buildStage } from './build.js';
import type { StageInput } from './build.js';
import { afterOf, dumpAfter, dumpSnapshot, mibChanges, readMibs } from './dumps.js';
import type { AfterState } from './dumps.js';
import { playOf } from './probes.js';

export interface ProveRequest {
  readonly scenario: string;
  readonly snapshot?: string;
  /** Folder in which the case is kept as a recorded one. */
  readonly record?: string;
  /** Runs that must agree, at least two. */
  readonly runs?: number;
}

export interface Proved {
  readonly scenario: Scenario;
  readonly report: Report;
  readonly observed: Observed;
  readonly trace: ObservedTrace;
  readonly proof: Proof;
}

export type ProveOutcome =
  | { readonly kind: 'proved'; readonly proved: Proved }
  /** The kernel did not do the same twice, or what was to be proved cannot be put to it. */
  | { readonly kind: 'impossible'; readonly why: string };

export interface ProveTools extends Tools {
  readonly kernel: RealKernel;
}

const USUAL_RUNS = 2;
/** Seeds under which a case is predicted besides its own, to see whether its rules draw lots. */
const OTHER_SEEDS = 5;
/** A packet, its answer and the errors about both may each have an entry. */
const ENTRIES_PER_PROBE = 4;
/** The kernel on a busy machine may be late once: so often a case is tried before its runs are called different. */
const MOST_RUNS = 4;

export async function prove(request: ProveRequest, tools: ProveTools): Promise<Parsed<ProveOutcome>> {
  const loaded = await loadScenario(request.scenario, request.snapshot ?? null, tools);
  if (loaded.value === null) return refused(loaded.issues);
  return proveLoaded(loaded.value, request, tools);
}

export async function proveLoaded(loaded: LoadedScenario, request: Pick<ProveRequest, 'record' | 'runs'>, tools: ProveTools): Promise<Parsed<ProveOutcome>> {
  const { scenario } = loaded;
  const predicted = predict(loaded, { mode: 'sample' }, tools);
  if (predicted.value === null) return refused(predicted.issues);
  try {
    const stage = new Stage(loaded, { predicted: predicted.value, tools });
    const known = numbersIn(textsOf(loaded));
    const isChance = drawsLots(loaded, { sampled: predicted.value, tools });
    const runs = request.runs ?? USUAL_RUNS;
    const agreed = isChance ? { runs: await manyRuns(stage, runs) } : await agreedRuns(stage, { known, runs });
    if ('why' in agreed) return { value: { kind: 'impossible', why: agreed.why }, issues: [] };
    const [first] = agreed.runs;
    const head = { case: scenario.name, ...(scenario.description === null ? {} : { description: scenario.description }), kernel: tools.kernel.version, runs: agreed.runs.map((_, i) => (i === 0 ? 'nft+trace' : 'nft')) };
    const observed: Observed = {
      ...head,
      ...(isChance ? { distribution: countShares(agreed.runs.map(({ observation }) => observation.flows)), ...first.observation, flows: [] } : { ...agreement(observationsOf(agreed.runs), known), ...first.observation }),
    };
    const judged = isChance ? predict(loaded, { mode: 'explore' }, tools) : predicted;
    if (judged.value === null) return refused(judged.issues);
    const { report } = judged.value;
    const saves = [...loaded.tree].filter(([path]) => /ip6?tables-save\.txt$/.test(path)).map(([, bytes]) => decodeUtf8(bytes, 0, bytes.length));
    const facts = factsOf(loaded.snapshot, { saves, trace: first.trace, events: observed.events });
    const proof = compareWithKernel({ observed, report, facts, predicted: afterDumps(loaded, predicted.value), dumped: first.after.dumps });
    const proved: Proved = { scenario, report, observed, trace: first.trace, proof };
    if (request.record !== undefined) await tools.files.writeTree(request.record, recordOf(proved, { loaded, run: first, scenarioText: scenarioText(loaded) }));
    return { value: { kind: 'proved', proved }, issues: [] };
  } catch (error) {
    if (!(error instanceof CannotBuild)) throw error;
    return { value: { kind: 'impossible', why: error.message }, issues: [] };
  } finally {
    await tools.kernel.clear();
  }
}

/** Whether who gets a packet hangs on the seed. */
function drawsLots(loaded: LoadedScenario, { sampled, tools }: { sampled: Simulation; tools: Tools }): boolean {
  const goals = ({ report }: Simulation): string => JSON.stringify(report.flows.map(({ packets }) => packets.map(({ delivered }) => viewsOf(delivered).map(({ machine, local }) => [machine, local.ip, local.port]))));
  const own = goals(sampled);
  return Array.from({ length: OTHER_SEEDS }, (_, i) => predict(loaded, { mode: 'sample', seed: loaded.scenario.seed + 1 + i }, tools)).some(({ value }) => value !== null && goals(value) !== own);
}

const viewsOf = (delivered: PacketReport['delivered']): readonly SocketView[] => (delivered === null ? [] : Array.isArray(delivered) ? (delivered as readonly SocketView[]) : [delivered as SocketView]);

function predict(bundle: LoadedScenario, { mode, seed = bundle.scenario.seed }: { mode: Mode; seed?: number }, tools: Tools): Parsed<Simulation> {
  const options = { seed, mode, packets: 'all', hasAllHops: true, isCached: true, isRecording: true } as const;
  return simulate({ bundle, scenario: bundle.scenario, options }, { engine: tools.engine, hash: tools.hash, phases: new PhaseMeter(tools.meter) });
}

/** The bundle of a stage as the real tools print it, after `finish` has done to it what it wants. Throws CannotBuild. */
export async function redump(loaded: LoadedScenario, finish: (kernel: RealKernel) => Promise<void>, tools: ProveTools): Promise<ReadonlyMap<string, string>> {
  const { kernel } = tools;
  const network = tools.engine.compile(loaded.snapshot);
  try {
    await kernel.clear();
    await buildStage(kernel, { snapshot: loaded.snapshot, links: network.links(), entriesAtMost: 0, textOf: textsIn(loaded) });
    await finish(kernel);
    const cluster = loaded.tree.get('cluster.yaml');
    return new Map([...(cluster ? [['cluster.yaml', decodeUtf8(cluster, 0, cluster.length)] as const] : []), ...(await dumpSnapshot(kernel, loaded.snapshot.machines))]);
  } finally {
    await kernel.clear();
  }
}

function textsIn({ tree }: LoadedScenario): StageInput['textOf'] {
  return (machine, file) => {
    const bytes = tree.get(`${folderOfMachine(machine)}/${file}`);
    return bytes === undefined ? null : decodeUtf8(bytes, 0, bytes.length);
  };
}

interface PlayedRun {
  readonly observation: Observation;
  readonly trace: ObservedTrace;
  readonly after: AfterState;
  /** What the tools printed before; only of the first run. */
  readonly snapshot: ReadonlyMap<string, string>;
}

class Stage {
  constructor(
    private readonly loaded: LoadedScenario,
    private readonly given: { readonly predicted: Simulation; readonly tools: ProveTools },
  ) {}

  async play(isFirst: boolean): Promise<PlayedRun> {
    const { snapshot, scenario } = this.loaded;
    const { predicted, tools } = this.given;
    const { kernel } = tools;
    const machines = snapshot.machines.map(({ machine }) => machine);
    await kernel.clear();
    const play = playOf(scenario, predicted.report);
    await buildStage(kernel, this.input(ENTRIES_PER_PROBE * play.probes.length));
    const dumped = isFirst ? await dumpSnapshot(kernel, snapshot.machines) : new Map<string, string>();
    const before = await readMibs(kernel, machines);
    const recording = await kernel.play({ ...play, isTraced: isFirst });
    const mibs = mibChanges(before, await readMibs(kernel, machines));
    const after = await dumpAfter(kernel, machines);
    const [broken] = recording.broken;
    if (broken !== undefined) throw new CannotBuild(`a probe could not be played: ${broken}`);
    const { observation, trace } = observe({ probes: play.probes, recording, isOutside: (machine) => machine.startsWith('fabric/') });
    return { observation: { ...observation, ...after.observation, snmp: mibs }, trace, after, snapshot: dumped };
  }

  private input(entriesAtMost: number): StageInput {
    const { snapshot } = this.loaded;
    const { predicted } = this.given;
    return {
      snapshot,
      links: predicted.network.links(),
      entriesAtMost,
      textOf: textsIn(this.loaded),
    };
  }
}

type Runs = readonly [PlayedRun, ...PlayedRun[]];
const observationsOf = ([first, ...others]: Runs): [Observation, ...Observation[]] => [first.observation, ...others.map(({ observation }) => observation)];

/** Where the rules draw lots no two runs need agree. */
async function manyRuns(stage: Stage, runs: number): Promise<Runs> {
  const played: [PlayedRun, ...PlayedRun[]] = [await stage.play(true)];
  while (played.length < runs) played.push(await stage.play(false));
  return played;
}

/** Plays until as many runs agree as are asked for. */
async function agreedRuns(stage: Stage, { known, runs }: { known: ReadonlySet<number>; runs: number }): Promise<{ runs: Runs } | { why: string }> {
  const played: [PlayedRun, ...PlayedRun[]] = [await stage.play(true)];
  if (runs === 1) return { runs: played };
  let why = '';
  while (played.length < MOST_RUNS) {
    const run = await stage.play(false);
    const [first] = played;
    const different = firstDifference(first.observation, run.observation, known);
    if (different === null) {
      const agreeing = [...played, run].filter((r) => firstDifference(first.observation, r.observation, known) === null) as unknown as Runs;
      if (agreeing.length >= runs) return { runs: agreeing };
    } else why = different;
    played.push(run);
  }
  return { why: `the kernel did not do the same twice: ${why}` };
}

/** Every text of the case that names a port. */
function textsOf({ scenario, tree }: LoadedScenario): string[] {
  const files = [...tree].filter(([path]) => /(tables.*save|ipset-save|sockets)\.txt$/.test(path)).map(([, bytes]) => decodeUtf8(bytes, 0, bytes.length));
  return [JSON.stringify(scenario), ...files];
}

function afterDumps(loaded: LoadedScenario, { run }: Simulation): Map<MachineName, ReturnType<typeof afterOf>> {
  const after = afterBundle(run, { before: loaded.tree, machines: run.machines }).value ?? new Map<string, Uint8Array | string>();
  const textAt = (path: string): string | null => {
    const content = after.get(path);
    return content === undefined ? null : typeof content === 'string' ? content : decodeUtf8(content, 0, content.length);
  };
  return new Map(run.machines.map((machine) => [machine, afterOf((file) => textAt(`${folderOfMachine(machine)}/${file}`))]));
}

/** The scenario beside its own bundle. */
function scenarioText({ scenario: { name, description, raw } }: LoadedScenario): string {
  const metadata = { name, ...(description === null ? {} : { description }) };
  return `${JSON.stringify({ apiVersion: API_VERSION, kind: 'Scenario', metadata, spec: { ...(raw as object), snapshot: './snapshot' } }, null, 1)}\n`;
}

function recordOf({ observed, trace }: Proved, { loaded, run, scenarioText: text }: { loaded: LoadedScenario; run: PlayedRun; scenarioText: string }): ReadonlyMap<string, Uint8Array | string> {
  const tree = new Map<string, Uint8Array | string>([
    ['scenario.yaml', text],
    ['observed.json', `${JSON.stringify(observed, null, 1)}\n`],
    ['trace.json', `${JSON.stringify(trace, null, 1)}\n`],
  ]);
  const cluster = loaded.tree.get('cluster.yaml');
  if (cluster) tree.set('snapshot/cluster.yaml', cluster);
  for (const [path, content] of run.snapshot) tree.set(`snapshot/${path}`, content);
  for (const [path, content] of run.after.tree) tree.set(`after/${path}`, content);
  return tree;
}

