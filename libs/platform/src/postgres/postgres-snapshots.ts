import type { SnapshotRecord, SnapshotStore, Surroundings } from '@worldline/application';
import type { Database } from './database.js';
import { packTree, unpackTree } from './packed-tree.js';

const COLUMNS = 'digest, size, files, machines, issues, created_at as "createdAt"';

export class PostgresSnapshots implements SnapshotStore {
  constructor(
    private readonly database: Database,
    private readonly surroundings: Surroundings,
  ) {}

  async put({ digest, tree, machines, issues }: Parameters<SnapshotStore['put']>[0]): ReturnType<SnapshotStore['put']> {
    const [known] = await this.get([digest]);
    if (known) return { record: known, isNew: false };
    let size = 0;
    for (const bytes of tree.values()) size += bytes.length;
    const [record] = await this.database.query<SnapshotRecord & Record<string, unknown>>(
      `insert into snapshot (digest, content, size, files, machines, issues, created_at) values ($1, $2, $3, $4, $5, $6, $7) on conflict (digest) do nothing returning ${COLUMNS}`,
      [digest, await packTree(tree), size, tree.size, JSON.stringify(machines), JSON.stringify(issues), this.surroundings.now()],
    );
    if (record) return { record, isNew: true };
    const [other] = await this.get([digest]);
    return { record: other as SnapshotRecord, isNew: false };
  }

  async get(digests: readonly string[]): Promise<readonly SnapshotRecord[]> {
    const rows = await this.database.query<SnapshotRecord & Record<string, unknown>>(`select ${COLUMNS} from snapshot where digest = any($1)`, [digests]);
    return digests.flatMap((digest) => rows.find((row) => row.digest === digest) ?? []);
  }

  async tree(digest: string): ReturnType<SnapshotStore['tree']> {
    const [row] = await this.database.query<{ content: Buffer }>('select content from snapshot where digest = $1', [digest]);
    return row ? unpackTree(row.content) : null;
  }
}
