import { batchSchema } from '@worldline/contract';
import { caseBatch, runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

const NAME = 'udp-blackhole';
let running: RunningApp;
let simulation: string;
beforeAll(async () => {
  running = await runApp();
  simulation = await running.simulate(NAME);
});
afterAll(() => running.close());

const spec = (changes: object = {}): object => ({ ...caseBatch(NAME), base: { simulation }, ...changes });

test('a base, its variants and what is expected of them, in every form that is asked for', async () => {
  const posted = await running.inject('POST', '/batches', { body: spec(), headers: { prefer: 'wait=30' } });
  expect(posted.status).toBe(202);
  const batch = batchSchema.parse(posted.json());
  expect(batch).toMatchObject({ status: 'succeeded', problem: null });
  const names = (caseBatch(NAME)['variants'] as { name: string }[]).map(({ name }) => name);
  expect(batch.variants?.map(({ name }) => name)).toEqual(names);

  const forms = [
    { accept: 'application/xml', begins: '<?xml' },
    { accept: 'text/markdown', begins: '## ' },
    { accept: 'application/sarif+json', begins: '{' },
    { accept: 'text/html, */*;q=0.1', begins: '{"id"' },
  ];
  for (const { accept, begins } of forms) {
    const answer = await running.inject('GET', batch.links.self, { headers: { accept } });
    expect([answer.status, answer.text.slice(0, begins.length), answer.headers['vary']]).toEqual([200, begins, 'accept']);
  }
  expect((await running.inject('GET', batch.links.self, { headers: { accept: 'image/png' } })).status).toBe(406);
  expect(await running.query('query ($id: ID!) { batch(id: $id) { status isPassed variants { name isPassed failures } } }', { id: batch.id })).toMatchObject({ data: { batch: { status: 'succeeded', isPassed: batch.isPassed, variants: names.map((name) => ({ name })) } } });
});

test('with the scenario itself and the digest of a snapshot', async () => {
  const { snapshotDigest } = (await running.inject('GET', `/simulations/${simulation}`)).json() as unknown as { snapshotDigest: string };
  const scenario = (await running.service.stores.simulations.get([simulation]))[0]?.scenario;
  const answer = await running.inject('POST', '/batches', { body: spec({ base: { snapshot: snapshotDigest, scenario } }), headers: { prefer: 'wait=30' } });
  expect(answer.json()).toMatchObject({ status: 'succeeded' });
});

test.each([
  { name: 'an unknown base', body: spec({ base: { simulation: 'x' } }), status: 404, error: { pointer: '#/base/simulation', word: 'x' } },
  { name: 'half a base', body: spec({ base: { scenario: {} } }), status: 422, error: { pointer: '#/base/snapshot' } },
  { name: 'a variant without a name', body: spec({ base: { simulation: 'x' }, variants: [{}] }), status: 422, error: { code: 'MissingField', pointer: '#/variants/0/name' } },
  { name: 'no variants', body: spec({ base: { simulation: 'x' }, variants: [] }), status: 422, error: { pointer: '#/variants' } },
  { name: 'components, which this version does not carry out', body: spec({ base: { simulation: 'x' }, variants: [{ name: 'v', components: {} }] }), status: 422, error: { code: 'UnknownField', pointer: '#/variants/0/components' } },
])('refused: $name', async ({ body, status, error }) => {
  expect((await running.inject('POST', '/batches', { body })).json()).toMatchObject({ status, errors: [error] });
});

test('a command that no machine knows is named where it stands', async () => {
  const answer = await running.inject('POST', '/batches', { body: spec({ base: { simulation }, variants: [{ name: 'v', events: [{ at: '0ms', node: 'n1', run: 'frobnicate -x', colour: 1 }] }] }) });
  expect(answer.json()).toMatchObject({ status: 422, errors: [{ pointer: '#/variants/0/events/0/colour', word: 'colour' }] });
});
