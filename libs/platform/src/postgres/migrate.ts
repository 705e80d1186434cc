/** Brings a database to the present schema: the files of `migrations/`, in order, each once and each in a transaction. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OperatingError } from '@worldline/application';
import type { Database } from './database.js';

/** Any number, as long as nobody else uses it: two processes that start at once migrate one after the other. */
const LOCK = 7_266_534_413;

/** Applies what is not applied yet; the names of these. */
export async function migrate(database: Database, folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return database.transaction(async (connection) => {
    await connection.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await connection.query('create table if not exists migration (name text primary key, digest text not null, applied_at timestamptz not null default now())');
    const known = new Map((await connection.query<{ name: string; digest: string }>('select name, digest from migration')).map(({ name, digest }) => [name, digest]));
    const applied: string[] = [];
    for (const name of files) {
      const text = await readFile(join(folder, name), 'utf8');
      const digest = createHash('sha256').update(text).digest('hex');
      const before = known.get(name);
      if (before !== undefined && before !== digest) throw new OperatingError(`migration ${name} was changed after it had been applied to this database`);
      if (before !== undefined) continue;
      await connection.query(text);
      await connection.query('insert into migration (name, digest) values ($1, $2)', [name, digest]);
      applied.push(name);
    }
    return applied;
  });
}
