import { ROUTES } from '@worldline/contract';
import type { Route } from '@worldline/contract';
import type { FastifyInstance } from 'fastify';
import { runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

let running: RunningApp;
beforeAll(async () => {
  running = await runApp({ isIdle: true });
});
afterAll(() => running.close());

test('alive and ready', async () => {
  expect((await running.inject('GET', '/health/live')).json()).toEqual({ status: 'up', checks: {} });
  expect((await running.inject('GET', '/health/ready')).json()).toEqual({ status: 'up', checks: { store: { status: 'up' }, queue: { status: 'up' } } });
});

test('not ready without its queue, alive all the same', async () => {
  const counts = jest.spyOn(running.service.queue, 'counts').mockRejectedValue(new Error('connect ECONNREFUSED 10.0.0.1:6379'));
  const answer = await running.inject('GET', '/health/ready');
  expect(answer.status).toBe(503);
  expect(answer.json()).toEqual({ status: 'down', checks: { store: { status: 'up' }, queue: { status: 'down', detail: 'cannot be reached' } } });
  expect((await running.inject('GET', '/health/live')).status).toBe(200);
  expect((await running.inject('GET', '/metrics')).status).toBe(200);
  counts.mockRestore();
});

test('a store that is out of reach is a 503 to try again, and tells nothing of itself', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
  const list = jest.spyOn(running.service.stores.simulations, 'list').mockRejectedValue(refused);
  const answer = await running.inject('GET', '/simulations');
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
  expect(answer.text).not.toContain('10.0.0.1');
  expect((await running.query('{ simulations { totalCount } }')).errors?.[0]?.extensions).toMatchObject({ type: '/problems/unavailable', status: 503 });
  list.mockRejectedValue(new Error('a fault of ours in /srv/secret.ts'));
  const fault = await running.inject('GET', '/simulations');
  expect(fault.json()).toEqual({ type: '/problems/internal', title: 'Something went wrong in here', status: 500, detail: 'the fault is logged', instance: '/simulations', errors: [] });
  const { errors } = await running.query('{ simulations { totalCount } }');
  expect(JSON.stringify(errors)).not.toContain('secret');
  list.mockRestore();
});

test('metrics by route, not by id', async () => {
  await running.inject('GET', '/simulations/4711');
  const { text, headers } = await running.inject('GET', '/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain/);
  expect(text).toContain('worldline_http_request_duration_seconds_count{method="GET",route="/simulations/:id",status="404"}');
  expect(text).toContain('worldline_jobs{state="waiting"} 0');
  expect(text).not.toContain('4711');
});

test('every documented operation is there', async () => {
  const server = running.app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  for (const { method, path } of ROUTES as readonly Route[]) {
    expect([path, server.hasRoute({ method: method.toUpperCase() as 'GET', url: path.replace(/\{(\w+)\}/g, ':$1') })]).toEqual([path, true]);
  }
  const document = (await running.inject('GET', '/openapi.json')).json();
  expect(Object.keys(document['paths'] as unknown as object)).toEqual([...new Set((ROUTES as readonly Route[]).map(({ path }) => path))]);
  expect((await running.inject('GET', '/docs')).text).toContain('swagger-ui');
});

test.each([
  { method: 'GET', url: '/api/nothing' },
] as const)('$method $url is not there', async ({ method, url }) => {
  expect((await running.inject(method, url)).json()).toMatchObject({ type: '/problems/not-found', status: 404, instance: url });
});

test.each([
  { method: 'PUT' as const, url: '/simulations', allow: 'GET, HEAD, OPTIONS, POST' },
  { method: 'PATCH' as const, url: '/simulations/x', allow: 'DELETE, GET, HEAD, OPTIONS' },
  { method: 'POST' as const, url: '/health/live', allow: 'GET, HEAD, OPTIONS' },
  { method: 'GET' as const, url: '/batches', allow: 'OPTIONS, POST' },
  { method: 'DELETE' as const, url: '/snapshots', allow: 'OPTIONS, POST' },
  { method: 'DELETE' as const, url: '/batches/x', allow: 'GET, HEAD, OPTIONS' },
])('$method $url is not allowed', async ({ method, url, allow }) => {
  const answer = await running.inject(method, url);
  expect([answer.status, answer.headers['allow']]).toEqual([405, allow]);
  expect(answer.json()).toMatchObject({ type: '/problems/method-not-allowed', errors: [{ word: method }] });
});

test('OPTIONS says what a path takes', async () => {
  const answer = await running.inject('OPTIONS', '/simulations/x/report?y=1');
  expect([answer.status, answer.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS']);
  expect((await running.inject('OPTIONS', '/nothing')).status).toBe(404);
  expect((await running.inject('PUT', '/nothing')).status).toBe(404);
});
