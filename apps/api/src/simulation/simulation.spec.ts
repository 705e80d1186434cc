import { createHash } from 'node:crypto';
import { kernelEngine, MemoryFiles, NO_METER, runScenario, standardReaders } from '@worldline/application';
import { simulationPageSchema, simulationSchema } from '@worldline/contract';
import type { HashText } from '@worldline/model';
import { caseFiles, caseScenario, runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

const NAME = 'udp-blackhole';
const body = { topology: { files: caseFiles(NAME) }, scenario: caseScenario(NAME) };
const spec = body.scenario['spec'] as { flows: Record<string, unknown>[] };

/** What `worldline run --json` prints for the same files. */
async function printed(): Promise<string> {
  const hash: HashText = (content) => createHash('sha256').update(typeof content === 'string' ? content : Buffer.concat(content)).digest('hex');
  const files = new MemoryFiles({ 'scenario.json': JSON.stringify(body.scenario), ...Object.fromEntries(Object.entries(body.topology.files).map(([path, text]) => [`snapshot/${path}`, text])) });
  const { value } = await runScenario({ scenario: 'scenario.json' }, { files, readers: standardReaders(hash), engine: kernelEngine, hash, meter: NO_METER });
  return `${JSON.stringify(value?.report)}\n`;
}

describe('with a worker', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await runApp();
  });
  afterAll(() => running.close());

  test('posted, awaited, and reported byte for byte as the command line prints it', async () => {
    const posted = await running.inject('POST', '/simulations', { body, headers: { prefer: 'wait=30' } });
    expect(posted.status).toBe(202);
    expect(posted.headers['preference-applied']).toBe('wait=30');
    const simulation = simulationSchema.parse(posted.json());
    expect(posted.headers['location']).toBe(`/simulations/${simulation.id}`);
    expect(simulation).toMatchObject({ name: NAME, status: 'succeeded', seed: 1, mode: 'sample', progress: expect.anything() as unknown, problem: null });
    expect(simulation.verdict).toEqual({ passed: 0, failed: 0, undecided: 0, findings: { error: 0, warning: 0, info: 0 } });

    const report = await running.inject('GET', simulation.links.report);
    expect(report.status).toBe(200);
    expect(report.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(report.text).toBe(await printed());
    expect((await running.inject('GET', simulation.links.report, { headers: { 'if-none-match': String(report.headers['etag']) } })).status).toBe(304);
  });

  test('events tell the progress and end with the simulation', async () => {
    const { id } = (await running.inject('POST', '/simulations', { body })).json() as unknown as { id: string };
    const events = await running.inject('GET', `/simulations/${id}/events`);
    expect(events.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const named = [...events.text.matchAll(/^id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/gm)];
    expect(named.map(([, number]) => Number(number))).toEqual(named.map((_, i) => i));
    expect(named.at(-1)?.[2]).toBe('succeeded');
    expect(JSON.parse(named.at(-1)?.[3] as string)).toMatchObject({ id, status: 'succeeded' });
  });

  test('a stored snapshot serves as well, and seed and mode are the order’s own', async () => {
    const { digest } = (await running.inject('POST', '/snapshots', { body: body.topology })).json() as unknown as { digest: string };
    const answer = await running.inject('POST', '/simulations', { body: { snapshot: digest, scenario: spec, seed: 7, mode: 'explore' }, headers: { prefer: 'respond-async, wait=30' } });
    expect(answer.json()).toMatchObject({ status: 'succeeded', snapshotDigest: digest, seed: 7, mode: 'explore' });
  });
});

describe('without a worker', () => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await runApp({ isIdle: true });
  });
  afterAll(() => running.close());

  const post = (changes: object = {}, headers: Record<string, string> = {}): ReturnType<RunningApp['inject']> => running.inject('POST', '/simulations', { body: { ...body, ...changes }, headers });

  test('no report before the end; a wait ends without one', async () => {
    const answer = await post({}, { prefer: 'wait=1' });
    expect(answer.json()).toMatchObject({ status: 'queued', finishedAt: null, verdict: null });
    const report = await running.inject('GET', `/simulations/${answer.json()['id']}/report`);
    expect(report.json()).toMatchObject({ type: '/problems/not-finished', status: 409 });
    expect(report.headers['retry-after']).toBe('1');
  });

  test('canceled, and canceled again; then erased', async () => {
    const url = `/simulations/${(await post()).json()['id']}`;
    for (const _ of [1, 2]) {
      const answer = await running.inject('DELETE', url);
      expect([answer.status, answer.json()['status']]).toEqual([202, 'canceled']);
    }
    expect((await running.inject('GET', `${url}/report`)).json()).toMatchObject({ type: '/problems/no-report', status: 409 });
    expect((await running.inject('DELETE', `${url}?purge=true`)).status).toBe(202);
    expect((await running.inject('DELETE', `${url}?purge=true`)).status).toBe(202);
    expect((await running.inject('GET', url)).status).toBe(404);
    expect((await running.inject('DELETE', url)).status).toBe(404);
    expect((await running.inject('DELETE', `${url}?purge=maybe`)).json()).toMatchObject({ status: 400, errors: [{ pointer: '#/purge' }] });
  });

  test('an Idempotency-Key with the same body is the same simulation, with another one a mistake', async () => {
    const headers = { 'idempotency-key': '"a"' };
    const [first, second, other] = [await post({}, headers), await post({}, headers), await post({ seed: 2 }, headers)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.json()['id']).toBe(first.json()['id']);
    expect(other.json()).toMatchObject({ type: '/problems/idempotency-mismatch', status: 422, errors: [{ word: 'Idempotency-Key' }] });
  });

  test('lists go page by page, by keyset', async () => {
    const posted = new Set<string>();
    for (let i = 0; i < 5; i++) posted.add((await post({ seed: 100 + i })).json()['id'] as unknown as string);
    const seen: string[] = [];
    let url: string | undefined = '/simulations?limit=2&status=queued';
    for (let pages = 0; url !== undefined && pages < 20; pages++) {
      const answer = await running.inject('GET', url);
      const { items, nextCursor } = simulationPageSchema.parse(answer.json());
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map(({ id }) => id));
      url = /^<(.+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1];
      expect(url === undefined).toBe(nextCursor === null);
      // One that comes in between stands before the pages that follow, and moves none of them.
      if (pages === 0) await post({ seed: 999 });
    }
    expect(new Set(seen).size).toBe(seen.length);
    for (const id of posted) expect(seen).toContain(id);
  });

  const digest = `sha256:${'0'.repeat(64)}`;
  const flow = (changes: object): object => ({ scenario: { ...body.scenario, spec: { ...spec, flows: [{ ...spec.flows[0], ...changes }] } } });
  const rows = [
    { name: 'an unknown field', body: { ...body, colour: 1 }, status: 422, error: { code: 'UnknownField', pointer: '#/colour', word: 'colour' } },
    { name: 'an unknown word of the scenario', body: { ...body, ...flow({ colour: 1 }) }, status: 422, error: { pointer: '#/scenario/spec/flows/0/colour', word: 'colour' } },
    { name: 'the same in a bare spec', body: { ...body, scenario: { flows: [{ ...spec.flows[0], colour: 1 }] } }, status: 422, error: { pointer: '#/scenario/flows/0/colour', word: 'colour' } },
    { name: 'a pod that is not there', body: { ...body, ...flow({ from: { pod: 'default/nobody' } }) }, status: 422, error: { pointer: expect.stringMatching(/^#\/scenario\/spec\/flows\/0\/from/) as unknown } },
    { name: 'an unknown digest', body: { snapshot: digest, scenario: spec }, status: 404, error: { code: 'UnknownSnapshot', pointer: '#/snapshot', word: digest } },
    { name: 'a scenario that is a list', body: { ...body, scenario: [] }, status: 422, error: { pointer: '#/scenario' } },
    { name: 'an empty body', body: '', status: 422, error: { pointer: '#' } },
    { name: 'no JSON', body: 'flows: []', status: 400, error: { code: 'MalformedBody', pointer: '#' } },
  ];

  test.each(rows)('refused: $name', async ({ body: wrong, status, error }) => {
    const answer = await running.inject('POST', '/simulations', { body: wrong });
    expect(answer.json()).toMatchObject({ status, errors: [error] });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  test.each([
    { name: 'limit', url: '/simulations?limit=0' },
    { name: 'limit', url: '/simulations?limit=many' },
    { name: 'status', url: '/simulations?status=done' },
    { name: 'order', url: '/simulations?order=up' },
    { name: 'cursor', url: '/simulations?cursor=x' },
  ])('refused: $url', async ({ name, url }) => {
    expect((await running.inject('GET', url)).json()).toMatchObject({ type: '/problems/invalid-query', status: 400, errors: [{ pointer: `#/${name}` }] });
  });

  test.each(['/simulations/nobody', '/simulations/nobody/report', '/simulations/nobody/events', `/simulations/${'x'.repeat(500)}`, '/simulations/%00', '/simulations/a%2fb'])('not there: %s', async (url) => {
    const answer = await running.inject('GET', url);
    expect(answer.json()).toMatchObject({ status: 404 });
  });
});
