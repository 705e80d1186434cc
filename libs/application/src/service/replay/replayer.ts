/**
 * Answers by running simulations again, here and now: it takes as long as they took. What was found out last is kept, so that the next page of
 * it, or the next step of a path, costs nothing. Adapters carry it off the event loop.
 */
import { pcapFiles } from '@worldline/analysis';
import type { ExchangeEntry, Hop, MachineName, PathReport, Step, StateChange } from '@worldline/model';
import { writeTarGz } from '@worldline/snapshot';
import { afterBundle } from '../../after/index.js';
import { hasErrors, loadScenario } from '../../load/index.js';
import type { LoadedScenario, Readers } from '../../load/index.js';
import type { Engine, EngineOptions, EngineRun } from '../../simulate/index.js';
import { defaultListing } from '../../use-case/index.js';
import { InvalidCursor } from '../ports.js';
import type { PageRequest, SimulationStore, SnapshotStore } from '../ports.js';
import { isFinal } from '../records.js';
import type { PathKey, SimulationRecord } from '../records.js';
import { SCENARIO_FILE, SNAPSHOT_FOLDER, storedFiles } from '../use-case/stored-files.js';
import { isWantedChange } from './history.js';
import { conntrackOf, counted, rulesOf, sysctlOf } from './machine-state.js';
import type { MachineFiles } from './machine-state.js';
import type { CountedPage, EntryState, Replayed, Replays, RuleState, StateFilter, StateKey, TrailPage, TrailQuestion } from './replays.js';
import { RecentAnswers } from './recent-answers.js';

export interface ReplayTools {
  readonly simulations: Pick<SimulationStore, 'get' | 'pathsByKey'>;
  readonly snapshots: Pick<SnapshotStore, 'tree'>;
  readonly readers: Readers;
  readonly engine: Engine;
}

interface Stored {
  readonly record: SimulationRecord;
  readonly loaded: LoadedScenario;
}

/** A machine at a moment. */
interface Moment {
  readonly at: number;
  readonly files: MachineFiles;
}

/** Rules that are kept of one filter step. */
const TRAIL_LIMIT = 100_000;
/** Answers that are kept: of each kind so many, the latest. */
const KEPT = 4;
const PATHS_KEPT = 32;

/** Steps of each packet of an exchange. */
type Ways = readonly (readonly Step[])[];

export class Replayer implements Replays {
  private readonly stored = new RecentAnswers<Replayed<Stored>>(1);
  private readonly paths = new RecentAnswers<Replayed<Ways>>(PATHS_KEPT);
  private readonly moments = new RecentAnswers<Replayed<Moment>>(KEPT);
  private readonly histories = new RecentAnswers<Replayed<readonly StateChange[]>>(KEPT);

  constructor(private readonly tools: ReplayTools) {}

  async trails(questions: readonly TrailQuestion[]): Promise<readonly Replayed<TrailPage>[]> {
    const missing = questions.filter((question) => !this.paths.has(keyOf(question)));
    const found = new Map<string, Promise<ReadonlyMap<string, Replayed<Ways>>>>();
    for (const simulation of new Set(missing.map((question) => question.simulation))) {
      found.set(simulation, this.waysWithTrails(simulation, missing.filter((question) => question.simulation === simulation)));
    }
    const nothing: Replayed<Ways> = { kind: 'not-found', detail: 'there is no such path' };
    return Promise.all(
      questions.map(async (question) => {
        const ways = await this.paths.of(keyOf(question), async () => (await found.get(question.simulation))?.get(keyOf(question)) ?? nothing);
        return mapped(ways, (known) => trailPage(known, question));
      }),
    );
  }

  async after(simulation: string): Promise<Replayed<Uint8Array>> {
    return mapped(await this.find(simulation), (stored) => {
      const run = this.run(stored);
      const { value } = afterBundle(run, { before: stored.loaded.tree, machines: null });
      return answer(writeTarGz(value ?? new Map<string, string>()));
    });
  }

  async pcap(simulation: string): Promise<Replayed<Uint8Array>> {
    return mapped(await this.find(simulation), (stored) => {
      const { flows } = this.run(stored, { packets: 'all' });
      return answer(writeTarGz(pcapFiles({ flows })));
    });
  }

  async moment(state: StateKey): Promise<Replayed<number>> {
    return mapped(await this.momentOf(state), ({ at }) => answer(at));
  }

  async dump(state: StateKey, file: string): Promise<Replayed<string | null>> {
    return mapped(await this.momentOf(state), ({ files }) => answer(files.get(file) ?? null));
  }

  async sysctl(state: StateKey, name: string): Promise<Replayed<string | null>> {
    return mapped(await this.momentOf(state), ({ files }) => answer(sysctlOf(files, name)));
  }

  async rules(state: StateKey, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<RuleState>>> {
    return mapped(await this.momentOf(state), ({ files }) => paged(() => rulesOf(files, filter, page, state.machine)));
  }

  async conntrack(state: StateKey, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<EntryState>>> {
    return mapped(await this.momentOf(state), ({ files }) => paged(() => conntrackOf(files, filter, page, state.machine)));
  }

  async history(simulation: string, filter: StateFilter, page: PageRequest): Promise<Replayed<CountedPage<StateChange>>> {
    const changes = await this.histories.of(simulation, async () => mapped(await this.find(simulation), (stored) => answer(this.run(stored, { packets: 'none', hasHistory: true }).history)));
    return mapped(changes, (all) => paged(() => counted(all.filter((change) => isWantedChange(change, filter)), page)));
  }

  private momentOf(state: StateKey): Promise<Replayed<Moment>> {
    const { simulation, machine, at } = state;
    return this.moments.of(`${simulation} ${machine} ${at}`, async () => mapped(await this.find(simulation), (stored) => this.dumpAt(stored, machine, at)));
  }

  /** The state that the machine would be left in if the run ended then: all that happens at that moment has happened. */
  private dumpAt({ record, loaded }: Stored, machine: MachineName, at: number | null): Replayed<Moment> {
    const { scenario, snapshot, tree } = loaded;
    const capture = snapshot.machines.find((one) => one.machine === machine);
    if (capture === undefined) return { kind: 'not-found', detail: `there is no machine ${machine}` };
    const run = this.run({ record, loaded: { ...loaded, scenario: at === null ? scenario : { ...scenario, duration: at } } }, { packets: 'none' });
    const { value } = afterBundle(run, { before: tree, machines: [machine] });
    const files = new Map<string, string>();
    for (const [path, content] of value ?? []) if (path.startsWith(`${capture.folder}/`)) files.set(path.slice(capture.folder.length + 1), textOf(content));
    return answer({ at: run.endedAt, files });
  }

  /** Of each path the steps of each packet of its exchange, filter steps with their trails. */
  private async waysWithTrails(simulation: string, paths: readonly PathKey[]): Promise<ReadonlyMap<string, Replayed<Ways>>> {
    const stored = await this.find(simulation);
    const known = await this.tools.simulations.pathsByKey(paths);
    if (stored.kind !== 'answer') return new Map(paths.map((path) => [keyOf(path), stored]));
    const until = known.map(({ flow, path }) => ({ flow, path }));
    if (until.length === 0) return new Map();
    // Only when the run has come to a path it is known who was the first to take it: that one is asked in a second run.
    const { origins } = this.run(stored.value, { until });
    const of = origins.filter((origin) => until.some(({ flow, path }) => origin.flow === flow && origin.path === path));
    const { flows } = this.run(stored.value, { until, isCached: false, trails: { of, limit: TRAIL_LIMIT } });
    return new Map(
      known.map((record): [string, Replayed<Ways>] => {
        const again = flows[record.flow]?.paths[record.path];
        const isKnown = again !== undefined && isSame(again, record.report);
        return [keyOf(record), isKnown ? answer(again.exchange.map(stepsOf)) : { kind: 'other-engine', detail: `run again, simulation ${simulation} takes other paths: it was made by another version of the engine` }];
      }),
    );
  }

  private async find(simulation: string): Promise<Replayed<Stored>> {
    const [record] = await this.tools.simulations.get([simulation]);
    if (record === undefined) return { kind: 'not-found', detail: `there is no simulation ${simulation}` };
    const { status, engineVersion, snapshotDigest } = record;
    if (!isFinal(status)) return { kind: 'not-finished', detail: `simulation ${simulation} is ${status}` };
    if (status !== 'succeeded') return { kind: 'no-report', detail: `simulation ${simulation} ${status === 'canceled' ? 'was canceled' : 'failed'}` };
    const { version } = this.tools.engine;
    if (engineVersion !== version) return { kind: 'other-engine', detail: `simulation ${simulation} was made by engine ${engineVersion}, this is ${version}` };
    return this.stored.of(simulation, async () => {
      const tree = await this.tools.snapshots.tree(snapshotDigest);
      const files = storedFiles(tree ?? new Map(), { [SCENARIO_FILE]: JSON.stringify(record.scenario) });
      const loaded = await loadScenario(SCENARIO_FILE, SNAPSHOT_FOLDER, { readers: this.tools.readers, files });
      return loaded.value === null ? { kind: 'other-engine', detail: `simulation ${simulation} cannot be read by this version` } : answer({ record, loaded: loaded.value });
    });
  }

  /** The same run, recorded as it was but for what is asked of it. */
  private run({ record, loaded: { snapshot, scenario } }: Stored, changes: Partial<EngineOptions> = {}): EngineRun {
    const { seed, mode } = record;
    const network = this.tools.engine.compile(snapshot);
    const options: EngineOptions = { seed, mode, packets: defaultListing(scenario), hasAllHops: false, isCached: true, isRecording: true, ...changes };
    const run = network.run(scenario, options);
    if (hasErrors(network.issues) || hasErrors(run.issues)) throw new Error(`simulation ${record.id} succeeded once, and cannot be run again`);
    return run;
  }
}

function keyOf({ simulation, flow, path }: PathKey): string {
  return `${simulation} ${flow} ${path}`;
}

function trailPage(ways: Ways, { path, entry, step: position, first, offset }: TrailQuestion): Replayed<TrailPage> {
  const step = ways[entry]?.[position];
  if (step === undefined || step.kind !== 'Filter') return { kind: 'not-found', detail: `path ${path} has no filter step ${position} in entry ${entry}` };
  const { lookedAt, trail } = step.detail as unknown as { readonly lookedAt: number; readonly trail: TrailPage['rules'] };
  return answer({ lookedAt, rules: trail.slice(offset, offset + first) });
}

function answer<T>(value: T): Replayed<T> {
  return { kind: 'answer', value };
}

/** A wrong cursor is told as an answer: errors lose their class on the way between threads. */
function paged<T>(make: () => T): Replayed<T> {
  try {
    return answer(make());
  } catch (error) {
    if (error instanceof InvalidCursor) return { kind: 'invalid-cursor', detail: error.message };
    throw error;
  }
}

function mapped<T, R>(replayed: Replayed<T>, then: (value: T) => Replayed<R>): Replayed<R> {
  return replayed.kind === 'answer' ? then(replayed.value) : replayed;
}

function stepsOf({ trace }: Pick<ExchangeEntry, 'trace'>): Step[] {
  return (trace.hops ?? []).flatMap(({ steps }: Hop) => steps);
}

/** Whether two tellings of a path are about the same one. */
function isSame(again: PathReport, known: PathReport): boolean {
  const told = ({ exchange, disposition }: PathReport): string => JSON.stringify([disposition, exchange.map((entry) => [entry.what, stepsOf(entry).map(({ text }) => text)])]);
  return told(again) === told(known);
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}
function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}
