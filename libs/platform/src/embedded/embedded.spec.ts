/** A Postgres of our own: kept data, one server a folder, and what is left when whoever started it is killed. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { diesWithUs, startPostgres } from './index.js';

jest.setTimeout(120_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-embedded-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

function serverPid(): number {
  return Number(readFileSync(join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

test('data are kept from one start to the next, on loopback only', async () => {
  const first = await startPostgres({ folder });
  await ask(first.url, 'create table t as select 42 as answer');
  expect(await ask(first.url, 'show listen_addresses')).toEqual(['127.0.0.1']);
  await first.stop();
  expect(existsSync(join(folder, 'postgres/postmaster.pid'))).toBe(false);
  const second = await startPostgres({ folder });
  expect(await ask(second.url, 'select answer from t')).toEqual([42]);
  await second.stop();
});

test('a second start on the same folder goes on with the server that is there, and leaves it running', async () => {
  const first = await startPostgres({ folder, isThrowaway: true });
  const second = await startPostgres({ folder });
  expect(second.url).toBe(first.url);
  await second.stop();
  expect(await ask(first.url, 'select 1')).toEqual([1]);
  await first.stop();
});

test('what an interrupted or killed start has left is no obstacle', async () => {
  mkdirSync(join(folder, 'postgres.new'));
  writeFileSync(join(folder, 'postgres.new/half'), '');
  const first = await startPostgres({ folder, isThrowaway: true });
  const ended = new Promise<void>((resolve) => first.onExit(resolve));
  process.kill(serverPid(), 'SIGKILL');
  await ended;
  const second = await startPostgres({ folder });
  expect(await ask(second.url, 'select 1')).toEqual([1]);
  await second.stop();
});

test('data of another version are refused with what can be done about it', async () => {
  const server = await startPostgres({ folder, isThrowaway: true });
  await server.stop();
  writeFileSync(join(folder, 'postgres/PG_VERSION'), '9\n');
  await expect(startPostgres({ folder })).rejects.toThrow(/written by PostgreSQL 9.*WORLDLINE_DATA.*DATABASE_URL/);
});

test('a process started to die with us does so when we are killed', async () => {
  if (diesWithUs().length === 0) return; // Only Linux can; elsewhere the second test above is what helps.
  const script = `const { spawn } = require('node:child_process');
    const [command, ...words] = ${JSON.stringify([...diesWithUs(), 'sleep', '600'])};
    process.stdout.write(String(spawn(command, words, { stdio: 'ignore', detached: true }).pid));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(await new Promise<string>((resolve) => parent.stdout.once('data', (data: Buffer) => resolve(data.toString()))));
  while (!isRunning(pid, 'sleep'));
  parent.kill('SIGKILL');
  while (isRunning(pid, 'sleep'));
  expect(isRunning(pid, 'sleep')).toBe(false);
});

function isRunning(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8').startsWith(`Name:\t${name}\n`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
