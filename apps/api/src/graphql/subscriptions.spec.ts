/** Subscriptions as a client of graphql-ws has them, on a server that listens. */
import { createClient } from 'graphql-ws';
import type { Client, ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { caseBatch, caseFiles, caseScenario, runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

let running: RunningApp;
let address: string;
let client: Client;
beforeAll(async () => {
  running = await runApp({ isIdle: true });
  await running.app.listen(0, '127.0.0.1');
  address = `127.0.0.1:${(running.app.getHttpServer().address() as { port: number }).port}`;
  client = createClient({ url: `ws://${address}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
});
afterAll(async () => {
  await client.dispose();
  await running.close();
});

const WATCHED = 'subscription ($id: ID!) { simulation(id: $id) { id status progress totals { sent } flows(first: 2) { nodes { name } } } }';
type Told<T> = AsyncIterableIterator<ExecutionResult<T>>;
const subscribe = <T = Record<string, never>>(query: string, variables: Record<string, unknown> = {}, by = client): Told<T> => by.iterate<T>({ query, variables }) as Told<T>;
const errorsOf = async (query: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
  try {
    const { value } = (await subscribe(query, variables).next()) as { value: ExecutionResult };
    return value.errors;
  } catch (error) {
    return error;
  }
};

test('a simulation from the queue to its end, with what it has left by then', async () => {
  const posted = await running.inject('POST', '/simulations', { body: { topology: { files: caseFiles('udp-blackhole') }, scenario: caseScenario('udp-blackhole') } });
  const { id } = posted.json() as unknown as { id: string };
  const told = subscribe<{ simulation: { status: string; progress: number; totals: { sent: string }; flows: { nodes: { name: string }[] } } }>(WATCHED, { id });
  expect((await told.next()).value).toMatchObject({ data: { simulation: { id, status: 'queued', progress: 0, totals: { sent: '0' }, flows: { nodes: [] } } } });
  const worker = await running.service.work();
  const last = [];
  for await (const { data } of told) last.push(data?.simulation);
  await worker.close();
  expect(last.at(-1)).toMatchObject({ status: 'succeeded', progress: 1, totals: { sent: '9' }, flows: { nodes: [{ name: 'before' }, { name: 'same-port' }] } });
});

test('a batch', async () => {
  const { id: simulation } = (await running.service.stores.simulations.list({}, { limit: 1, cursor: null })).items[0]?.item as { id: string };
  const posted = await running.inject('POST', '/batches', { body: { ...caseBatch('udp-blackhole'), base: { simulation } } });
  const worker = await running.service.work();
  const told = [];
  for await (const { data } of subscribe<{ batch: object }>('subscription ($id: ID!) { batch(id: $id) { status progress isPassed } }', { id: posted.json()['id'] })) told.push(data?.batch);
  await worker.close();
  expect(told.at(-1)).toEqual({ status: 'succeeded', progress: 1, isPassed: true });
});

test.each([
  { name: 'nobody', query: WATCHED, variables: { id: 'nobody' }, error: { message: 'there is no simulation nobody', extensions: { code: 'UnknownSimulation', status: 404 } } },
  { name: 'an unknown field', query: 'subscription { simulation(id: "x") { colour } }', error: { message: expect.stringContaining('colour') as unknown, extensions: { status: 400 } } },
  { name: 'no GraphQL', query: 'subscription {', error: { message: expect.stringContaining('Syntax') as unknown } },
  { name: 'a query', query: '{ simulations { totalCount } }', error: { extensions: { code: 'NotASubscription' } } },
  { name: 'nothing', query: 'fragment a on Simulation { id }', error: { extensions: { status: 400 } } },
  { name: 'fragments in a circle', query: 'subscription { simulation(id: "x") { ...a } } fragment a on Simulation { ...a }', error: { message: expect.stringContaining('fragment') as unknown } },
  { name: 'too deep', query: `subscription { simulation(id: "x") { ${'packets { nodes { flow { '.repeat(8)}id${' } } }'.repeat(8)} } }`, error: { message: expect.stringContaining('depth') as unknown, extensions: { code: 'QueryTooDeep' } } },
  { name: 'too dear', query: 'subscription { simulation(id: "x") { flows(first: 500) { nodes { packets(first: 500) { nodes { id exchange { what } } } } } } }', error: { extensions: { code: 'QueryTooDear' } } },
])('refused: $name', async ({ query, variables, error }) => {
  expect(await errorsOf(query, variables)).toEqual(expect.arrayContaining([expect.objectContaining({ ...error, ...(error.extensions ? { extensions: expect.objectContaining(error.extensions) as unknown } : {}) })]));
});

test('a connection has so many subscriptions and no more; others are not touched by that', async () => {
  const own = createClient({ url: `ws://${address}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
  const posted = await running.inject('POST', '/simulations', { body: { topology: { files: caseFiles('udp-blackhole') }, scenario: caseScenario('udp-blackhole') } });
  const { id } = posted.json() as unknown as { id: string };
  const open = Array.from({ length: 50 }, () => subscribe(WATCHED, { id }, own));
  for (const one of open) expect((await one.next()).value).toMatchObject({ data: { simulation: { status: 'queued' } } });
  await expect(subscribe(WATCHED, { id }, own).next()).rejects.toMatchObject([{ extensions: { code: 'TooManySubscriptions' } }]);
  expect((await subscribe(WATCHED, { id }).next()).value).toMatchObject({ data: { simulation: { id } } });
  await own.dispose();
});

/** How a connection that says `say` ends: the status of a refusal, or the code of a closed one. */
function endOf(path: string, { protocol = 'graphql-transport-ws', headers = {}, say }: { readonly protocol?: string; readonly headers?: Record<string, string>; readonly say?: string }): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://${address}${path}`, protocol, { headers });
    socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve(statusCode));
    socket.on('error', () => undefined);
    socket.on('close', (code) => resolve(code));
    socket.on('open', () => say !== undefined && socket.send(say));
  });
}

test.each([
  { name: 'another address', path: '/simulations', status: 404 },
  { name: 'a page of another site', headers: { origin: 'https://elsewhere.example' }, status: 403 },
  { name: 'another protocol', protocol: 'mqtt', status: 400 },
  { name: 'no JSON', say: 'hello', status: 4400 },
  { name: 'a subscription before the greeting', say: JSON.stringify({ type: 'subscribe', id: '1', payload: { query: WATCHED } }), status: 4401 },
  { name: 'a message that is too large', say: ' '.repeat(70_000), status: 1009 },
])('ended: $name', async ({ path = '/graphql', status, ...options }) => {
  expect(await endOf(path, options)).toBe(status);
});

test('the explorer’s own page is answered', async () => {
  const own = createClient({ url: `ws://${address}/graphql`, retryAttempts: 0, webSocketImpl: class extends WebSocket { constructor(url: string, protocol: string) { super(url, protocol, { origin: `http://${address}` }); } } });
  expect((await subscribe(WATCHED, { id: 'nobody' }, own).next()).value).toMatchObject({ errors: [{ extensions: { status: 404 } }] });
  await own.dispose();
});
