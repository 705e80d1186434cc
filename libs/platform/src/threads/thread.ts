/** The inside of a worker thread: where archives are unpacked, bundles read and simulations run. Its functions are called by name. */
import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Replayer, bench, kernelEngine, performJob, standardReaders } from '@worldline/application';
import type { Job, PerformTools, Replays, Workbench } from '@worldline/application';
import { Database, PostgresFeed, postgresStores } from '../postgres/index.js';
import { nodeHash, nodeMeter, nodeSurroundings } from '../system/index.js';

export interface ThreadData {
  readonly databaseUrl: string;
}

export interface ReplayQuestion {
  readonly question: keyof Replays;
  readonly words: readonly unknown[];
}

/** What a performed job asks for next. */
export type Performed = readonly Job[];

const PROGRESS_EVERY_MS = 100;

const { databaseUrl } = workerData as ThreadData;
const database = new Database({ url: databaseUrl, connections: 2, name: 'worldline thread', onError: () => undefined });
const stores = postgresStores(database, nodeSurroundings);
const readers = standardReaders(nodeHash);
const work: Workbench = bench({ snapshots: stores.snapshots, readers, hash: nodeHash });

export const openArchive: Workbench['openArchive'] = (bytes) => work.openArchive(bytes);
export const inspect: Workbench['inspect'] = (tree) => work.inspect(tree);
export const checkScenario = ([digest, scenario]: Parameters<Workbench['checkScenario']>): ReturnType<Workbench['checkScenario']> => work.checkScenario(digest, scenario);
export const checkBatch: Workbench['checkBatch'] = (request) => work.checkBatch(request);

/** Threads of one process that replay keep their own answers: there is one such thread. */
const replays: Replays = new Replayer({ simulations: stores.simulations, snapshots: stores.snapshots, readers, engine: kernelEngine });

/** Answers a question of `Replays`. */
export function replay({ question, words }: ReplayQuestion): Promise<unknown> {
  return (replays[question] as (...words: readonly unknown[]) => Promise<unknown>)(...words);
}

/** Does a job; progress goes to the port while it runs. */
export async function perform({ job, port }: { readonly job: Job; readonly port: MessagePort }): Promise<Performed> {
  const next: Job[] = [];
  try {
    await performJob(job, toolsFor(next, reporter(port)));
    return next;
  } finally {
    port.close();
  }
}

function toolsFor(next: Job[], onProgress: (done: number, of: number) => void): PerformTools {
  const counts = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  // Jobs go into the queue where the queue is: outside.
  const queue = { add: (jobs: readonly Job[]) => Promise.resolve(void next.push(...jobs)), counts: () => Promise.resolve(counts) };
  return { stores, queue, feed: new PostgresFeed(database), readers, engine: kernelEngine, hash: nodeHash, meter: nodeMeter, onProgress };
}

function reporter(port: MessagePort): (done: number, of: number) => void {
  let last = 0;
  return (done, of) => {
    const now = Date.now();
    if (now - last < PROGRESS_EVERY_MS) return;
    last = now;
    port.postMessage({ done, of });
  };
}
