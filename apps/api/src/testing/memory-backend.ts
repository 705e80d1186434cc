/** The whole service in one process, for specs: stores, queue and news in memory, and a worker that simulates for real. */
import { createHash } from 'node:crypto';
import { Replayer, bench, giveUpJob, kernelEngine, MemoryFeed, MemoryQueue, memoryStores, NO_METER, performJob, standardReaders } from '@worldline/application';
import type { Job, JobConsumer } from '@worldline/application';
import { steadySurroundings } from '@worldline/application/conformance';
import type { HashText } from '@worldline/model';
import type { Backend } from '../backend.js';

const hash: HashText = (content) => createHash('sha256').update(typeof content === 'string' ? content : Buffer.concat(content)).digest('hex');

export interface TestService extends Backend {
  /** Nothing is simulated before somebody works. */
  work(): Promise<JobConsumer>;
}

export function memoryService(): TestService {
  const around = steadySurroundings();
  return serviceOn({ stores: memoryStores(around), feed: new MemoryFeed() }, around);
}

/** A service on stores and news of any kind; jobs wait in memory, and are done by this process. */
export function serviceOn({ stores, feed }: Pick<Backend, 'stores' | 'feed'>, surroundings: Backend['surroundings']): TestService {
  const queue = new MemoryQueue();
  const readers = standardReaders(hash);
  const tools = { stores, queue, feed, readers, engine: kernelEngine, hash, meter: NO_METER };
  const handler = (job: Job): Promise<void> => performJob(job, tools);
  return {
    stores,
    queue,
    feed,
    hash,
    surroundings,
    workbench: bench({ snapshots: stores.snapshots, readers, hash }),
    replays: new Replayer({ simulations: stores.simulations, snapshots: stores.snapshots, readers, engine: kernelEngine }),
    engineVersion: kernelEngine.version,
    work: () => queue.consume({ handlers: { simulation: handler, comparison: handler, batch: handler }, concurrency: 1, onGivenUp: (job, error) => giveUpJob(job, error, tools) }),
  };
}
