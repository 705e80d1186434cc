/** Questions about results, as SQL. One statement answers one question, however many packets there are. */
import { keyOfCursor, pageOf } from '@worldline/application';
import type { Bucket, Dimension, FlowRecord, PacketKey, PacketRecord, Page, PageRequest, PathKey, PathRecord, TraceFilter, TraceRecord } from '@worldline/application';
import type { Database, Row } from './database.js';
import { Placeholders, conditionOf } from './filter-sql.js';
import type { Scope } from './filter-sql.js';
import { FLOW_COLUMNS, PACKET_COLUMNS, PATH_COLUMNS, TRACE_COLUMNS, flowRecord, packetRecord, pathRecord, traceRecord } from './result-rows.js';
import type { FlowRow, PacketRow, PathRow, TraceRow } from './result-rows.js';

const FLOWS = 'simulation s join flow f on f.simulation = s.key';
const PATHS = `${FLOWS} join path q on (q.simulation, q.flow) = (f.simulation, f.position)`;
const PACKETS = `${FLOWS} join packet p on (p.simulation, p.flow) = (f.simulation, f.position) join path q on (q.simulation, q.flow, q.path) = (p.simulation, p.flow, p.path)`;
const TRACES = `${PACKETS} join path_entry e on (e.simulation, e.flow, e.path) = (p.simulation, p.flow, p.path)`;

interface Question {
  readonly from: string;
  readonly columns: string;
  readonly scope: Scope;
  /** The keyset: columns in order, all ascending. */
  readonly key: readonly string[];
}

const QUESTIONS = {
  flows: { from: FLOWS, columns: FLOW_COLUMNS, scope: 'path', key: ['f.position'] },
  paths: { from: PATHS, columns: PATH_COLUMNS, scope: 'path', key: ['q.flow', 'q.path'] },
  packets: { from: PACKETS, columns: PACKET_COLUMNS, scope: 'packet', key: ['p.flow', 'p.index'] },
  traces: { from: TRACES, columns: TRACE_COLUMNS, scope: 'trace', key: ['p.flow', 'p.index', 'e.entry'] },
} as const satisfies Readonly<Record<string, Question>>;

type Asked = keyof typeof QUESTIONS;

export class PostgresResults {
  constructor(protected readonly database: Database) {}

  async flows(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<FlowRecord>> {
    const rows = await this.page<FlowRow>('flows', { simulation, filter, page });
    return pageOf(rows.map(flowRecord), page, ({ position }) => [position]);
  }

  async packets(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PacketRecord>> {
    const rows = await this.page<PacketRow>('packets', { simulation, filter, page });
    return pageOf(rows.map(packetRecord), page, ({ flow, index }) => [flow, index]);
  }

  async traces(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<TraceRecord>> {
    const rows = await this.page<TraceRow>('traces', { simulation, filter, page });
    return pageOf(rows.flatMap(traceRecord), page, ({ flow, index, entry }) => [flow, index, entry]);
  }

  async paths(simulation: string, filter: TraceFilter, page: PageRequest): Promise<Page<PathRecord>> {
    const rows = await this.page<PathRow>('paths', { simulation, filter, page });
    return pageOf(rows.map(pathRecord), page, ({ flow, path }) => [flow, path]);
  }

  countFlows(simulation: string, filter: TraceFilter): Promise<number> {
    return this.number('flows', simulation, filter);
  }

  countPackets(simulation: string, filter: TraceFilter): Promise<number> {
    return this.number('packets', simulation, filter);
  }

  countTraces(simulation: string, filter: TraceFilter): Promise<number> {
    return this.number('traces', simulation, filter);
  }

  countPaths(simulation: string, filter: TraceFilter): Promise<number> {
    return this.number('paths', simulation, filter);
  }

  async aggregate(simulation: string, by: readonly Dimension[], filter: TraceFilter, limit: number): Promise<readonly Bucket[]> {
    const parameters = new Placeholders();
    const isAboutRules = by.some((dimension) => ['hook', 'table', 'chain', 'rule'].includes(dimension));
    const hasVisits = isAboutRules || by.includes('machine');
    const visits = hasVisits ? ` join path_visit v on (v.simulation, v.flow, v.path) = (q.simulation, q.flow, q.path)${isAboutRules ? ' and v.chain is not null' : ''}` : '';
    const keys = by.map((_, i) => `k${i}`);
    // A path counts once in each bucket that it belongs to, however often it comes by.
    const counted = `select distinct q.flow, q.path, q.count${by.map((dimension, i) => `, ${COLUMN_OF[dimension]} as k${i}`).join('')}
      from ${PATHS}${visits} where s.id = ${parameters.add(simulation)} and ${conditionOf(filter, 'path', parameters)}`;
    const rows = await this.database.query<Row & { count: number }>(
      `select ${[...keys, 'sum(count)::double precision as count'].join(', ')} from (${counted}) counted${keys.length > 0 ? ` group by ${keys.join(', ')}` : ''}
       having count(*) > 0 order by ${['count desc', ...keys.map((key) => `${key} collate "C" nulls last`)].join(', ')} limit ${parameters.add(limit)}`,
      parameters.values,
    );
    return rows.map((row) => ({ key: keys.map((key) => (row[key] as string | null) ?? null), count: row.count }));
  }

  async flowsByKey(keys: readonly Pick<PathKey, 'simulation' | 'flow'>[]): Promise<readonly FlowRecord[]> {
    const rows = await this.byKey<FlowRow>('flows', keys, [keys.map(({ flow }) => flow)]);
    return inOrder(keys, rows.map(flowRecord), ({ simulation, flow }) => [simulation, flow], ({ simulation, position }) => [simulation, position]);
  }

  async packetsByKey(keys: readonly PacketKey[]): Promise<readonly PacketRecord[]> {
    const rows = await this.byKey<PacketRow>('packets', keys, [keys.map(({ flow }) => flow), keys.map(({ index }) => index)]);
    const parts = ({ simulation, flow, index }: PacketKey): (string | number)[] => [simulation, flow, index];
    return inOrder(keys, rows.map(packetRecord), parts, parts);
  }

  async pathsByKey(keys: readonly PathKey[]): Promise<readonly PathRecord[]> {
    const rows = await this.byKey<PathRow>('paths', keys, [keys.map(({ flow }) => flow), keys.map(({ path }) => path)]);
    const parts = ({ simulation, flow, path }: PathKey): (string | number)[] => [simulation, flow, path];
    return inOrder(keys, rows.map(pathRecord), parts, parts);
  }

  /** Rows of one page and one more; nearest to the cursor first. */
  private page<T extends Row>(asked: Asked, { simulation, filter, page }: { readonly simulation: string; readonly filter: TraceFilter; readonly page: PageRequest }): Promise<readonly T[]> {
    const { from, columns, key } = QUESTIONS[asked];
    const parameters = new Placeholders();
    const conditions = [`s.id = ${parameters.add(simulation)}`, this.kept(asked, filter, parameters)];
    const isBackward = page.isBackward === true;
    if (page.cursor !== null) {
      const after = keyOfCursor(page.cursor, key.map(() => 'n'));
      conditions.push(`(${key.join(', ')}) ${isBackward ? '<' : '>'} (${after.map((part) => `${parameters.add(part)}::integer`).join(', ')})`);
    }
    const order = key.map((column) => `${column} ${isBackward ? 'desc' : 'asc'}`).join(', ');
    return this.database.query<T>(`select ${columns} from ${from} where ${conditions.join(' and ')} order by ${order} limit ${parameters.add(page.limit + 1)}`, parameters.values);
  }

  private async number(asked: Asked, simulation: string, filter: TraceFilter): Promise<number> {
    const parameters = new Placeholders();
    const id = parameters.add(simulation);
    const [row] = await this.database.query<{ count: number }>(`select count(*) as count from ${QUESTIONS[asked].from} where s.id = ${id} and ${this.kept(asked, filter, parameters)}`, parameters.values);
    return row?.count ?? 0;
  }

  private kept(asked: Asked, filter: TraceFilter, parameters: Placeholders): string {
    const condition = conditionOf(filter, QUESTIONS[asked].scope, parameters);
    return asked === 'flows' && condition !== 'true' ? `exists (select from path q where (q.simulation, q.flow) = (f.simulation, f.position) and ${condition})` : condition;
  }

  /** Rows of many keys, also of several simulations, in one statement. */
  private byKey<T extends Row>(asked: Asked, keys: readonly { readonly simulation: string }[], parts: readonly (readonly number[])[]): Promise<readonly T[]> {
    const { from, columns, key } = QUESTIONS[asked];
    const parameters = new Placeholders();
    const arrays = [`${parameters.add(keys.map(({ simulation }) => simulation))}::text[]`, ...parts.map((part) => `${parameters.add(part)}::integer[]`)];
    return this.database.query<T>(`select ${columns} from ${from} where (s.id, ${key.join(', ')}) in (select * from unnest(${arrays.join(', ')}))`, parameters.values);
  }
}

const COLUMN_OF: Readonly<Record<Dimension, string>> = {
  flow: 'f.name',
  disposition: 'q.disposition',
  diedAt: 'q.died_at',
  machine: 'v.machine',
  hook: 'v.hook',
  table: 'v."table"',
  chain: 'v.chain',
  rule: 'v.rule::text',
};

function inOrder<K, R>(keys: readonly K[], records: readonly R[], partsOfKey: (key: K) => readonly (string | number)[], partsOfRecord: (record: R) => readonly (string | number)[]): readonly R[] {
  const found = new Map(records.map((record) => [partsOfRecord(record).join('\n'), record]));
  return keys.flatMap((key) => found.get(partsOfKey(key).join('\n')) ?? []);
}
