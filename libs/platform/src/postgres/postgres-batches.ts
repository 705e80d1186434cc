import { progressOfBatch } from '@worldline/application';
import type { BatchRecord, BatchResult, BatchStore, Created, Idempotency, Problem, Progress, Surroundings } from '@worldline/application';
import type { Database, Row } from './database.js';
import { createOnce } from './records-sql.js';

const COLUMNS = 'id, name, status, progress_done, progress_of, snapshot_digest as "snapshotDigest", scenario, batch, created_at as "createdAt", finished_at as "finishedAt", result, problem';
const IS_OPEN = `status in ('queued', 'running')`;

type BatchRow = Row & Omit<BatchRecord, 'progress'> & { progress_done: number; progress_of: number };

export class PostgresBatches implements BatchStore {
  constructor(
    private readonly database: Database,
    private readonly surroundings: Surroundings,
  ) {}

  create({ id, name, snapshotDigest, scenario, batch }: Parameters<BatchStore['create']>[0], idempotency: Idempotency | null): Promise<Created<BatchRecord>> {
    const createdAt = this.surroundings.now();
    return createOnce(this.database, {
      kind: 'batch',
      id,
      createdAt,
      idempotency,
      find: async (target) => (await this.get([target]))[0],
      insert: async (connection) => {
        const [row] = await connection.query<BatchRow>(
          `insert into batch (id, name, status, snapshot_digest, scenario, batch, created_at) values ($1, $2, 'queued', $3, $4, $5, $6) returning ${COLUMNS}`,
          [id, name, snapshotDigest, JSON.stringify(scenario), JSON.stringify(batch), createdAt],
        );
        return recordOf(row as BatchRow);
      },
    });
  }

  async get(ids: readonly string[]): Promise<readonly BatchRecord[]> {
    const rows = await this.database.query<BatchRow>(`select ${COLUMNS} from batch where id = any($1)`, [ids]);
    return ids.flatMap((id) => rows.filter((row) => row.id === id).map(recordOf));
  }

  async unfinished(): Promise<readonly string[]> {
    return (await this.database.query<{ id: string }>(`select id from batch where ${IS_OPEN} order by created_at, id`)).map(({ id }) => id);
  }

  async start(id: string): Promise<BatchRecord | null> {
    const [row] = await this.database.query<BatchRow>(`update batch set status = 'running', progress_done = 0, progress_of = 0 where id = $1 and ${IS_OPEN} returning ${COLUMNS}`, [id]);
    return row ? recordOf(row) : null;
  }

  async progress(id: string, { done, of }: Progress): Promise<boolean> {
    return (await this.database.query(`update batch set progress_done = $2, progress_of = $3 where id = $1 and ${IS_OPEN} returning id`, [id, done, of])).length > 0;
  }

  async succeed(id: string, result: BatchResult): Promise<boolean> {
    const { done, of } = progressOfBatch(result);
    const written = await this.database.query(`update batch set status = 'succeeded', finished_at = $2, result = $3, progress_done = $4, progress_of = $5 where id = $1 and ${IS_OPEN} returning id`, [id, this.surroundings.now(), JSON.stringify(result), done, of]);
    return written.length > 0;
  }

  async fail(id: string, problem: Problem): Promise<boolean> {
    return (await this.database.query(`update batch set status = 'failed', finished_at = $2, problem = $3 where id = $1 and ${IS_OPEN} returning id`, [id, this.surroundings.now(), JSON.stringify(problem)])).length > 0;
  }
}

function recordOf({ progress_done: done, progress_of: of, ...record }: BatchRow): BatchRecord {
  return { ...record, progress: { done, of } } as BatchRecord;
}
