/** A process that holds a real Postgres and a real Redis for a test run: it says where they are on one line, and ends them with its input. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, startRedis } from '../embedded/index.js';

interface Started {
  readonly url: string;
  stop(): Promise<void>;
}

/** Servers that are given by `DATABASE_URL` and `REDIS_URL` are used as they are; the others start at once and end together. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'worldline-services-'));
  chmodSync(folder, 0o755);
  const cache = process.argv[2] ?? folder;
  const given = (url: string | undefined, start: () => Promise<Started>): Promise<Started> => (url === undefined ? start() : Promise.resolve({ url, stop: () => Promise.resolve() }));
  const starting = await Promise.allSettled([
    given(process.env['DATABASE_URL'], () => startPostgres({ folder: join(folder, 'postgres'), isThrowaway: true })),
    given(process.env['REDIS_URL'], () => startRedis({ folder: join(folder, 'redis'), cache })),
  ]);
  const end = async (): Promise<void> => {
    await Promise.all(starting.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = starting.filter((one) => one.status === 'rejected');
  if (failed.length > 0) {
    await end();
    throw failed[0]?.reason;
  }
  const [database, redis] = starting.map((one) => (one.status === 'fulfilled' ? one.value.url : ''));
  process.stdout.write(`${JSON.stringify({ DATABASE_URL: database, REDIS_URL: redis })}\n`);
  const stop = (): void => void end().then(() => process.exit());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined); // the runner says when
  process.stdin.on('end', stop).on('close', stop).resume();
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
});
