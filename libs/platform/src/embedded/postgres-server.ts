/**
 * A Postgres server of our own: real binaries, data in a folder, loopback only, gone with us.
 *
 * Killed with -9, a launcher cannot stop anything. On Linux the kernel then interrupts the server (`setpriv --pdeathsig`); elsewhere the
 * server stays, and the next start finds it by its pid file and goes on with it.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatingError } from '@worldline/application';
import pg from 'pg';
import { findBinaries } from './binaries.js';
import type { Binaries } from './binaries.js';
import { serverUser } from './server-user.js';
import type { ServerUser } from './server-user.js';

export interface PostgresServer {
  readonly url: string;
  /** Ends it and waits for that; a server that was running before stays. */
  stop(): Promise<void>;
  /** Called when it ends without being asked to. */
  onExit(listener: () => void): void;
}

export interface PostgresServerOptions {
  /** Where data are kept; made when it is not there. */
  readonly folder: string;
  /** Data that nobody wants back: nothing is forced to the disk. */
  readonly isThrowaway?: boolean;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const POLL_MS = 50;
const SUPERUSER = 'worldline';
const DATABASE = 'postgres';

export async function startPostgres({ folder, isThrowaway = false }: PostgresServerOptions): Promise<PostgresServer> {
  const user = serverUser();
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const binaries = findBinaries(user, folder);
  const data = join(folder, 'postgres');
  const running = await findRunning(data);
  if (running !== null) return { url: urlOf(running), stop: () => Promise.resolve(), onExit: () => undefined };
  if (!existsSync(join(data, 'PG_VERSION'))) initialise(data, binaries, user, isThrowaway);
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version !== binaries.major) throw new OperatingError(`the data in ${data} were written by PostgreSQL ${version}, but only PostgreSQL ${binaries.major} is here: give another folder with WORLDLINE_DATA, or a server with DATABASE_URL`);
  return launch({ data, binaries, user, isThrowaway });
}

/** Under another name first: an interrupted initdb leaves a folder that looks like data and is none. */
function initialise(data: string, { folder }: Binaries, user: ServerUser | null, isThrowaway: boolean): void {
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  if (user) chownSync(fresh, user.uid, user.gid);
  const words = ['-D', fresh, '-U', SUPERUSER, '--auth=trust', '--locale=C', '--encoding=UTF8', ...(isThrowaway ? ['--no-sync'] : [])];
  const { status, stderr, error } = spawnSync(join(folder, 'initdb'), words, { encoding: 'utf8', cwd: '/', env: { ...process.env, LC_ALL: 'C' }, ...(user ?? {}) });
  if (status !== 0) throw new OperatingError(`initdb failed: ${error?.message ?? stderr.trim()}`);
  renameSync(fresh, data);
}

interface Launch {
  readonly data: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | null;
  readonly isThrowaway: boolean;
}

async function launch({ data, binaries, user, isThrowaway }: Launch): Promise<PostgresServer> {
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=128MB',
    'log_min_messages=warning',
    ...(isThrowaway ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const words = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const [command = '', ...first] = [...diesWithUs(), join(binaries.folder, 'postgres')];
  // In a group of its own: Ctrl-C is for us, and we stop it last.
  const child = spawn(command, [...first, ...words], { cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, LC_ALL: 'C' }, ...(user ?? {}) });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', (error) => {
      said = error.message;
      resolve();
    });
  });
  let isOver = false;
  let isStopping = false;
  const listeners: (() => void)[] = [];
  void ended.then(() => {
    isOver = true;
    if (!isStopping) for (const listener of listeners) listener();
  });
  await waitUntilReady(port, () => isOver).catch(async (error: unknown) => {
    isStopping = true;
    await stop(child, ended);
    throw new OperatingError(`PostgreSQL did not start: ${said.trim() || (error as Error).message}`, { cause: error });
  });
  return {
    url: urlOf(port),
    onExit: (listener) => void listeners.push(listener),
    stop: () => {
      isStopping = true;
      return isOver ? Promise.resolve() : stop(child, ended);
    },
  };
}

/** Words before a command that make the kernel interrupt it when its parent dies. */
export function diesWithUs(): string[] {
  const hasSetpriv = process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'INT', 'true'], { stdio: 'ignore' }).status === 0;
  return hasSetpriv ? ['setpriv', '--pdeathsig', 'INT'] : [];
}

/** SIGINT is the fast shutdown: transactions are rolled back, nothing is lost. */
async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

/** The port of a server that has this folder already; null when there is none, or it has just gone. */
async function findRunning(data: string): Promise<number | null> {
  for (;;) {
    const lines = readLines(join(data, 'postmaster.pid'));
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!pid || !isAlive(pid)) return null;
    // One that was just told to end still answers for a moment: only two answers in a row are believed.
    if (port && (await answers(port)) && (await delay(300, true)) && (await answers(port))) return port;
    await delay(POLL_MS);
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // After a reboot the number may be somebody else's.
  const name = process.platform === 'linux' ? readLines(`/proc/${pid}/comm`)[0] : 'postgres';
  return name === 'postgres';
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(port), connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function waitUntilReady(port: number, isOver: () => boolean): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (isOver()) throw new Error('it ended at once');
    if (Date.now() > limit) throw new Error(`it did not answer within ${START_LIMIT_MS / 1000} s`);
    await delay(POLL_MS);
  }
}

function urlOf(port: number): string {
  return `postgresql://${SUPERUSER}@127.0.0.1:${port}/${DATABASE}`;
}

/** A port that nobody has at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
