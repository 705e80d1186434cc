import type { Stores, Surroundings } from '@worldline/application';
import type { Database } from './database.js';
import { PostgresBatches } from './postgres-batches.js';
import { PostgresComparisons } from './postgres-comparisons.js';
import { PostgresSimulations } from './postgres-simulations.js';
import { PostgresSnapshots } from './postgres-snapshots.js';

export { Database } from './database.js';
export type { DatabaseOptions } from './database.js';
export { migrate } from './migrate.js';
export { PostgresFeed } from './postgres-feed.js';

/** All stores in one database, whose schema `migrate` has made. */
export function postgresStores(database: Database, surroundings: Surroundings): Stores {
  return {
    snapshots: new PostgresSnapshots(database, surroundings),
    simulations: new PostgresSimulations(database, surroundings),
    comparisons: new PostgresComparisons(database, surroundings),
    batches: new PostgresBatches(database, surroundings),
  };
}
