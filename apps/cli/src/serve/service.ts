/** A whole service on this machine: Postgres, API, workers, explorer. Started in order, ended in the opposite one. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startPostgres } from '@worldline/platform';
import type { Tools } from '@worldline/application';
import { dataFolder } from './data-folder.js';
import { firstCases } from './first-cases.js';
import { Processes } from './processes.js';

export interface ServiceOptions {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tools: Pick<Tools, 'files' | 'readers'>;
  readonly tell: (line: string) => void;
  readonly warn: (line: string) => void;
}

export interface Service {
  readonly url: string;
  stop(): Promise<void>;
  /** Resolves when the database has ended by itself: nothing works without it. */
  readonly broken: Promise<void>;
}

const DEFAULT_PORT = 8080;
const WORKERS = 2;

interface Bundles {
  serviceBundle(): Promise<string>;
  explorerFolder(): Promise<string>;
}

export async function startService({ root, env, tools, tell, warn }: ServiceOptions): Promise<Service> {
  const bundles = (await import(pathToFileURL(join(root, 'apps/cli/bin/bundle.mjs')).href)) as Bundles;
  const processes = new Processes((name) => warn(`the ${name} has ended and is started again`));
  let stopDatabase = (): Promise<void> => Promise.resolve();
  let broken = new Promise<void>(() => undefined);
  const stop = async (): Promise<void> => {
    await processes.stop();
    await stopDatabase();
  };
  try {
    let databaseUrl = env['DATABASE_URL'];
    // Nobody waits for these two: they are made while the database starts.
    const [explorer] = await Promise.all([
      env['WORLDLINE_EXPLORER'] ?? bundles.explorerFolder().catch((error: Error) => void warn(`without explorer: ${error.message}`)),
      bundles.serviceBundle(),
      (async () => {
        if (databaseUrl) return;
        const postgres = await startPostgres({ folder: dataFolder(root, env['WORLDLINE_DATA']) });
        databaseUrl = postgres.url;
        stopDatabase = () => postgres.stop();
        broken = new Promise((resolve) => postgres.onExit(resolve));
      })(),
    ]);
    const settings = { LOG_LEVEL: 'warn', ...env, DATABASE_URL: databaseUrl, PORT: String(env['PORT'] || (await portToUse())), ...(explorer ? { WORLDLINE_EXPLORER: explorer } : {}) };
    const worker = { name: 'worker', script: join(root, 'apps/worker/bin/worker.mjs'), env: settings };
    const [api] = await Promise.all([
      processes.start({ name: 'API', script: join(root, 'apps/api/bin/api.mjs'), env: settings }),
      ...Array.from({ length: WORKERS }, () => processes.start(worker)),
    ]);
    const url = `http://${addressOf(env['HOST'])}:${api.port}`;
    await firstCases(url, join(root, 'scenarios'), tools, tell);
    return { url, stop, broken };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The well-known one, unless somebody has it. */
async function portToUse(): Promise<number> {
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(DEFAULT_PORT, '127.0.0.1', () => resolve(true)));
  await new Promise((resolve) => server.close(resolve));
  return isFree ? DEFAULT_PORT : 0;
}

function addressOf(host = '127.0.0.1'): string {
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
}
