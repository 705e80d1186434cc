/** The whole service in one process, for specs: stores, queue and news in memory, and a worker that simulates for real. */
import { createHash } from 'node:crypto';
import { bench, giveUpJob, kernelEngine, MemoryFeed, MemoryQueue, memoryStores, NO_METER, performJob, standardReaders } from '@worldline/application';
import type { Job, JobConsumer } from '@worldline/application';
import type { Backend } from '../backend.js';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Ids and times that are the same in every run. */
function surroundings(): Backend['surroundings'] {
  let count = 0;
  return {
    now: () => new Date(Date.UTC(2026, 0, 1) + count * 1000).toISOString(),
    newId: () => `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`,
  };
}

export interface MemoryService extends Backend {
  /** Nothing is simulated before somebody works. */
  work(): Promise<JobConsumer>;
}

export function memoryService(): MemoryService {
  const around = surroundings();
  const stores = memoryStores(around);
  const queue = new MemoryQueue();
  const feed = new MemoryFeed();
  const readers = standardReaders(hash);
  const tools = { stores, queue, feed, readers, engine: kernelEngine, hash, meter: NO_METER };
  const handler = (job: Job): Promise<void> => performJob(job, tools);
  return {
    stores,
    queue,
    feed,
    hash,
    workbench: bench({ snapshots: stores.snapshots, readers, hash }),
    surroundings: around,
    engineVersion: kernelEngine.version,
    work: () => queue.consume({ handlers: { simulation: handler, comparison: handler, batch: handler }, concurrency: 1, onGivenUp: (job, error) => giveUpJob(job, error, tools) }),
  };
}
