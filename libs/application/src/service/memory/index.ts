import { MemoryBatches } from './memory-batches.js';
import { MemoryComparisons } from './memory-comparisons.js';
import { MemorySimulations } from './memory-simulations.js';
import { MemorySnapshots } from './memory-snapshots.js';
import type { Stores, Surroundings } from '../ports.js';

export { MemoryFeed } from './memory-feed.js';
export { MemoryQueue } from './memory-queue.js';

/** All stores in memory: real ones, gone with the process. */
export function memoryStores(surroundings: Surroundings): Stores {
  const simulations = new MemorySimulations(surroundings);
  return { snapshots: new MemorySnapshots(surroundings), simulations, comparisons: new MemoryComparisons(surroundings, simulations), batches: new MemoryBatches(surroundings) };
}
