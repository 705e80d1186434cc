/** What simulations, comparisons and batches have in common in SQL: idempotent creation. */
import type { Created, Idempotency } from '@worldline/application';
import type { Database, Transaction } from './database.js';

interface Creation<T> {
  readonly kind: 'simulation' | 'comparison' | 'batch';
  readonly id: string;
  readonly createdAt: string;
  readonly idempotency: Idempotency | null;
  insert(connection: Transaction): Promise<T>;
  find(id: string): Promise<T | undefined>;
}

/** Inserts a record, unless its Idempotency-Key was used; a request with the same key that is under way is waited for. */
export async function createOnce<T>(database: Database, { kind, id, createdAt, idempotency, insert, find }: Creation<T>): Promise<Created<T>> {
  for (;;) {
    const created = await database.transaction(async (connection): Promise<Created<T> | null> => {
      if (idempotency === null) return { kind: 'created', record: await insert(connection) };
      const { key, bodyDigest } = idempotency;
      const added = await connection.query(
        'insert into idempotency (kind, key, body_digest, target, created_at) values ($1, $2, $3, $4, $5) on conflict (kind, key) do nothing returning target',
        [kind, key, bodyDigest, id, createdAt],
      );
      return added.length > 0 ? { kind: 'created', record: await insert(connection) } : null;
    });
    if (created) return created;
    const { key, bodyDigest } = idempotency as Idempotency;
    const [used] = await database.query<{ body_digest: string; target: string }>('select body_digest, target from idempotency where kind = $1 and key = $2', [kind, key]);
    if (used && used.body_digest !== bodyDigest) return { kind: 'conflict' };
    const record = used && (await find(used.target));
    if (record) return { kind: 'existing', record };
    // What it was used for has been erased since: the key is free again.
    await database.query('delete from idempotency where kind = $1 and key = $2 and target = $3', [kind, key, used?.target ?? '']);
  }
}
