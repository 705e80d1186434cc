/**
 * A Redis server for tests: the one of PATH, else Debian's own packages, unpacked privately. Needs no root, installs nothing, starts no
 * service. The product never does this: it uses Redis where REDIS_URL names one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatingError } from '@worldline/application';
import { diesWithUs, freePort } from './postgres-server.js';

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1', 'libssl3', 'libsystemd0'];
const START_LIMIT_MS = 15_000;

/** Starts one without persistence on a free port; `cache` keeps unpacked packages. */
export async function startRedis({ folder, cache }: { readonly folder: string; readonly cache: string }): Promise<RedisServer> {
  const { command, env } = findRedis(cache);
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, '--daemonize', 'no'];
  const [first = '', ...words] = [...diesWithUs(), command, ...settings];
  const child = spawn(first, words, { cwd: folder, detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const stop = async (): Promise<void> => {
    if (!isOver) child.kill('SIGTERM');
    await ended;
  };
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (isOver || Date.now() > limit) {
      await stop();
      throw new OperatingError(`Redis did not start: ${said.trim() || 'no answer'}`);
    }
    await delay(50);
  }
  return { url: `redis://127.0.0.1:${port}`, stop };
}

function findRedis(cache: string): { readonly command: string; readonly env: Readonly<Record<string, string>> } {
  for (const command of ['redis-server', 'valkey-server']) {
    if (spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0) return { command, env: {} };
  }
  const root = join(cache, 'redis');
  if (!existsSync(join(root, 'usr/bin'))) unpackPackages(root);
  const libraries = readdirSync(join(root, 'usr/lib')).filter((name) => name.endsWith('-linux-gnu'));
  const paths = libraries.flatMap((name) => [join(root, 'usr/lib', name), join(root, 'lib', name)]);
  return { command: join(root, 'usr/bin/redis-server'), env: { LD_LIBRARY_PATH: paths.join(':') } };
}

/** `apt-get` with lists and archives in a folder of our own. */
function unpackPackages(root: string): void {
  const working = `${root}.${process.pid}`;
  const state = join(working, 'apt');
  const target = join(working, 'root');
  try {
    for (const folder of ['state/lists/partial', 'cache/archives/partial']) mkdirSync(join(state, folder), { recursive: true });
    mkdirSync(target);
    writeFileSync(join(state, 'status'), '');
    const options = [
      `Dir::State=${join(state, 'state')}`,
      `Dir::State::status=${join(state, 'status')}`,
      `Dir::Cache=${join(state, 'cache')}`,
      'Debug::NoLocking=1',
      'APT::Sandbox::User=',
      'Acquire::Languages=none',
    ].flatMap((option) => ['-o', option]);
    attempt('apt-get', [...options, '-q', 'update'], working);
    for (const name of PACKAGES) attempt('apt-get', [...options, '-q', 'download', name], working, name.startsWith('lib'));
    for (const archive of readdirSync(working).filter((name) => name.endsWith('.deb'))) attempt('dpkg-deb', ['-x', archive, target], working);
    try {
      renameSync(target, root);
    } catch (error) {
      if (!existsSync(join(root, 'usr/bin'))) throw error; // another process was quicker
    }
  } finally {
    rmSync(working, { recursive: true, force: true });
  }
}

function attempt(command: string, words: readonly string[], cwd: string, isOptional = false): void {
  const { status, stderr, error } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (status === 0 || isOptional) return;
  throw new OperatingError(`tests need a real Redis: none is on PATH, and unpacking Debian's failed at "${command} ${words.at(-1)}": ${error?.message ?? stderr.trim()}. Install redis-server (or valkey), or set REDIS_URL.`);
}

/** Whether a server says PONG. */
async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.end();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
