/** What workers do. Every function may be called again for work that is done or half done, and after any crash. */
import { compareReports, junit, markdown, sarif } from '@worldline/analysis';
import { assertNever } from '@worldline/model';
import type { FlowReport, HashText, Parsed, Report } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import { loadScenario, refused } from '../../load/index.js';
import type { Readers } from '../../load/index.js';
import type { Meter } from '../../ports/index.js';
import { PhaseMeter, simulate } from '../../simulate/index.js';
import type { Engine } from '../../simulate/index.js';
import { defaultListing, suitesOf, whatIf } from '../../use-case/index.js';
import type { WhatIfOutcome } from '../../use-case/index.js';
import type { Job, JobQueue, ProgressFeed, SimulationResult, Stores } from '../ports.js';
import { isFinal } from '../records.js';
import type { BatchResult, ComparisonSide, SimulationRecord } from '../records.js';
import { batchPlace, problemOf, scenarioPlace } from './problems.js';
import { BATCH_FILE, SCENARIO_FILE, SNAPSHOT_FOLDER, storedFiles } from './stored-files.js';
import { topologyOf } from './topology.js';

/** Changes that a batch keeps of a variant's matrices; the counts are of all. */
const CHANGES_LIMIT = 500;

export interface PerformTools {
  readonly stores: Stores;
  readonly queue: JobQueue;
  readonly feed: ProgressFeed;
  readonly readers: Readers;
  readonly engine: Engine;
  readonly hash: HashText;
  readonly meter: Meter;
  /** Called now and then while a simulation runs. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Carries out a job of any kind. */
export async function performJob({ kind, target }: Job, tools: PerformTools): Promise<void> {
  switch (kind) {
    case 'simulation':
      return performSimulation(target, tools);
    case 'comparison':
      return performComparison(target, tools);
    case 'batch':
      return performBatch(target, tools);
    default:
      return assertNever(kind);
  }
}

/** For a job that has failed too often: what it was for must not wait for ever. */
export async function giveUpJob({ kind, target }: Job, error: Error, { stores, feed, queue }: Pick<PerformTools, 'stores' | 'feed' | 'queue'>): Promise<void> {
  const store = { simulation: stores.simulations, comparison: stores.comparisons, batch: stores.batches }[kind];
  await store.fail(target, { code: 'internal', title: 'Something went wrong in here', detail: error.message, errors: [] });
  await feed.publish(target);
  if (kind === 'simulation') await wakeComparisons(target, { stores, queue });
}

async function performSimulation(id: string, tools: PerformTools): Promise<void> {
  const { stores, feed } = tools;
  const record = await stores.simulations.start(id);
  if (record) {
    await feed.publish(id);
    const tree = await stores.snapshots.tree(record.snapshotDigest);
    const { value, issues } = tree ? await simulateStored(record, tree, tools) : refused<SimulationResult>([{ code: 'MissingSnapshot', severity: 'error', message: `snapshot ${record.snapshotDigest} is not stored`, file: SNAPSHOT_FOLDER }]);
    if (value) await stores.simulations.succeed(id, value);
    else await stores.simulations.fail(id, problemOf('invalid-scenario', issues, scenarioPlace(true)));
    await feed.publish(id);
  }
  // Also when it was at its end before: who brought it there may have died before saying so.
  await wakeComparisons(id, tools);
}

async function wakeComparisons(simulation: string, { stores, queue }: Pick<PerformTools, 'stores' | 'queue'>): Promise<void> {
  const waiting = await stores.comparisons.waitingFor(simulation);
  if (waiting.length > 0) await queue.add(waiting.map((target) => ({ kind: 'comparison', target, cause: simulation })));
}

/** The same Report as `worldline run --json` prints for the same files. */
async function simulateStored({ scenario, seed, mode }: SimulationRecord, tree: FileTree, tools: PerformTools): Promise<Parsed<SimulationResult>> {
  const { readers, engine, hash, meter, onProgress } = tools;
  const files = storedFiles(tree, { [SCENARIO_FILE]: JSON.stringify(scenario) });
  const loaded = await loadScenario(SCENARIO_FILE, SNAPSHOT_FOLDER, { readers, files });
  if (loaded.value === null) return refused(loaded.issues);
  const options = { seed, mode, packets: defaultListing(loaded.value.scenario), hasAllHops: false, isCached: true, isRecording: true, ...(onProgress ? { onProgress } : {}) } as const;
  const { value, issues } = simulate({ bundle: loaded.value, scenario: loaded.value.scenario, options }, { engine, hash, phases: new PhaseMeter(meter) });
  if (value === null) return refused(issues);
  const { report, network } = value;
  return { value: { report, reportText: `${JSON.stringify(report)}\n`, topology: topologyOf(loaded.value.snapshot, network) }, issues };
}

async function performComparison(id: string, { stores, feed }: PerformTools): Promise<void> {
  const [record] = await stores.comparisons.get([id]);
  if (!record || isFinal(record.status)) return;
  const sides = [record.baseline, record.candidate];
  const simulations = await stores.simulations.get(sides.map(({ simulation }) => simulation));
  // Whoever finishes the other side asks again.
  if (sides.some(({ simulation }) => simulations.some((one) => one.id === simulation && !isFinal(one.status)))) return;
  const [baseline, candidate] = await Promise.all(sides.map((side) => reportOfSide(side, stores)));
  if (baseline && candidate) {
    const flow = record.baseline.flow;
    const renamed = flow === null || record.candidate.flow === null ? candidate : { ...candidate, flows: candidate.flows.map((one) => ({ ...one, name: flow })) };
    await stores.comparisons.succeed(id, compareReports(baseline, renamed));
  } else {
    const missing = sides.flatMap((side, i) => ([baseline, candidate][i] ? [] : [{ code: 'NoReport', detail: `simulation ${side.simulation} has no report${side.flow === null ? '' : ` with a flow ${side.flow}`}`, pointer: `#/${i === 0 ? 'baseline' : 'candidate'}` }]));
    await stores.comparisons.fail(id, { code: 'no-report', title: 'A side has no report', detail: missing.map(({ detail }) => detail).join('; '), errors: missing });
  }
  await feed.publish(id);
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

async function reportOfSide({ simulation, flow }: ComparisonSide, stores: Stores): Promise<Report | null> {
  const bytes = await stores.simulations.report(simulation);
  if (bytes === null) return null;
  const report = JSON.parse(new TextDecoder().decode(bytes)) as Report;
  if (flow === null) return report;
  const flows: readonly FlowReport[] = report.flows.filter(({ name }) => name === flow);
  return flows.length === 0 ? null : { ...report, flows };
}

async function performBatch(id: string, tools: PerformTools): Promise<void> {
  const { stores, feed } = tools;
  const record = await stores.batches.start(id);
  if (!record) return;
  await feed.publish(id);
  const tree = await stores.snapshots.tree(record.snapshotDigest);
  const files = storedFiles(tree ?? new Map(), { [SCENARIO_FILE]: JSON.stringify(record.scenario), [BATCH_FILE]: JSON.stringify(record.batch) });
  const { value, issues } = await whatIf(BATCH_FILE, { ...tools, files });
  if (value) await stores.batches.succeed(id, batchResult(value, tools.engine.version));
  else await stores.batches.fail(id, problemOf('invalid-batch', issues, { ...scenarioPlace(true, '#/base/scenario'), ...batchPlace(true) }));
  await feed.publish(id);
}

function batchResult(outcome: WhatIfOutcome, version: string): BatchResult {
  const { name, base, variants, gate, isPassed } = outcome;
  const suites = suitesOf(outcome, name);
  const options = { isUndecidedAllowed: !gate.failOn.includes('undecided'), version };
  return {
    isPassed,
    gate,
    base: { reportDigest: base.report.simulation.id, expectations: base.expectations },
    variants: variants.map(({ name: variant, report, comparison, matrix, expectations, failures }) => ({
      name: variant,
      reportDigest: report.simulation.id,
      summary: comparison.summary,
      matrix: matrix && { summary: matrix.comparison.summary, changes: matrix.comparison.changes.filter(({ effect }) => effect !== 'rerouted').slice(0, CHANGES_LIMIT) },
      expectations,
      failures,
    })),
    documents: { junit: junit(suites, options), sarif: sarif(suites, options), markdown: markdown(suites) },
  };
}
