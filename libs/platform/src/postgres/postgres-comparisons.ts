import type { Comparison, Change } from '@worldline/application';
import { changeRecordsOf, keyOfCursor, pageOf } from '@worldline/application';
import type { ChangeFilter, ChangeRecord, ComparisonRecord, ComparisonStore, Created, Idempotency, Page, PageRequest, PathKey, Problem, Surroundings } from '@worldline/application';
import type { Database, Row } from './database.js';
import { Placeholders } from './filter-sql.js';
import { createOnce } from './records-sql.js';

const COLUMNS = `id, status, baseline_simulation, baseline_flow, candidate_simulation, candidate_flow, created_at as "createdAt", finished_at as "finishedAt", summary, problem`;
const IS_OPEN = `status in ('queued', 'running')`;

type ComparisonRow = Row &
  Omit<ComparisonRecord, 'baseline' | 'candidate'> & { baseline_simulation: string; baseline_flow: string | null; candidate_simulation: string; candidate_flow: string | null };

type ChangeRow = Row & {
  comparison: string;
  position: number;
  change: Change;
  baseline_simulation: string;
  candidate_simulation: string;
  baseline_flow: number | null;
  baseline_path: number | null;
  candidate_flow: number | null;
  candidate_path: number | null;
};

export class PostgresComparisons implements ComparisonStore {
  constructor(
    private readonly database: Database,
    private readonly surroundings: Surroundings,
  ) {}

  create({ id, baseline, candidate }: Parameters<ComparisonStore['create']>[0], idempotency: Idempotency | null): Promise<Created<ComparisonRecord>> {
    const createdAt = this.surroundings.now();
    return createOnce(this.database, {
      kind: 'comparison',
      id,
      createdAt,
      idempotency,
      find: async (target) => (await this.get([target]))[0],
      insert: async (connection) => {
        const [row] = await connection.query<ComparisonRow>(
          `insert into comparison (id, status, baseline_simulation, baseline_flow, candidate_simulation, candidate_flow, created_at) values ($1, 'queued', $2, $3, $4, $5, $6) returning ${COLUMNS}`,
          [id, baseline.simulation, baseline.flow, candidate.simulation, candidate.flow, createdAt],
        );
        return recordOf(row as ComparisonRow);
      },
    });
  }

  async get(ids: readonly string[]): Promise<readonly ComparisonRecord[]> {
    const rows = await this.database.query<ComparisonRow>(`select ${COLUMNS} from comparison where id = any($1)`, [ids]);
    return ids.flatMap((id) => rows.filter((row) => row.id === id).map(recordOf));
  }

  async unfinished(): Promise<readonly string[]> {
    return (await this.database.query<{ id: string }>(`select id from comparison where ${IS_OPEN} order by created_at, id`)).map(({ id }) => id);
  }

  async waitingFor(simulation: string): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(`select id from comparison where ${IS_OPEN} and $1 in (baseline_simulation, candidate_simulation) order by created_at, id`, [simulation]);
    return rows.map(({ id }) => id);
  }

  succeed(id: string, result: Comparison): Promise<boolean> {
    return this.database.transaction(async (connection) => {
      const [open] = await connection.query<ComparisonRow & { key: number }>(`select key, ${COLUMNS} from comparison where id = $1 and ${IS_OPEN} for update`, [id]);
      if (!open) return false;
      const record = recordOf(open);
      const flows = await connection.query<{ simulation: string; name: string }>(
        'select s.id as simulation, f.name from flow f join simulation s on s.key = f.simulation where s.id = any($1) order by s.id, f.position',
        [[record.baseline.simulation, record.candidate.simulation]],
      );
      const namesOf = (simulation: string): string[] => flows.filter((flow) => flow.simulation === simulation).map(({ name }) => name);
      const changes = changeRecordsOf(record, result, { baseline: namesOf(record.baseline.simulation), candidate: namesOf(record.candidate.simulation) });
      await connection.query('delete from comparison_change where comparison = $1', [open.key]);
      await connection.copy(
        'comparison_change',
        ['comparison', 'position', 'flow', 'effect', 'change', 'baseline_flow', 'baseline_path', 'candidate_flow', 'candidate_path'],
        changes.map(({ position, change, baseline, candidate }) => [open.key, position, change.flow, change.effect, JSON.stringify(change), baseline?.flow ?? null, baseline?.path ?? null, candidate?.flow ?? null, candidate?.path ?? null]),
      );
      await connection.query(`update comparison set status = 'succeeded', finished_at = $2, summary = $3 where key = $1`, [open.key, this.surroundings.now(), JSON.stringify(result.summary)]);
      return true;
    });
  }

  async fail(id: string, problem: Problem): Promise<boolean> {
    return (await this.database.query(`update comparison set status = 'failed', finished_at = $2, problem = $3 where id = $1 and ${IS_OPEN} returning id`, [id, this.surroundings.now(), JSON.stringify(problem)])).length > 0;
  }

  async changes(comparison: string, filter: ChangeFilter, page: PageRequest): Promise<Page<ChangeRecord>> {
    const parameters = new Placeholders();
    const conditions = conditionsOf(comparison, filter, parameters);
    const isBackward = page.isBackward === true;
    if (page.cursor !== null) conditions.push(`c.position ${isBackward ? '<' : '>'} ${parameters.add(keyOfCursor(page.cursor, ['n'])[0] as number)}`);
    const rows = await this.database.query<ChangeRow>(
      `select d.id as comparison, c.position, c.change, d.baseline_simulation, d.candidate_simulation, c.baseline_flow, c.baseline_path, c.candidate_flow, c.candidate_path
       from comparison d join comparison_change c on c.comparison = d.key where ${conditions.join(' and ')}
       order by c.position ${isBackward ? 'desc' : 'asc'} limit ${parameters.add(page.limit + 1)}`,
      parameters.values,
    );
    return pageOf(rows.map(changeOf), page, ({ position }) => [position]);
  }

  async countChanges(comparison: string, filter: ChangeFilter): Promise<number> {
    const parameters = new Placeholders();
    const conditions = conditionsOf(comparison, filter, parameters);
    const [row] = await this.database.query<{ count: number }>(`select count(*) as count from comparison d join comparison_change c on c.comparison = d.key where ${conditions.join(' and ')}`, parameters.values);
    return row?.count ?? 0;
  }
}

function conditionsOf(comparison: string, { flow, effect }: ChangeFilter, parameters: Placeholders): string[] {
  const conditions = [`d.id = ${parameters.add(comparison)}`];
  if (flow !== undefined) conditions.push(`c.flow = ${parameters.add(flow)}`);
  if (effect) conditions.push(`c.effect = any(${parameters.add(effect)})`);
  return conditions;
}

function recordOf({ id, status, createdAt, finishedAt, summary, problem, ...row }: ComparisonRow): ComparisonRecord {
  return {
    id,
    status,
    baseline: { simulation: row.baseline_simulation, flow: row.baseline_flow },
    candidate: { simulation: row.candidate_simulation, flow: row.candidate_flow },
    createdAt,
    finishedAt,
    summary,
    problem,
  };
}

function changeOf(row: ChangeRow): ChangeRecord {
  const keyOf = (simulation: string, flow: number | null, path: number | null): PathKey | null => (flow === null || path === null ? null : { simulation, flow, path });
  return {
    comparison: row.comparison,
    position: row.position,
    change: row.change,
    baseline: keyOf(row.baseline_simulation, row.baseline_flow, row.baseline_path),
    candidate: keyOf(row.candidate_simulation, row.candidate_flow, row.candidate_path),
  };
}
