/** The real adapters, joined: what API and worker processes stand on. */
import { join } from 'node:path';
import { kernelEngine } from '@worldline/application';
import type { JobSource, ServiceTools } from '@worldline/application';
import type { Configuration } from '../configuration/index.js';
import { BullQueue } from '../jobs/index.js';
import type { Log } from '../logging/index.js';
import { Database, PostgresFeed, migrate, postgresStores } from '../postgres/index.js';
import { nodeHash, nodeSurroundings } from '../system/index.js';
import { ReplayThread, Threads } from '../threads/index.js';

export interface Backend {
  readonly tools: ServiceTools;
  readonly threads: Threads;
  readonly source: JobSource;
  close(): Promise<void>;
}

export interface BackendOptions {
  readonly configuration: Configuration;
  /** Name of the process: `api`, `worker`. */
  readonly name: string;
  readonly log: Log;
  /** The repository's root: migrations stand in it. */
  readonly root: string;
  /** Folder of the bundle that this process runs from. */
  readonly bundle: string;
  readonly threads: number;
  /** Called for every statement that goes to the database. */
  readonly onQuery?: () => void;
}

const CONNECTIONS = 10;

export async function openBackend({ configuration, name, log, root, bundle, threads: count, onQuery }: BackendOptions): Promise<Backend> {
  const { databaseUrl, redisUrl, jobs, lockMs, threadMemoryMiB } = configuration;
  const onError = (error: Error): void => log.error({ reason: error.message }, 'a connection failed');
  const database = new Database({ url: databaseUrl, connections: CONNECTIONS, name: `worldline ${name}`, onError, ...(onQuery ? { onQuery } : {}) });
  try {
    await migrate(database, join(root, 'libs/platform/migrations'));
  } catch (error) {
    await database.close();
    throw error;
  }
  const stores = postgresStores(database, nodeSurroundings);
  const queue = new BullQueue({ databaseUrl, redisUrl, prefix: jobs, lockMs, onError });
  const feed = new PostgresFeed(database);
  const threads = new Threads({ file: join(bundle, 'thread.mjs'), databaseUrl, count, memoryMiB: threadMemoryMiB });
  const replays = new ReplayThread({ file: join(bundle, 'thread.mjs'), databaseUrl, memoryMiB: threadMemoryMiB });
  return {
    tools: { stores, queue, feed, workbench: threads, replays, surroundings: nodeSurroundings, hash: nodeHash, engineVersion: kernelEngine.version },
    threads,
    source: queue,
    close: async () => {
      await threads.close();
      await replays.close();
      await queue.close();
      await feed.close();
      await database.close();
    },
  };
}
