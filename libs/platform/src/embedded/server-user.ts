/** Postgres does not run as root, so root starts it as somebody else. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { OperatingError } from '@worldline/application';

export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Who is to run the server; null: whoever we are. */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const found = accounts.find(([name]) => name === wanted);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new OperatingError('PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as: start this as another user, or set DATABASE_URL');
}

/** Whether that user can enter a folder. */
export function canReach(folder: string, user: ServerUser | null): boolean {
  return user === null || spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', stdio: 'ignore', ...user }).status === 0;
}
