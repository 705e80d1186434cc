/** The running stack as a black box, with jobs on Redis and with jobs on Postgres. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, filesOf, until } from '../testing/client.js';
import { REPOSITORY, startStack } from '../testing/stack.js';
import type { Stack } from '../testing/stack.js';

interface Simulation {
  readonly id: string;
  readonly status: string;
  readonly progress: { readonly done: number; readonly of: number };
  readonly reportDigest: string | null;
  readonly snapshotDigest: string;
  readonly links: { readonly self: string; readonly events: string; readonly report: string };
}

const CASE = 'udp-blackhole';
const FILES = filesOf(CASE);
const FLOW = { name: 'long', from: { pod: 'default/a' }, protocol: 'udp', source: { port: 1234 }, destination: { service: 'default/dns', port: 53 } };
/** Takes some seconds, which is long enough to be in the middle of it: connections that are each new. */
const CONNECTIONS = 600_000;
const LONG = { flows: [{ ...FLOW, source: { port: '1024-60000' }, connections: CONNECTIONS, connectionEvery: '1ms' }] };

describe.each(['redis', 'postgres'] as const)('with jobs on %s', (backend) => {
  let stack: Stack;
  let client: Client;
  beforeAll(async () => {
    const redis = process.env['REDIS_URL'] ?? '';
    stack = await startStack({ WORLDLINE_JOBS: `e2e_${process.pid}`, WORLDLINE_LOCK_MS: '1000', ...(backend === 'redis' ? { REDIS_URL: redis } : {}) });
    client = new Client(stack.url);
  });
  afterAll(() => stack?.stop());

  const post = async (scenario: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Simulation> => {
    const { status, body } = await client.ask('POST', '/simulations', { body: { topology: { files: FILES }, scenario }, headers });
    expect({ status, body }).toMatchObject({ status: expect.any(Number) as number, body: { id: expect.any(String) as string } });
    return body as Simulation;
  };
  const get = async ({ links }: Pick<Simulation, 'links'>): Promise<Simulation> => (await client.ask('GET', links.self)).body as Simulation;

  test('it is ready, with the first cases in its store', async () => {
    expect((await client.ask('GET', '/health/ready')).status).toBe(200);
    const { items } = (await client.ask('GET', '/simulations')).body as { items: { name: string; status: string }[] };
    expect(items.map(({ name, status }) => `${name} ${status}`)).toEqual(['forwarding-reset succeeded', 'wormhole-hostport succeeded', 'udp-blackhole succeeded']);
  });

  test('a posted case is run, told about and reported as the command line reports it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'worldline-e2e-case-'));
    try {
      const scenario = { apiVersion: 'worldline.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'posted' }, spec: { flows: [{ ...FLOW, packets: 20 }] } };
      writeFileSync(join(folder, 'scenario.json'), JSON.stringify(scenario));
      const posted = await post(scenario);
      const events = await client.events(posted.links.events);
      expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
      const report = await client.text(posted.links.report);
      expect(report).toBe(worldline('run', join(folder, 'scenario.json'), '--snapshot', join(REPOSITORY, 'scenarios', CASE, 'snapshot'), '--json').text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the same request with an Idempotency-Key is carried out once, whoever asks at the same time', async () => {
    const scenario = { flows: [{ ...FLOW, packets: 1 }] };
    const ask = (asked: unknown): ReturnType<Client['ask']> => client.ask('POST', '/simulations', { body: { topology: { files: FILES }, scenario: asked }, headers: { 'idempotency-key': `once-${backend}` } });
    const answers = [...(await Promise.all([1, 2, 3, 4].map(() => ask(scenario)))), await ask(scenario)];
    const carriedOut = answers.filter(({ status }) => status !== 409);
    expect(new Set(carriedOut.map(({ body }) => (body as Simulation).id)).size).toBe(1);
    expect(carriedOut.length).toBeGreaterThanOrEqual(2);
    expect((await ask(LONG)).status).toBe(422);
  });

  test('killing every worker in the middle loses nothing and doubles nothing', async () => {
    const posted = await post(LONG);
    await until(async () => (await get(posted)).progress.done > 0);
    const workers = childrenOf(stack.pid, 'worker.mjs');
    expect(workers).toHaveLength(2);
    for (const pid of workers) process.kill(pid, 'SIGKILL');
    const events = await client.events(posted.links.events);
    expect(events.at(-1)).toMatchObject({ status: 'succeeded' });
    const { simulation } = await client.query<{ simulation: { totals: { sent: number }; paths: { nodes: { count: string }[] } } }>('query ($id: ID!) { simulation(id: $id) { totals { sent } paths { nodes { count } } } }', { id: posted.id });
    expect(Number(simulation.totals.sent)).toBe(CONNECTIONS);
    expect(simulation.paths.nodes.reduce((sum, { count }) => sum + Number(count), 0)).toBe(CONNECTIONS);
    await until(async () => childrenOf(stack.pid, 'worker.mjs').length === 2);
  });

  test('what is canceled stops, and leaves the worker to others', async () => {
    const posted = await post({ flows: [{ ...LONG.flows[0], connections: 10 * CONNECTIONS }] });
    await until(async () => (await get(posted)).status === 'running');
    expect((await client.ask('DELETE', posted.links.self)).status).toBe(202);
    expect(await get(posted)).toMatchObject({ status: 'canceled', reportDigest: null });
    expect((await post({ flows: [{ ...FLOW, packets: 1 }] }, { prefer: 'wait=60' })).status).toBe('succeeded');
    expect((await client.ask('GET', posted.links.report)).status).toBe(409);
  });

  test('two simulations are compared once both are at their end', async () => {
    const scenario = (port: number): unknown => ({ flows: [{ ...FLOW, packets: 3, interval: '1ms', destination: { service: 'default/dns', port } }] });
    const [baseline, candidate] = [await post(scenario(53)), await post({ ...(scenario(53) as object), events: [{ at: '1ms', node: 'n1', run: 'iptables -I FORWARD -j DROP' }] })];
    const { status, body } = await client.ask('POST', '/comparisons', { body: { baseline: { simulation: baseline.id }, candidate: { simulation: candidate.id } }, headers: { prefer: 'wait=30' } });
    expect([200, 201, 202]).toContain(status);
    const { links } = body as { links: { self: string } };
    const done = await until(async () => {
      const found = (await client.ask('GET', links.self)).body as { status: string; summary: { broken: number } | null };
      return found.status === 'succeeded' && found;
    });
    expect(done.summary?.broken).toBeGreaterThan(0);
  });

  test('a subscription tells what the events tell', async () => {
    const posted = await post(LONG);
    const told = await client.subscription<{ simulation: { status: string; progress: number } }>('subscription ($id: ID!) { simulation(id: $id) { status progress } }', { id: posted.id });
    expect(told.at(-1)).toEqual({ simulation: { status: 'succeeded', progress: 1 } });
    const between = told.map(({ simulation }) => simulation.progress).filter((progress) => progress > 0 && progress < 1);
    expect(between.length).toBeGreaterThan(0);
    expect(between).toEqual([...between].sort((a, b) => a - b));
  });

  test('a comparison of what has not run yet; the command line compares the same by their ids', async () => {
    const side = (port: number): object => ({ topology: { files: FILES }, scenario: { flows: [{ ...FLOW, packets: 2, destination: { service: 'default/dns', port } }] } });
    const { body } = await client.ask('POST', '/comparisons', { body: { baseline: side(53), candidate: side(54) }, headers: { prefer: 'wait=60' } });
    const { status, summary, baseline, candidate } = body as { status: string; summary: { broken: number }; baseline: { simulation: string }; candidate: { simulation: string } };
    expect({ status, broken: summary.broken }).toEqual({ status: 'succeeded', broken: 2 });
    const printed = JSON.parse(worldline('compare', baseline.simulation, candidate.simulation, '--service', stack.url, '--json').text) as { summary: object };
    expect(printed.summary).toEqual(summary);
    expect(worldline('compare', baseline.simulation, 'nobody', '--service', stack.url)).toMatchObject({ code: 2, error: 'nobody: there is no simulation nobody\n' });
  });

  test('a batch with a matrix says the same here and on the command line, in every form', async () => {
    const posted = await post({ flows: [{ ...FLOW, packets: 1 }] }, { prefer: 'wait=60' });
    const spec = { base: { simulation: posted.id }, variants: [{ name: 'shut', events: [{ at: '0ms', machine: 'node/n1', run: 'iptables -I FORWARD -p udp -j DROP' }] }], matrices: [{ name: 'all', from: { pods: {} }, to: { services: {} } }] };
    const batch = { apiVersion: 'worldline.dev/v1alpha1', kind: 'Batch', metadata: { name: 'who' }, spec };
    const { body } = await client.ask('POST', '/batches', { body: batch, headers: { prefer: 'wait=60' } });
    expect(body).toMatchObject({ status: 'succeeded', isPassed: false, variants: [{ failures: ['all'] }] });
    const folder = mkdtempSync(join(tmpdir(), 'worldline-e2e-batch-'));
    try {
      writeFileSync(join(folder, 'batch.json'), JSON.stringify(batch));
      const forms = { junit: 'application/junit+xml', sarif: 'application/sarif+json', markdown: 'text/markdown' };
      const options = Object.keys(forms).flatMap((form) => [`--${form}`, join(folder, form)]);
      expect(worldline('what-if', join(folder, 'batch.json'), '--service', stack.url, ...options).code).toBe(1);
      for (const [form, accept] of Object.entries(forms)) {
        const answer = await client.ask('GET', (body as { links: { self: string } }).links.self, { headers: { accept } });
        const told = typeof answer.body === 'string' ? answer.body : `${JSON.stringify(answer.body, null, 2)}\n`;
        // The file is where the batch was read from: here it is its name.
        expect(told).toBe(readFileSync(join(folder, form), 'utf8').replaceAll(join(folder, 'batch.json'), 'who'));
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('bad input is refused, and the service goes on', async () => {
    const refused = await client.ask('POST', '/simulations', { body: { topology: { files: FILES }, scenario: { flows: [{ ...FLOW, from: { pod: 'default/nobody' } }] } } });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/scenario/flows/0/from/pod' }] } });
    expect((await client.ask('POST', '/snapshots', { body: new Uint8Array(200_000_000), headers: { 'content-type': 'application/gzip' } }).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await client.ask('GET', '/simulations/none')).status).toBe(404);
    expect((await client.ask('GET', '/health/ready')).status).toBe(200);
  });
});

test('killed with -9 and started again on the same data, it goes on with what was under way', async () => {
  const data = mkdtempSync(join(tmpdir(), 'worldline-e2e-data-'));
  execFileSync('chmod', ['755', data]);
  const env = { WORLDLINE_DATA: join(data, 'data'), WORLDLINE_LOCK_MS: '1000' };
  try {
    const first = await startStack(env);
    const client = new Client(first.url);
    const { body } = await client.ask('POST', '/simulations', { body: { topology: { files: FILES }, scenario: LONG } });
    const { links } = body as Simulation;
    await until(async () => ((await client.ask('GET', links.self)).body as Simulation).progress.done > 0);
    const children = childrenOf(first.pid, '');
    process.kill(first.pid, 'SIGKILL');
    await until(() => Promise.resolve(children.every((pid) => !isAlive(pid))));
    await first.stop();
    const second = await startStack(env);
    try {
      expect((await new Client(second.url).events(links.events)).at(-1)).toMatchObject({ status: 'succeeded' });
    } finally {
      await second.stop();
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

/** One command line, in the repository. */
function worldline(...args: readonly string[]): { readonly code: number | null; readonly text: string; readonly error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'apps/cli/bin/worldline.mjs'), ...args], { encoding: 'utf8', maxBuffer: 1e8 });
  return { code: status, text: stdout, error: stderr };
}

/** Processes that another one has started, by a word of their command line. */
function childrenOf(pid: number, word: string): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return children.filter((child) => isAlive(child) && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(word));
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
