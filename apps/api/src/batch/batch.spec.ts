import { batchSchema } from '@worldline/contract';
import { caseBatch, caseFiles, caseScenario, runApp } from '../testing/index.js';
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

test('with a bundle that comes along, and everybody asking every Service', async () => {
  const matrices = [
    { name: 'services', from: { pods: {} }, to: { services: {} } },
    { name: 'pings', from: 'pod/default/a', to: { nodes: {} }, protocol: 'icmp', expect: { reply: true } },
  ];
  const variants = [{ name: 'open' }, { name: 'shut', events: [{ at: '0ms', machine: 'node/n1', run: 'iptables -I FORWARD -p udp -j DROP' }] }];
  const body = { base: { topology: { files: caseFiles(NAME) }, scenario: caseScenario(NAME) }, variants, matrices, gate: { failOn: ['failed'], scope: 'new' } };
  const answer = batchSchema.parse((await running.inject('POST', '/batches', { body, headers: { prefer: 'wait=30' } })).json());
  expect(answer).toMatchObject({ status: 'succeeded', isPassed: false, progress: { done: 3, of: 3 } });
  const [open, shut] = answer.variants ?? [];
  expect(open).toMatchObject({ isPassed: true, expectations: [{ name: 'services', outcome: 'passed' }, { name: 'pings', outcome: 'passed' }], matrix: { changes: [] } });
  expect(shut).toMatchObject({ isPassed: false, failures: ['services'], matrix: { summary: { broken: expect.any(Number) as number } } });
  expect(shut?.matrix?.changes).toContainEqual(expect.objectContaining({ flow: 'services: pod/default/a -> service/default/dns:53/udp', effect: 'broken' }));
  const { text } = await running.inject('GET', answer.links.self, { headers: { accept: 'application/junit+xml' } });
  expect(text).toContain('<testcase name="pings"');
});

test('the whole file, with its name; places are those of the file', async () => {
  const file = (changes: object = {}): object => ({ apiVersion: 'worldline.dev/v1alpha1', kind: 'Batch', metadata: { name: 'pr-1234' }, spec: spec(changes) });
  expect((await running.inject('POST', '/batches', { body: file() })).json()).toMatchObject({ name: 'pr-1234' });
  const wrong = await running.inject('POST', '/batches', { body: file({ variants: [{ name: 'v', components: {} }] }) });
  expect(wrong.json()).toMatchObject({ status: 422, errors: [{ code: 'NotSupported', pointer: '#/spec/variants/0/components', word: 'components' }] });
  expect((await running.inject('POST', '/batches', { body: { ...file(), kind: 'Scenario' } })).json()).toMatchObject({ status: 422, errors: [{ pointer: '#/kind' }] });
});

test('a simulation as base brings the seed that it was run with', async () => {
  const seeded = await running.simulate(NAME, { seed: 77 });
  const { id } = (await running.inject('POST', '/batches', { body: spec({ base: { simulation: seeded } }) })).json() as unknown as { id: string };
  expect((await running.service.stores.batches.get([id]))[0]?.scenario).toMatchObject({ spec: { seed: 77 } });
});

test.each([
  { name: 'an unknown base', body: spec({ base: { simulation: 'x' } }), status: 404, error: { pointer: '#/base/simulation', word: 'x' } },
  { name: 'half a base', body: spec({ base: { scenario: {} } }), status: 422, error: { pointer: '#/base/snapshot' } },
  { name: 'a variant without a name', body: spec({ base: { simulation: 'x' }, variants: [{}] }), status: 422, error: { code: 'MissingField', pointer: '#/variants/0/name' } },
  { name: 'no variants', body: spec({ base: { simulation: 'x' }, variants: [] }), status: 422, error: { pointer: '#/variants' } },
  { name: 'a base of both kinds', body: spec({ base: { simulation: 'x', scenario: {} } }), status: 422, error: { pointer: '#/base/simulation' } },
  { name: 'a bundle twice', body: spec({ base: { snapshot: `sha256:${'0'.repeat(64)}`, topology: { files: { a: '' } }, scenario: {} } }), status: 422, error: { pointer: '#/base/topology' } },
  { name: 'a snapshot that is not there', body: spec({ base: { snapshot: `sha256:${'0'.repeat(64)}`, scenario: {} } }), status: 404, error: { code: 'UnknownSnapshot', pointer: '#/base/snapshot' } },
])('refused: $name', async ({ body, status, error }) => {
  expect((await running.inject('POST', '/batches', { body })).json()).toMatchObject({ status, errors: [error] });
});

test.each([
  { name: 'components of a variant', changes: { variants: [{ name: 'v', components: { 'kube-proxy': { mode: 'nftables' } } }] }, error: { code: 'NotSupported', pointer: '#/variants/0/components', word: 'components' } },
  { name: 'objects of a variant', changes: { variants: [{ name: 'v', objects: { delete: ['service/shop/old'] } }] }, error: { code: 'NotSupported', pointer: '#/variants/0/objects', word: 'objects' } },
  { name: 'a word of a matrix', changes: { matrices: [{ from: { pods: {} }, to: { services: {} }, ports: 1 }] }, error: { code: 'UnknownWord', pointer: '#/matrices/0/ports', word: 'ports' } },
  { name: 'a pod that is not there', changes: { matrices: { from: 'pod/default/nobody', to: { services: {} } } }, error: { code: 'UnknownPlace', pointer: '#/matrices/from' } },
  { name: 'pairs of nobody', changes: { matrices: [{ name: 'm', from: { pods: { namespace: 'none' } }, to: { services: {} } }] }, error: { code: 'InvalidBatch', pointer: '#/matrices/0', word: 'm' } },
  { name: 'a flow that is not there', changes: { expect: [{ name: 'e', flow: 'none', reply: true }] }, error: { code: 'InvalidBatch', pointer: '#/expect/0', word: 'none' } },
])('refused: $name', async ({ changes, error }) => {
  expect((await running.inject('POST', '/batches', { body: spec({ base: { simulation }, ...changes }) })).json()).toMatchObject({ type: '/problems/invalid-batch', status: 422, errors: [error] });
});

test('a command that no machine knows is named where it stands', async () => {
  const answer = await running.inject('POST', '/batches', { body: spec({ base: { simulation }, variants: [{ name: 'v', events: [{ at: '0ms', node: 'n1', run: 'frobnicate -x', colour: 1 }] }] }) });
  expect(answer.json()).toMatchObject({ status: 422, errors: [{ pointer: '#/variants/0/events/0/colour', word: 'colour' }] });
});
