/** Simulations in Postgres: their life. What is asked of results stands in `postgres-results.ts`. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { pageOf, keyOfCursor, progressOfReport, summaryOf, verdictOf } from '@worldline/application';
import type { Created, Idempotency, NewSimulation, Page, PageRequest, Problem, Progress, SimulationFilter, SimulationRecord, SimulationResult, SimulationStore, SimulationSummary, Surroundings, Topology } from '@worldline/application';
import { Placeholders } from './filter-sql.js';
import type { Database, Row } from './database.js';
import { PostgresResults } from './postgres-results.js';
import { createOnce } from './records-sql.js';
import { writeRows } from './result-rows.js';

const zip = promisify<Uint8Array, object, Buffer>(gzip);
const unzip = promisify<Uint8Array, Buffer>(gunzip);

const COLUMNS = `id, name, snapshot_digest as "snapshotDigest", scenario, scenario_digest as "scenarioDigest", engine_version as "engineVersion", seed, mode, status,
  progress_done, progress_of, created_at as "createdAt", finished_at as "finishedAt", report_digest as "reportDigest", verdict, problem`;
const IS_OPEN = `status in ('queued', 'running')`;

type SimulationRow = Row & Omit<SimulationRecord, 'progress'> & { progress_done: number; progress_of: number };

export class PostgresSimulations extends PostgresResults implements SimulationStore {
  constructor(
    database: Database,
    private readonly surroundings: Surroundings,
  ) {
    super(database);
  }

  create(simulation: NewSimulation, idempotency: Idempotency | null): Promise<Created<SimulationRecord>> {
    const { id, name, snapshotDigest, scenario, scenarioDigest, engineVersion, seed, mode } = simulation;
    const createdAt = this.surroundings.now();
    return createOnce(this.database, {
      kind: 'simulation',
      id,
      createdAt,
      idempotency,
      find: async (target) => (await this.get([target]))[0],
      insert: async (connection) => {
        const [row] = await connection.query<SimulationRow>(
          `insert into simulation (id, name, snapshot_digest, scenario, scenario_digest, engine_version, seed, mode, status, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9) returning ${COLUMNS}`,
          [id, name, snapshotDigest, JSON.stringify(scenario), scenarioDigest, engineVersion, seed, mode, createdAt],
        );
        return recordOf(row as SimulationRow);
      },
    });
  }

  async get(ids: readonly string[]): Promise<readonly SimulationRecord[]> {
    const rows = await this.database.query<SimulationRow>(`select ${COLUMNS} from simulation where id = any($1)`, [ids]);
    const byId = new Map(rows.map((row) => [row.id, recordOf(row)]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  async list(filter: SimulationFilter, page: PageRequest): Promise<Page<SimulationRecord>> {
    const parameters = new Placeholders();
    const conditions = conditionsOf(filter, parameters);
    const isBackward = page.isBackward === true;
    if (page.cursor !== null) {
      const [createdAt, id] = keyOfCursor(page.cursor, ['t', 's']) as [string, string];
      conditions.push(`(created_at, id collate "C") ${isBackward ? '>' : '<'} (${parameters.add(createdAt)}::timestamptz, ${parameters.add(id)})`);
    }
    const direction = isBackward ? 'asc' : 'desc';
    const rows = await this.database.query<SimulationRow>(
      `select ${COLUMNS} from simulation where ${conditions.join(' and ')} order by created_at ${direction}, id collate "C" ${direction} limit ${parameters.add(page.limit + 1)}`,
      parameters.values,
    );
    return pageOf(rows.map(recordOf), page, ({ createdAt, id }) => [createdAt, id]);
  }

  async count(filter: SimulationFilter): Promise<number> {
    const parameters = new Placeholders();
    const [row] = await this.database.query<{ count: number }>(`select count(*) as count from simulation where ${conditionsOf(filter, parameters).join(' and ')}`, parameters.values);
    return row?.count ?? 0;
  }

  async unfinished(): Promise<readonly string[]> {
    return (await this.database.query<{ id: string }>(`select id from simulation where ${IS_OPEN} order by created_at, id`)).map(({ id }) => id);
  }

  async start(id: string): Promise<SimulationRecord | null> {
    const [row] = await this.database.query<SimulationRow>(`update simulation set status = 'running', progress_done = 0, progress_of = 0 where id = $1 and ${IS_OPEN} returning ${COLUMNS}`, [id]);
    return row ? recordOf(row) : null;
  }

  async progress(id: string, { done, of }: Progress): Promise<boolean> {
    return (await this.database.query(`update simulation set progress_done = $2, progress_of = $3 where id = $1 and ${IS_OPEN} returning id`, [id, done, of])).length > 0;
  }

  async succeed(id: string, { report, reportText, topology }: SimulationResult): Promise<boolean> {
    const packed = await zip(Buffer.from(reportText), { level: 3 });
    const { totals, coverage, expectations, findings } = summaryOf(report);
    const progress = progressOfReport(report);
    return this.database.transaction(async (connection) => {
      // Whoever comes second waits here, and then finds it done.
      const [open] = await connection.query<{ key: number }>(`select key from simulation where id = $1 and ${IS_OPEN} for update`, [id]);
      if (!open) return false;
      await writeRows(connection, open.key, report);
      await connection.query('delete from simulation_result where simulation = $1', [open.key]);
      await connection.query('insert into simulation_result (simulation, report, totals, coverage, expectations, findings, topology) values ($1, $2, $3, $4, $5, $6, $7)', [
        open.key,
        packed,
        ...[totals, coverage, expectations, findings, topology].map((one) => JSON.stringify(one)),
      ]);
      await connection.query(
        `update simulation set status = 'succeeded', progress_done = $5, progress_of = $6, finished_at = $2, report_digest = $3, verdict = $4 where key = $1`,
        [open.key, this.surroundings.now(), report.simulation.id, JSON.stringify(verdictOf(report)), progress.done, progress.of],
      );
      return true;
    });
  }

  async fail(id: string, problem: Problem): Promise<boolean> {
    return (await this.database.query(`update simulation set status = 'failed', finished_at = $2, problem = $3 where id = $1 and ${IS_OPEN} returning id`, [id, this.surroundings.now(), JSON.stringify(problem)])).length > 0;
  }

  async cancel(id: string): Promise<SimulationRecord | null> {
    await this.database.query(`update simulation set status = 'canceled', finished_at = $2 where id = $1 and ${IS_OPEN}`, [id, this.surroundings.now()]);
    return (await this.get([id]))[0] ?? null;
  }

  async purge(id: string): Promise<boolean> {
    return (await this.database.query('delete from simulation where id = $1 returning id', [id])).length > 0;
  }

  async report(id: string): Promise<Uint8Array | null> {
    const [row] = await this.database.query<{ report: Buffer }>('select r.report from simulation_result r join simulation s on s.key = r.simulation where s.id = $1', [id]);
    return row ? unzip(row.report) : null;
  }

  async summaries(ids: readonly string[]): Promise<readonly (SimulationSummary & { readonly simulation: string })[]> {
    const rows = await this.database.query<SimulationSummary & Row & { simulation: string }>(
      'select s.id as simulation, r.totals, r.coverage, r.expectations, r.findings from simulation_result r join simulation s on s.key = r.simulation where s.id = any($1)',
      [ids],
    );
    return ids.flatMap((id) => rows.find(({ simulation }) => simulation === id) ?? []);
  }

  async topology(id: string): Promise<Topology | null> {
    const [row] = await this.database.query<{ topology: Topology }>('select r.topology from simulation_result r join simulation s on s.key = r.simulation where s.id = $1', [id]);
    return row?.topology ?? null;
  }
}

function conditionsOf({ status, name, snapshotDigest }: SimulationFilter, parameters: Placeholders): string[] {
  const conditions = ['true'];
  if (status) conditions.push(`status = any(${parameters.add(status)})`);
  if (name !== undefined) conditions.push(`name = ${parameters.add(name)}`);
  if (snapshotDigest !== undefined) conditions.push(`snapshot_digest = ${parameters.add(snapshotDigest)}`);
  return conditions;
}

function recordOf({ progress_done: done, progress_of: of, ...record }: SimulationRow): SimulationRecord {
  return { ...record, progress: { done, of } } as SimulationRecord;
}
