/** What users ask of the service. Everything is checked before it is stored, so that a job rarely finds anything wrong. */
import { API_VERSION, digestOf } from '@worldline/model';
import type { HashText, Json } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import type { Mode } from '../../simulate/index.js';
import type { Created, Idempotency, JobKind, JobQueue, ProgressFeed, Stores, Surroundings, Workbench } from '../ports.js';
import type { BatchRecord, ComparisonRecord, ComparisonSide, Problem, SimulationRecord, SnapshotRecord } from '../records.js';
import { batchPlace, problemOf, scenarioPlace, wholeDocument } from './problems.js';

export interface ServiceTools {
  readonly stores: Stores;
  readonly queue: JobQueue;
  readonly feed: ProgressFeed;
  readonly workbench: Workbench;
  readonly surroundings: Surroundings;
  readonly hash: HashText;
  readonly engineVersion: string;
}

/** `refused`: the input is wrong. `unknown`: it names something that is not there; `pointer` says where in the body. */
export type Refusal = { readonly kind: 'refused'; readonly problem: Problem } | { readonly kind: 'unknown'; readonly what: 'snapshot' | 'simulation'; readonly id: string; readonly pointer: string };

export type Submission<T> = Created<T> | Refusal;

/** Stores a bundle that came as an archive. */
export async function storeArchive(bytes: Uint8Array, tools: ServiceTools): Promise<Submission<SnapshotRecord>> {
  const { value, issues } = await tools.workbench.openArchive(bytes);
  return value === null ? { kind: 'refused', problem: problemOf('invalid-snapshot', issues, {}) } : storeSnapshot(value, tools);
}

/** Stores a bundle; the same content twice is `existing`. */
export async function storeSnapshot(tree: FileTree, { workbench, stores }: ServiceTools): Promise<Submission<SnapshotRecord>> {
  const { value, issues } = await workbench.inspect(tree);
  if (value === null) return { kind: 'refused', problem: problemOf('invalid-snapshot', issues, {}) };
  const { record, isNew } = await stores.snapshots.put({ ...value, tree, issues });
  return { kind: isNew ? 'created' : 'existing', record };
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

/** The bundle that an inline topology is: its `files` as they are, the rest as `cluster.yaml` and Kubernetes objects. */
export function treeOfTopology(topology: { readonly [word: string]: Json | undefined }): FileTree {
  const { files, objects, ...spec } = topology;
  const encoder = new TextEncoder();
  const tree = new Map<string, Uint8Array>();
  if (Object.keys(spec).length > 0) tree.set('cluster.yaml', encoder.encode(JSON.stringify({ apiVersion: API_VERSION, kind: 'Cluster', metadata: { name: 'inline' }, spec })));
  if (typeof objects === 'string') tree.set('kubernetes/objects.yaml', encoder.encode(objects));
  else if (Array.isArray(objects)) tree.set('kubernetes/objects.json', encoder.encode(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })));
  for (const [name, text] of Object.entries((files ?? {}) as Readonly<Record<string, string>>)) tree.set(name, encoder.encode(text));
  return tree;
}

export interface SimulationOrder {
  /** Digest of a stored snapshot. */
  readonly snapshot: string;
  /** The whole document, or its spec alone. */
  readonly scenario: Json;
  /** Instead of the scenario's own. */
  readonly seed?: number;
  readonly mode?: Mode;
}

/** Asks for a simulation. The body's digest, for `Idempotency-Key`, is the caller's. */
export async function submitSimulation(order: SimulationOrder, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<SimulationRecord>> {
  const { document, isWhole } = wholeDocument('Scenario', order.scenario);
  const checked = await tools.workbench.checkScenario(order.snapshot, JSON.stringify(document));
  if (checked === null) return { kind: 'unknown', what: 'snapshot', id: order.snapshot, pointer: '#/snapshot' };
  if (checked.value === null) return { kind: 'refused', problem: problemOf('invalid-scenario', checked.issues, scenarioPlace(isWhole)) };
  const { name, seed, digest } = checked.value;
  const simulation = {
    id: tools.surroundings.newId(),
    name,
    snapshotDigest: order.snapshot,
    scenario: document,
    scenarioDigest: digest,
    seed: order.seed ?? seed,
    mode: order.mode ?? 'sample',
    engineVersion: tools.engineVersion,
  };
  return queued('simulation', await tools.stores.simulations.create(simulation, idempotency), tools);
}

/** Cancels a simulation; what is at its end already stays as it is. Null: there is none. */
export async function cancelSimulation(id: string, { stores, feed }: ServiceTools): Promise<SimulationRecord | null> {
  const record = await stores.simulations.cancel(id);
  if (record) await feed.publish(id);
  return record;
}

/** Erases a simulation; a worker that is at it gives up. */
export async function purgeSimulation(id: string, { stores, feed }: ServiceTools): Promise<boolean> {
  const wasThere = await stores.simulations.purge(id);
  if (wasThere) await feed.publish(id);
  return wasThere;
}

/** Asks for a comparison of two simulations, which may still be at work. */
export async function submitComparison(order: { readonly baseline: ComparisonSide; readonly candidate: ComparisonSide }, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<ComparisonRecord>> {
  for (const side of ['baseline', 'candidate'] as const) {
    const [found] = await tools.stores.simulations.get([order[side].simulation]);
    if (!found) return { kind: 'unknown', what: 'simulation', id: order[side].simulation, pointer: `#/${side}/simulation` };
  }
  return queued('comparison', await tools.stores.comparisons.create({ id: tools.surroundings.newId(), ...order }, idempotency), tools);
}

export interface BatchOrder {
  /** The spec of the batch file, or the whole file, with digests for paths. */
  readonly batch: Json;
  readonly base: { readonly snapshot: string; readonly scenario: Json } | { readonly simulation: string };
}

/** Asks for a what-if: a base and its variants. */
export async function submitBatch({ batch, base }: BatchOrder, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<BatchRecord>> {
  const { document, isWhole } = wholeDocument('Batch', batch);
  const found = await baseOf(base, tools);
  if (found === null) return { kind: 'unknown', what: 'simulation', id: 'simulation' in base ? base.simulation : '', pointer: '#/base/simulation' };
  const written = withBase(document);
  const checked = await tools.workbench.checkBatch({ snapshotDigest: found.snapshot, scenario: JSON.stringify(found.document), batch: JSON.stringify(written) });
  if (checked === null) return { kind: 'unknown', what: 'snapshot', id: found.snapshot, pointer: '#/base/snapshot' };
  if (checked.value === null) return { kind: 'refused', problem: problemOf('invalid-batch', checked.issues, { ...scenarioPlace(found.isWhole, '#/base/scenario'), ...batchPlace(isWhole) }) };
  const record = { id: tools.surroundings.newId(), name: checked.value.name, snapshotDigest: found.snapshot, scenario: found.document, batch: written };
  return queued('batch', await tools.stores.batches.create(record, idempotency), tools);
}

async function baseOf(base: BatchOrder['base'], { stores }: ServiceTools): Promise<{ readonly snapshot: string; readonly document: Json; readonly isWhole: boolean } | null> {
  if ('snapshot' in base) return { snapshot: base.snapshot, ...wholeDocument('Scenario', base.scenario) };
  const [simulation] = await stores.simulations.get([base.simulation]);
  return simulation ? { snapshot: simulation.snapshotDigest, document: simulation.scenario, isWhole: true } : null;
}

/** The batch as the use case reads it: its base stands beside it. */
function withBase(document: Json): Json {
  const { spec, ...head } = document as { readonly spec: { readonly [word: string]: Json }; readonly [word: string]: Json };
  return { ...head, spec: { ...spec, base: { snapshot: './snapshot', scenario: './scenario.json' } } };
}

async function queued<T extends { readonly id: string }>(kind: JobKind, created: Created<T>, { queue }: ServiceTools): Promise<Created<T>> {
  // What exists already is asked for again: whoever created it may have died before it was.
  if (created.kind !== 'conflict') await queue.add([{ kind, target: created.record.id }]);
  return created;
}

/** Puts all unfinished work into the queue: for starting up, and now and then, should a queue have lost anything. */
export async function requeueUnfinished({ stores, queue }: Pick<ServiceTools, 'stores' | 'queue'>): Promise<void> {
  const kinds = [
    ['simulation', stores.simulations],
    ['comparison', stores.comparisons],
    ['batch', stores.batches],
  ] as const;
  for (const [kind, store] of kinds) {
    const ids = await store.unfinished();
    if (ids.length > 0) await queue.add(ids.map((target) => ({ kind, target })));
  }
}

/** Digest of a request's body, for `Idempotency-Key`. */
export function bodyDigest(body: Json, hash: HashText): string {
  return digestOf(body, hash);
}
