/** Reading a batch: its base, its matrices spelled out, and whether all names in it mean something. Nothing is run. */
import { matrixFlows } from '@worldline/analysis';
import type { Batch, BatchExpectation, BatchMatrix, Expectation, FlowSpec, Issue, Json, Parsed, Scenario, ScenarioEvent } from '@worldline/model';
import { hasErrors, loadScenario, loadScenarioOn, readBundleTree, readStdinFiles, refused, stdinFilesOfVariants, treeOfTopology, withSeed } from '../load/index.js';
import type { LoadTools, LoadedScenario } from '../load/index.js';
import type { StoredSimulations } from '../ports/index.js';

export interface BatchTools extends LoadTools {
  /** Where `base: {simulation: ID}` is looked for; absent: nowhere. */
  readonly stored?: StoredSimulations;
}

export interface CheckedBatch {
  readonly batch: Batch;
  readonly base: LoadedScenario;
  /** What the matrices ask, in a run of its own; null: there are none. */
  readonly asked: AskedMatrices | null;
}

export interface AskedMatrices {
  readonly flows: readonly FlowSpec[];
  readonly expect: readonly Expectation[];
}

/** Matrices ask when all events of all variants are over, so that the same instant is compared. Microseconds. */
const SETTLING = 1_000_000;

/** Reads a batch file with its base. */
export async function checkBatch(path: string, tools: BatchTools): Promise<Parsed<CheckedBatch>> {
  const text = await tools.files.readText(path);
  if (text.value === null) return refused(text.issues);
  const unchecked = tools.readers.batch(text.value, { file: path, snapshot: null, stdin: null });
  if (unchecked.value === null || hasErrors(unchecked.issues)) return refused(unchecked.issues);
  const missing = unsupported(unchecked.value, path);
  if (missing.length > 0) return refused(missing);
  const base = await loadBase(unchecked.value.base, path, tools);
  if (base.value === null) return refused(base.issues);

  const stdin = await readStdinFiles(path, stdinFilesOfVariants(unchecked.value.raw), tools);
  if (stdin.value === null) return refused(stdin.issues);
  const batch = tools.readers.batch(text.value, { file: path, snapshot: base.value.snapshot, stdin: stdin.value });
  if (batch.value === null || hasErrors(batch.issues)) return refused(batch.issues);
  const wrong = unknownNames(batch.value, base.value.scenario, path);
  const asked = askedBy(batch.value, base.value, path);
  if (wrong.length > 0 || asked.value === null) return refused([...wrong, ...asked.issues]);
  return { value: { batch: batch.value, base: base.value, asked: asked.value.flows.length === 0 ? null : asked.value }, issues: [] };
}

async function loadBase({ snapshot, scenario, topology, simulation }: Batch['base'], path: string, tools: BatchTools): Promise<Parsed<LoadedScenario>> {
  if (simulation !== null) return loadStored(simulation, path, tools);
  if (scenario === null) return refused([issueOf(path, 'spec.base names no scenario', '/spec/base')]);
  const resolve = (name: string): string => tools.files.resolve(path, name);
  if (topology === null) return loadScenario(resolve(scenario), snapshot === null ? null : resolve(snapshot), tools);
  const bundle = readBundleTree(`${path}/spec/base/topology`, treeOfTopology(topology as { readonly [word: string]: Json }), tools.readers);
  const text = await tools.files.readText(resolve(scenario));
  if (bundle.value === null || text.value === null) return refused([...bundle.issues, ...text.issues]);
  return loadScenarioOn({ path: resolve(scenario), text: text.value, bundle: bundle.value }, tools);
}

async function loadStored(id: string, path: string, tools: BatchTools): Promise<Parsed<LoadedScenario>> {
  if (!tools.stored) return refused([issueOf(path, `spec.base.simulation is one that a service keeps: say with --service at which`, '/spec/base/simulation', id)]);
  const order = await tools.stored.order(id);
  if (order.value === null) return refused(order.issues);
  const { tree, scenario, seed } = order.value;
  const bundle = readBundleTree(`simulation ${id}`, tree, tools.readers);
  if (bundle.value === null) return refused(bundle.issues);
  return loadScenarioOn({ path: `simulation ${id}`, text: JSON.stringify(withSeed(scenario, seed)), bundle: bundle.value }, tools);
}

function askedBy({ matrices, variants }: Batch, { places, scenario }: LoadedScenario, file: string): Parsed<AskedMatrices> {
  const at = SETTLING + lastOf([...scenario.events, ...variants.flatMap(({ events }) => events)]);
  const issues: Issue[] = [];
  const asked = matrices.map((matrix: BatchMatrix, i) => {
    const spelled = matrixFlows(matrix, places, at);
    if ('refusal' in spelled) issues.push(issueOf(file, `matrix ${matrix.name}: ${spelled.refusal}`, `/spec/matrices/${i}`, matrix.name));
    return { matrix, flows: 'flows' in spelled ? spelled.flows : [] };
  });
  const flows = asked.flatMap((one) => one.flows);
  if (issues.length > 0) return refused(issues);
  const others = (of: BatchMatrix): string[] => asked.filter(({ matrix }) => matrix !== of).flatMap((one) => one.flows.map(({ name }) => name));
  return { value: { flows, expect: asked.map(({ matrix }) => ({ ...matrix.expect, except: others(matrix) })) }, issues: [] };
}

function lastOf(events: readonly ScenarioEvent[]): number {
  return events.reduce((last, { at }) => Math.max(last, at), 0);
}

/** Words of the batch file that this version does not carry out are refused by name, not left aside. */
function unsupported({ variants }: Batch, file: string): Issue[] {
  return variants.flatMap((variant, i) =>
    (['objects', 'components'] as const)
      .filter((word) => variant[word] !== null)
      .map((word): Issue => ({ code: 'NotSupported', severity: 'error', message: `this version does not carry out ${word} of a variant (${variant.name})`, file, pointer: `/spec/variants/${i}/${word}`, word })),
  );
}

function unknownNames({ expect, variants }: Batch, { flows }: Scenario, file: string): Issue[] {
  const isFlow = (name: string): boolean => name === '*' || flows.some((flow) => flow.name === name);
  const isVariant = (name: string): boolean => variants.some((variant) => variant.name === name);
  return expect.flatMap((one: BatchExpectation, i) => [
    ...[one.flow, ...one.except].filter((name) => !isFlow(name)).map((name) => issueOf(file, `expectation ${one.name}: no flow is named ${name}`, `/spec/expect/${i}`, name)),
    ...(one.variants ?? []).filter((name) => !isVariant(name)).map((name) => issueOf(file, `expectation ${one.name}: no variant is named ${name}`, `/spec/expect/${i}/variants`, name)),
  ]);
}

function issueOf(file: string, message: string, pointer: string, word?: string): Issue {
  return { code: 'InvalidBatch', severity: 'error', message, file, pointer, ...(word === undefined ? {} : { word }) };
}
