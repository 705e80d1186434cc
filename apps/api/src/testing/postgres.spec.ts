/** What the API answers over Postgres is what it answers over stores in memory. */
import { resolve } from 'node:path';
import { steadySurroundings } from '@worldline/application/conformance';
import { migrate, PostgresFeed, postgresStores } from '@worldline/platform';
import { openDatabase } from '@worldline/platform/testing';
import { caseFiles, caseScenario, runApp, serviceOn } from './index.js';
import type { RunningApp } from './index.js';

const MIGRATIONS = resolve(__dirname, '../../../../libs/platform/migrations');
const NAMES = ['wormhole-hostport', 'udp-blackhole'] as const;

interface Side {
  readonly running: RunningApp;
  readonly ids: readonly string[];
}

let sides: readonly Side[];
let close: () => Promise<void>;
let queries = 0;

beforeAll(async () => {
  const { database, drop } = await openDatabase();
  const query = database.query.bind(database);
  jest.spyOn(database, 'query').mockImplementation((...args) => {
    queries++;
    return query(...args);
  });
  await migrate(database, MIGRATIONS);
  const around = steadySurroundings();
  const feed = new PostgresFeed(database);
  const service = serviceOn({ stores: postgresStores(database, around), feed }, around);
  const apps = [await runApp(), await runApp({ service })];
  sides = await Promise.all(
    apps.map(async (running): Promise<Side> => {
      const ids: string[] = [];
      for (const name of NAMES) ids.push(await running.simulate(name));
      return { running, ids };
    }),
  );
  close = async () => {
    for (const { running } of sides) await running.close();
    await feed.close();
    await drop();
  };
}, 120_000);
afterAll(() => close());

/** Asks both sides; ids and moments of each are written alike. */
async function both(ask: (side: Side) => Promise<unknown>): Promise<readonly unknown[]> {
  return Promise.all(
    sides.map(async (side) => {
      const text = side.ids.reduce((told, id, i) => told.replaceAll(id, `simulation-${i}`), JSON.stringify(await ask(side)));
      return JSON.parse(text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"moment"')) as unknown;
    }),
  );
}

const FRAGMENTS = {
  flows: 'flows(first: 3) { totalCount pageInfo { hasNextPage } nodes { id name totals { sent delivered dropped replied byDisposition { disposition count } } } }',
  packets: 'packets(filter: $filter, first: 30) { totalCount nodes { id index at layer disposition sent { protocol source { ip port } } delivered { machine local { ip port } } died { what machine rule { chain number } } icmp { type from } error { errno } } }',
  traces: 'traces(filter: $filter, first: 30) { totalCount nodes { id what about disposition reason probability weight wire { machine interface direction ttl length flags inner } path { number } } }',
  paths: 'paths(filter: $filter) { totalCount nodes { id number count probability weight disposition died { machine } exchange { what hops { machine { name } steps(all: true) { kind text ... on FilterStep { matches { chain number } } } } } } }',
  aggregate: 'aggregate(by: [flow, disposition], filter: $filter) { key { dimension value } count } rules: aggregate(by: [table, chain, rule], first: 30) { key { value } count } machines: aggregate(by: [machine]) { key { value } count } ends: aggregate(by: [diedAt]) { key { value } count }',
  rest: 'name status seed mode engineVersion reportDigest scenario reproduce totals { sent delivered } coverage { rules { modelled } issues { code } } expectations { name passed } findings { kind } snapshot { digest size files machines issues { code } } topology { machines { name node interfaces { name addresses } } links { kind ends { machine interface } } }',
};
const FILTERS = [
  null,
  { disposition: ['Accepted'] },
  { machine: 'node/n1' },
  { table: 'nat', deciding: true },
  { chain: 'POSTROUTING', hook: 'POSTROUTING' },
  { interface: 'eth0', layer: ['kernel', 'userSpace'] },
  { port: 443 },
  { protocol: 'udp', at: { from: '20ms', to: '400ms' } },
  { or: [{ what: ['reply'] }, { machine: 'node/n2', chain: 'PREROUTING' }], not: { disposition: ['NoRoute'] } },
];

test.each(FILTERS.flatMap((filter) => (['packets', 'traces', 'paths', 'aggregate'] as const).map((what) => ({ what, filter }))))('$what by $filter', async ({ what, filter }) => {
  for (const i of NAMES.keys()) {
    const [memory, postgres] = await both(({ running, ids }) => running.query(`query ($id: ID!, $filter: TraceFilter) { simulation(id: $id) { ${FRAGMENTS[what]} } }`, { id: ids[i], filter }));
    expect(memory).not.toHaveProperty('errors');
    expect(postgres).toEqual(memory);
  }
});

test.each(['flows', 'rest'] as const)('%s', async (what) => {
  const [memory, postgres] = await both(({ running, ids }) => running.query(`query ($id: ID!) { simulation(id: $id) { ${FRAGMENTS[what]} } }`, { id: ids[0] }));
  expect(memory).not.toHaveProperty('errors');
  expect(postgres).toEqual(memory);
});

test('resources, lists and reports', async () => {
  for (const url of ['/simulations/ID', '/simulations/ID/report', '/simulations?limit=1', '/simulations/ID/events', '/simulations/nobody', '/comparisons/nobody', '/simulations?cursor=x']) {
    const [memory, postgres] = await both(async ({ running, ids }) => {
      const { status, text, headers } = await running.inject('GET', url.replace('ID', ids[0] as string));
      return { status, type: headers['content-type'], text: text.replace(/cursor=[^>]*|"nextCursor":"[^"]*"|20\d\d-\d\d-\d\dT[\d:.]+Z/g, '') };
    });
    expect(postgres).toEqual(memory);
  }
});

test('comparisons', async () => {
  const [memory, postgres] = await both(async ({ running, ids }) => {
    const posted = await running.inject('POST', '/comparisons', { body: { baseline: { simulation: ids[0] }, candidate: { simulation: ids[1] } }, headers: { prefer: 'wait=30' } });
    const { id, links: _, ...comparison } = posted.json() as unknown as { id: string; links: unknown };
    const asked = await running.query('query ($id: ID!) { comparison(id: $id) { summary { key { value } count } changes(first: 5) { totalCount nodes { flow effect count baseline { id } candidate { id } } } } }', { id });
    return { comparison, asked };
  });
  expect(postgres).toEqual(memory);
  expect(postgres).toMatchObject({ comparison: { status: 'succeeded' } });
});

test('the same key is the same simulation there too', async () => {
  const { running } = sides[1] as Side;
  const body = { topology: { files: caseFiles('udp-blackhole') }, scenario: caseScenario('udp-blackhole') };
  // To its end: statements are counted below.
  const headers = { 'idempotency-key': 'k', prefer: 'wait=30' };
  const [first, again, other] = [await running.inject('POST', '/simulations', { body, headers }), await running.inject('POST', '/simulations', { body, headers }), await running.inject('POST', '/simulations', { body: { ...body, seed: 2 }, headers })];
  expect(again.json()['id']).toBe(first.json()['id']);
  expect(other.status).toBe(422);
});

test('a page of packets with all that hangs on them costs as many statements as a page of one', async () => {
  const { running, ids } = sides[1] as Side;
  const cost = async (first: number): Promise<number> => {
    const before = queries;
    const { errors } = await running.query(`query ($id: ID!) { simulation(id: $id) { packets(first: ${first}) { nodes { flow { name } path { flow { name } hops { machine { node } } } exchange { packet { index } path { number } hops { steps(all: true) { text } } } } } } }`, { id: ids[0] });
    expect(errors).toBeUndefined();
    return queries - before;
  };
  const one = await cost(1);
  expect(one).toBeGreaterThan(0);
  expect(await cost(50)).toBe(one);
  expect(one).toBeLessThanOrEqual(8);
});
