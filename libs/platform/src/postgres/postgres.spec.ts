/** The conformance suites over a real Postgres. */
import { join } from 'node:path';
import { describeFeed, describeStores, steadySurroundings } from '@worldline/application/conformance';
import { PostgresFeed, migrate, postgresStores } from './index.js';
import type { Database } from './index.js';
import { openDatabase } from '../testing/index.js';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ database, drop } = await openDatabase());
  await migrate(database, MIGRATIONS);
}, 120_000);
afterAll(() => drop());

const empty = (): Promise<unknown> => database.query('truncate snapshot, simulation, comparison, batch, idempotency cascade');

describe('stores in Postgres', () =>
  describeStores(async () => {
    await empty();
    return { stores: postgresStores(database, steadySurroundings()), close: () => Promise.resolve() };
  }));

describe('feed in Postgres', () =>
  describeFeed(() => {
    const feed = new PostgresFeed(database);
    return Promise.resolve({ feed, close: () => feed.close() });
  }));

it('tells listeners to look after the connection was lost', async () => {
  const feed = new PostgresFeed(database);
  let heard: () => void = () => undefined;
  const news = new Promise<void>((resolve) => (heard = resolve));
  await feed.subscribe('a', heard);
  await database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% listener' and datname = current_database()`);
  await news;
  await feed.close();
});

it('migrates once, also when two begin at the same time', async () => {
  const { database: fresh, drop: dropFresh } = await openDatabase();
  const both = await Promise.all([migrate(fresh, MIGRATIONS), migrate(fresh, MIGRATIONS)]);
  expect(both.flat()).toEqual(['0001-store.sql']);
  expect(await migrate(fresh, MIGRATIONS)).toEqual([]);
  await dropFresh();
});

it('a transaction that fails leaves nothing, and the connection is usable', async () => {
  await empty();
  await expect(
    database.transaction(async (connection) => {
      await connection.query(`insert into idempotency values ('simulation', 'k', 'd', 't', now())`);
      await connection.copy('flow', ['simulation', 'position', 'name', 'totals'], [[1, 0, 'no such simulation', '{}']]);
    }),
  ).rejects.toThrow(/Postgres: .*foreign key/);
  expect(await database.query('select * from idempotency')).toEqual([]);
});
