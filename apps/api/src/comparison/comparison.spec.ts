import { comparisonSchema } from '@worldline/contract';
import { caseFiles, caseScenario, runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

const NAME = 'wormhole-hostport';
let running: RunningApp;
let baseline: string;
let candidate: string;
beforeAll(async () => {
  running = await runApp();
  baseline = await running.simulate(NAME);
  // The same without the rule that takes hostPorts before Services.
  const { spec, ...head } = caseScenario(NAME) as { spec: { events?: unknown[] } };
  const events = [...(spec.events ?? []), { at: '0ms', node: 'n3', run: 'iptables -t nat -D PREROUTING 1' }];
  const files = caseFiles(NAME);
  const posted = await running.inject('POST', '/simulations', { body: { topology: { files }, scenario: { ...head, spec: { ...spec, events } } }, headers: { prefer: 'wait=30' } });
  expect(posted.json()).toMatchObject({ status: 'succeeded' });
  candidate = posted.json()['id'] as unknown as string;
});
afterAll(() => running.close());

test('two simulations: what changed, and where ways part', async () => {
  const posted = await running.inject('POST', '/comparisons', { body: { baseline: { simulation: baseline }, candidate: { simulation: candidate } }, headers: { prefer: 'wait=30' } });
  expect(posted.status).toBe(202);
  const comparison = comparisonSchema.parse(posted.json());
  expect(posted.headers['location']).toBe(`/comparisons/${comparison.id}`);
  expect(comparison).toMatchObject({ status: 'succeeded', baseline: { simulation: baseline }, links: { candidate: `/simulations/${candidate}` } });
  const change = comparison.changes?.find(({ flow }) => flow === 'https');
  expect(change?.divergence).toMatchObject({ machine: 'node/n3', baseline: { kind: 'Filter' }, candidate: { kind: 'Filter' } });

  const { data, errors } = await running.query(
    `query ($id: ID!) { comparison(id: $id) { status baseline { id } candidate { id } summary { key { dimension value } count }
      changes(filter: {flow: "https"}) { totalCount nodes { flow effect count baseline { number disposition delivered { machine } } candidate { delivered { machine } }
        divergence { what index machine { name } baseline { text ... on FilterStep { rule { chain number tool } } } candidate { kind } } } } } }`,
    { id: comparison.id },
  );
  expect(errors).toBeUndefined();
  const told = (data as { comparison: { summary: { key: { value: string }[]; count: string }[]; changes: { totalCount: string; nodes: unknown[] } } }).comparison;
  expect(told).toMatchObject({ status: 'succeeded', baseline: { id: baseline }, candidate: { id: candidate }, changes: { totalCount: '1' } });
  expect(told.changes.nodes).toEqual([
    expect.objectContaining({
      flow: 'https',
      effect: change?.effect,
      count: '1',
      baseline: { number: change?.baseline?.path, disposition: 'Accepted', delivered: [{ machine: 'pod/default/a3' }] },
      divergence: expect.objectContaining({ machine: { name: 'node/n3' }, index: change?.divergence?.index, baseline: { text: change?.divergence?.baseline?.text, rule: expect.objectContaining({ tool: 'iptables' }) as unknown } }) as unknown,
    }),
  ]);
  expect(told.summary.map(({ key, count }) => [key[0]?.value, Number(count)])).toEqual(Object.entries(comparison.summary ?? {}).filter(([name, count]) => name !== 'flows' && count > 0));
});

test('a side may be a snapshot with a scenario, which is run first, and once for one Idempotency-Key', async () => {
  const { snapshotDigest } = (await running.inject('GET', `/simulations/${baseline}`)).json() as unknown as { snapshotDigest: string };
  const body = { baseline: { snapshot: snapshotDigest, scenario: caseScenario(NAME), flow: 'quic' }, candidate: { topology: { files: caseFiles(NAME) }, scenario: caseScenario(NAME), seed: 5, flow: 'https' } };
  const ask = (sent: object): ReturnType<RunningApp['inject']> => running.inject('POST', '/comparisons', { body: sent, headers: { prefer: 'wait=30', 'idempotency-key': 'sides' } });
  const first = comparisonSchema.parse((await ask(body)).json());
  expect(first).toMatchObject({ status: 'succeeded', baseline: { flow: 'quic' }, candidate: { flow: 'https' }, summary: { flows: 1 } });
  for (const side of [first.baseline, first.candidate]) expect((await running.inject('GET', `/simulations/${side.simulation}`)).json()).toMatchObject({ status: 'succeeded' });
  expect((await running.inject('GET', `/simulations/${first.candidate.simulation}`)).json()).toMatchObject({ seed: 5 });
  const count = await running.service.stores.simulations.count({});
  expect((await ask(body)).json()).toMatchObject({ id: first.id, baseline: first.baseline, candidate: first.candidate });
  expect((await ask({ ...body, candidate: { simulation: candidate } })).status).toBe(422);
  expect(await running.service.stores.simulations.count({})).toBe(count);
});

test('nothing is run for a comparison whose other side is wrong', async () => {
  const count = await running.service.stores.simulations.count({});
  const { spec: { flows }, ...head } = caseScenario(NAME) as { spec: { flows: object[] } };
  const side = { topology: { files: caseFiles(NAME) }, scenario: caseScenario(NAME) };
  const broken = { ...side, scenario: { ...head, spec: { flows: [{ ...flows[0], from: { pod: 'default/nobody' } }] } } };
  expect((await running.inject('POST', '/comparisons', { body: { baseline: side, candidate: broken } })).json()).toMatchObject({ type: '/problems/invalid-scenario', errors: [{ pointer: '#/candidate/scenario/spec/flows/0/from/pod' }] });
  expect(await running.service.stores.simulations.count({})).toBe(count);
});

test('a simulation is like itself', async () => {
  const answer = await running.inject('POST', '/comparisons', { body: { baseline: { simulation: baseline, flow: 'quic' }, candidate: { simulation: baseline, flow: 'quic' } }, headers: { prefer: 'wait=30' } });
  expect(answer.json()).toMatchObject({ status: 'succeeded', changes: [], summary: { flows: 1, unchanged: 2 } });
});

test.each([
  { name: 'a simulation that is not there', body: { baseline: { simulation: 'x' }, candidate: { simulation: 'y' } }, status: 404, error: { code: 'UnknownSimulation', pointer: '#/baseline/simulation', word: 'x' } },
  { name: 'a side too few', body: { baseline: { simulation: 'x' } }, status: 422, error: { code: 'MissingField', pointer: '#/candidate' } },
  { name: 'an unknown field', body: { baseline: { simulation: 'x', colour: 1 }, candidate: { simulation: 'y' } }, status: 422, error: { code: 'UnknownField', pointer: '#/baseline/colour' } },
  { name: 'a seed for what has run', body: { baseline: { simulation: 'x', seed: 1 }, candidate: { simulation: 'y' } }, status: 422, error: { pointer: '#/baseline/seed' } },
  { name: 'a side of nothing', body: { baseline: {}, candidate: { simulation: 'y' } }, status: 422, error: { pointer: '#/baseline/simulation' } },
  { name: 'a scenario without a snapshot', body: { baseline: { scenario: {} }, candidate: { simulation: 'y' } }, status: 422, error: { pointer: '#/baseline/snapshot' } },
  { name: 'a snapshot without a scenario', body: { baseline: { topology: { files: { a: '' } } }, candidate: { simulation: 'y' } }, status: 422, error: { pointer: '#/baseline/scenario' } },
  { name: 'a snapshot that is not there', body: { baseline: { snapshot: `sha256:${'0'.repeat(64)}`, scenario: {} }, candidate: { simulation: 'y' } }, status: 404, error: { code: 'UnknownSnapshot', pointer: '#/baseline/snapshot' } },
])('refused: $name', async ({ body, status, error }) => {
  expect((await running.inject('POST', '/comparisons', { body })).json()).toMatchObject({ status, errors: [error] });
});

test('not there', async () => {
  expect((await running.inject('GET', '/comparisons/nobody')).json()).toMatchObject({ status: 404, errors: [{ code: 'UnknownComparison' }] });
});
