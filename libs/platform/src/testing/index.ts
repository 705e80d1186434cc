/** Databases of their own for specs, in the server that the tests were started with (`tools/run-checks.mjs`). */
import { randomUUID } from 'node:crypto';
import { Database } from '../postgres/index.js';

/** An empty database; `drop` closes and removes it. */
export async function openDatabase(): Promise<{ readonly database: Database; readonly url: string; readonly drop: () => Promise<void> }> {
  const server = databaseUrl();
  const name = `worldline_${randomUUID().replaceAll('-', '')}`;
  const onError = (): void => undefined;
  const admin = new Database({ url: server, connections: 1, name: 'worldline test', onError });
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const database = new Database({ url: url.href, connections: 8, name: 'worldline test', onError });
  return {
    database,
    url: url.href,
    drop: async () => {
      await database.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.close();
    },
  };
}

function databaseUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL is not set: run "npm test", or "node tools/with-services.mjs npx jest ..."');
  return url;
}

export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (url === undefined) throw new Error('REDIS_URL is not set: run "npm test", or "node tools/with-services.mjs npx jest ..."');
  return url;
}
