/** What users ask of the service. Everything is checked before it is stored, so that a job rarely finds anything wrong. */
import { digestOf } from '@worldline/model';
import type { HashText, Json } from '@worldline/model';
import type { FileTree } from '@worldline/snapshot';
import { treeOfTopology } from '../../load/index.js';
import type { Mode } from '../../simulate/index.js';
import type { Created, Idempotency, JobKind, JobQueue, NewSimulation, ProgressFeed, Stores, Surroundings, Workbench } from '../ports.js';
import type { Replays } from '../replay/index.js';
import type { Problem, SimulationRecord, SnapshotRecord } from '../records.js';
import { problemOf, scenarioPlace, wholeDocument } from './problems.js';

export interface ServiceTools {
  readonly stores: Stores;
  readonly queue: JobQueue;
  readonly feed: ProgressFeed;
  readonly workbench: Workbench;
  readonly replays: Replays;
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
export async function storeSnapshot(tree: FileTree, { workbench, stores }: ServiceTools): Promise<Exclude<Submission<SnapshotRecord>, { readonly kind: 'conflict' }>> {
  const { value, issues } = await workbench.inspect(tree);
  if (value === null) return { kind: 'refused', problem: problemOf('invalid-snapshot', issues, {}) };
  const { record, isNew } = await stores.snapshots.put({ ...value, tree, issues });
  return { kind: isNew ? 'created' : 'existing', record };
}

/** A stored snapshot by its digest, or a bundle that comes with the request. */
export type SnapshotSource = { readonly snapshot: string } | { readonly topology: { readonly [word: string]: Json | undefined } };

export interface SimulationOrder {
  readonly of: SnapshotSource;
  /** The whole document, or its spec alone. */
  readonly scenario: Json;
  /** Instead of the scenario's own. */
  readonly seed?: number;
  readonly mode?: Mode;
}

/** Asks for a simulation. The body's digest, for `Idempotency-Key`, is the caller's. */
export async function submitSimulation(order: SimulationOrder, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<SimulationRecord>> {
  const prepared = await prepareSimulation(order, '#', tools);
  return prepared.kind === 'prepared' ? createSimulation(prepared.simulation, idempotency, tools) : prepared;
}

/** Checks an order without storing more than its bundle; `at` is where in the body it stands. */
export async function prepareSimulation(order: SimulationOrder, at: string, tools: ServiceTools): Promise<{ readonly kind: 'prepared'; readonly simulation: NewSimulation } | Refusal> {
  const { document, isWhole } = wholeDocument('Scenario', order.scenario);
  const source = await digestOfSource(order.of, tools);
  if (source.kind !== 'stored') return source;
  const checked = await tools.workbench.checkScenario(source.digest, JSON.stringify(document));
  if (checked === null) return { kind: 'unknown', what: 'snapshot', id: source.digest, pointer: `${at}/snapshot` };
  if (checked.value === null) return { kind: 'refused', problem: problemOf('invalid-scenario', checked.issues, scenarioPlace(isWhole, `${at}/scenario`)) };
  const { name, seed, digest } = checked.value;
  const simulation: NewSimulation = {
    id: tools.surroundings.newId(),
    name,
    snapshotDigest: source.digest,
    scenario: document,
    scenarioDigest: digest,
    seed: order.seed ?? seed,
    mode: order.mode ?? 'sample',
    engineVersion: tools.engineVersion,
  };
  return { kind: 'prepared', simulation };
}

export async function createSimulation(simulation: NewSimulation, idempotency: Idempotency | null, tools: ServiceTools): Promise<Created<SimulationRecord>> {
  return queued('simulation', await tools.stores.simulations.create(simulation, idempotency), tools);
}

/** A bundle that comes along is a snapshot like any other. That a digest is of a stored one, who reads it will find. */
export async function digestOfSource(source: SnapshotSource, tools: ServiceTools): Promise<{ readonly kind: 'stored'; readonly digest: string } | Refusal> {
  if ('snapshot' in source) return { kind: 'stored', digest: source.snapshot };
  const stored = await storeSnapshot(treeOfTopology(source.topology), tools);
  return 'record' in stored ? { kind: 'stored', digest: stored.record.digest } : stored;
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

/** Puts the job for a new record into the queue. */
export async function queued<T extends { readonly id: string }>(kind: JobKind, created: Created<T>, { queue }: ServiceTools): Promise<Created<T>> {
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
