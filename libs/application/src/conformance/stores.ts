/// <reference types="jest" />
/** What every set of stores must do. `open` gives empty ones; `close` gives them back. */
import type { Comparison } from '@worldline/analysis';
import { DIMENSIONS, InvalidCursor } from '../service/index.js';
import type { Dimension, NewSimulation, Page, PageRequest, SimulationRecord, Stores, TraceFilter } from '../service/index.js';
import { sampleReport, sampleResult } from './sample-report.js';

const SNAPSHOT = 'sha256:snapshot';
const TREE = new Map([
  ['cluster.yaml', bytes('kind: Cluster\n')],
  ['nodes/knöten/sysctl.txt', bytes('')],
]);

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

function simulation(id: string, change: Partial<NewSimulation> = {}): NewSimulation {
  return { id, name: 'sample', snapshotDigest: SNAPSHOT, scenario: { spec: { b: 1, a: [] } }, scenarioDigest: 'sha256:scenario', engineVersion: '0.1.0', seed: 2 ** 53 - 1, mode: 'sample', ...change };
}

const FIRST: PageRequest = { limit: 100, cursor: null };

export function describeStores(open: () => Promise<{ readonly stores: Stores; readonly close: () => Promise<void> }>): void {
  let stores: Stores;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ stores, close } = await open());
    await stores.snapshots.put({ digest: SNAPSHOT, tree: TREE, machines: ['node/n1'], issues: [] });
  });
  afterEach(() => close());

  const create = async (id: string, change?: Partial<NewSimulation>): Promise<SimulationRecord> => {
    const created = await stores.simulations.create(simulation(id, change), null);
    if (created.kind !== 'created') throw new Error(created.kind);
    return created.record;
  };
  const finished = async (id: string): Promise<void> => {
    await create(id);
    await stores.simulations.start(id);
    expect(await stores.simulations.succeed(id, sampleResult())).toBe(true);
  };

  describe('snapshots', () => {
    it('keep files as they are', async () => expect([...((await stores.snapshots.tree(SNAPSHOT)) ?? [])].map(([name, content]) => [name, [...content]])).toEqual([...TREE].map(([name, content]) => [name, [...content]])));
    it('are new once', async () => {
      const again = await stores.snapshots.put({ digest: SNAPSHOT, tree: new Map(), machines: [], issues: [] });
      expect(again).toMatchObject({ isNew: false, record: { digest: SNAPSHOT, files: 2, size: 14, machines: ['node/n1'], issues: [] } });
    });
    it('are nothing where they are not', async () => {
      expect(await stores.snapshots.tree('sha256:none')).toBeNull();
      expect(await stores.snapshots.get(['sha256:none', SNAPSHOT])).toMatchObject([{ digest: SNAPSHOT }]);
    });
  });

  describe('the life of a simulation', () => {
    it('begins queued', async () => {
      const record = await create('a');
      expect(record).toMatchObject({ ...simulation('a'), status: 'queued', progress: { done: 0, of: 0 }, finishedAt: null, reportDigest: null, verdict: null, problem: null });
      expect(record.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(await stores.simulations.get(['none', 'a'])).toEqual([record]);
      expect(await stores.simulations.report('a')).toBeNull();
    });

    it('runs, and ends with its result', async () => {
      await create('a');
      expect(await stores.simulations.start('a')).toMatchObject({ status: 'running' });
      expect(await stores.simulations.progress('a', { done: 3, of: 5 })).toBe(true);
      expect(await stores.simulations.get(['a'])).toMatchObject([{ progress: { done: 3, of: 5 } }]);
      expect(await stores.simulations.unfinished()).toEqual(['a']);
      expect(await stores.simulations.succeed('a', sampleResult())).toBe(true);
      expect(await stores.simulations.get(['a'])).toMatchObject([
        { status: 'succeeded', progress: { done: 6, of: 6 }, reportDigest: 'sha256:aa', verdict: { passed: 1, failed: 1, undecided: 0, findings: { error: 0, warning: 0, info: 0 } }, finishedAt: expect.stringMatching(/Z$/) as string },
      ]);
      expect(await stores.simulations.unfinished()).toEqual([]);
      const text = bytesToText((await stores.simulations.report('a')) as Uint8Array);
      expect(text).toBe(sampleResult().reportText);
      expect(await stores.simulations.topology('a')).toEqual(sampleResult().topology);
      expect(await stores.simulations.summaries(['none', 'a'])).toMatchObject([{ simulation: 'a', totals: { sent: 6, delivered: 5, dropped: 1, replied: 3, byDisposition: { Accepted: 5, DeniedForward: 1 } } }]);
    });

    it('doubles nothing when a second worker takes it over', async () => {
      await create('a');
      await stores.simulations.start('a');
      expect(await stores.simulations.start('a')).toMatchObject({ status: 'running', progress: { done: 0, of: 0 } });
      const both = await Promise.all([stores.simulations.succeed('a', sampleResult()), stores.simulations.succeed('a', sampleResult('sha256:bb'))]);
      expect(both.filter((one) => one)).toHaveLength(1);
      expect(await stores.simulations.countPackets('a', {})).toBe(6);
      expect(await stores.simulations.start('a')).toBeNull();
    });

    it('may end in a failure', async () => {
      await create('a');
      const problem = { code: 'invalid-scenario', title: 't', detail: 'd', errors: [{ code: 'UnknownWord', detail: 'd', pointer: '#/scenario' }] };
      expect(await stores.simulations.fail('a', problem)).toBe(true);
      expect(await stores.simulations.fail('a', problem)).toBe(false);
      expect(await stores.simulations.get(['a'])).toMatchObject([{ status: 'failed', problem, verdict: null }]);
    });

    it('may be canceled, and then nothing else happens to it', async () => {
      await create('a');
      await stores.simulations.start('a');
      expect(await stores.simulations.cancel('a')).toMatchObject({ status: 'canceled' });
      expect(await stores.simulations.progress('a', { done: 1, of: 2 })).toBe(false);
      expect(await stores.simulations.succeed('a', sampleResult())).toBe(false);
      expect(await stores.simulations.start('a')).toBeNull();
      expect(await stores.simulations.cancel('a')).toMatchObject({ status: 'canceled' });
      expect(await stores.simulations.countFlows('a', {})).toBe(0);
      expect(await stores.simulations.cancel('none')).toBeNull();
    });

    it('may be erased with all it left', async () => {
      await finished('a');
      expect(await stores.simulations.purge('a')).toBe(true);
      expect(await stores.simulations.purge('a')).toBe(false);
      expect(await stores.simulations.get(['a'])).toEqual([]);
      expect(await stores.simulations.countPackets('a', {})).toBe(0);
    });
  });

  describe('an Idempotency-Key', () => {
    const key = { key: 'k', bodyDigest: 'sha256:1' };
    it('creates once', async () => {
      expect(await stores.simulations.create(simulation('a'), key)).toMatchObject({ kind: 'created', record: { id: 'a' } });
      expect(await stores.simulations.create(simulation('b'), key)).toMatchObject({ kind: 'existing', record: { id: 'a' } });
      expect(await stores.simulations.create(simulation('c'), { ...key, bodyDigest: 'sha256:2' })).toEqual({ kind: 'conflict' });
      expect(await stores.simulations.create(simulation('d'), { ...key, key: 'l' })).toMatchObject({ kind: 'created' });
      expect(await stores.simulations.count({})).toBe(2);
    });
    it('creates once when asked at the same time', async () => {
      const all = await Promise.all(['a', 'b', 'c', 'd'].map((id) => stores.simulations.create(simulation(id), key)));
      expect(all.map(({ kind }) => kind).sort()).toEqual(['created', 'existing', 'existing', 'existing']);
    });
    it('is free again when what it was used for is erased', async () => {
      await stores.simulations.create(simulation('a'), key);
      await stores.simulations.purge('a');
      expect(await stores.simulations.create(simulation('b'), key)).toMatchObject({ kind: 'created', record: { id: 'b' } });
    });
  });

  describe('lists of simulations', () => {
    beforeEach(async () => {
      for (const id of ['a', 'b', 'c', 'd', 'e']) await create(id, { name: id === 'c' ? 'other' : 'sample' });
      await stores.simulations.cancel('b');
    });
    const ids = (page: Page<SimulationRecord>): string => page.items.map(({ item }) => item.id).join('');

    it('go by pages, newest first, forward and back', async () => {
      const one = await stores.simulations.list({}, { limit: 2, cursor: null });
      expect([ids(one), one.hasNext, one.hasPrevious]).toEqual(['ed', true, false]);
      const two = await stores.simulations.list({}, { limit: 2, cursor: one.items[1]?.cursor ?? '' });
      expect([ids(two), two.hasNext, two.hasPrevious]).toEqual(['cb', true, true]);
      const three = await stores.simulations.list({}, { limit: 2, cursor: two.items[1]?.cursor ?? '' });
      expect([ids(three), three.hasNext]).toEqual(['a', false]);
      const back = await stores.simulations.list({}, { limit: 2, cursor: three.items[0]?.cursor ?? '', isBackward: true });
      expect([ids(back), back.hasPrevious, back.hasNext]).toEqual(['cb', true, true]);
      expect(ids(await stores.simulations.list({}, { limit: 2, cursor: null, isBackward: true }))).toBe('ba');
    });

    it.each([
      [{ status: ['canceled'] }, 'b'],
      [{ status: ['queued', 'running'] }, 'edca'],
      [{ name: 'other' }, 'c'],
      [{ snapshotDigest: 'sha256:none' }, ''],
    ] as const)('take filters: %j', async (filter, expected) => {
      expect(ids(await stores.simulations.list(filter, FIRST))).toBe(expected);
      expect(await stores.simulations.count(filter)).toBe(expected.length);
    });

    it.each(['', 'x', 'n1', 'sx~sy', 's2026-01-01T00:00:00.000Z', 's%E0%A4%A~sa', "s2026-01-01T00:00:00.000Z';--~sa"])('refuse the cursor %j', async (cursor) => {
      await expect(stores.simulations.list({}, { limit: 2, cursor })).rejects.toThrow(InvalidCursor);
    });
  });

  describe('questions about a result', () => {
    beforeEach(() => finished('a'));

    it.each<{ filter: TraceFilter; flows: number; packets: string; traces: number; paths: number }>([
      { filter: {}, flows: 2, packets: '0.0 0.1 0.2 0.3 1.0 1.1', traces: 9, paths: 3 },
      { filter: { flow: 'dns' }, flows: 1, packets: '0.0 0.1 0.2 0.3', traces: 7, paths: 2 },
      { filter: { flow: 'web\n\\' }, flows: 1, packets: '1.0 1.1', traces: 2, paths: 1 },
      { filter: { what: ['reply'] }, flows: 1, packets: '0.0 0.2 0.3', traces: 3, paths: 1 },
      { filter: { disposition: ['DeniedForward'] }, flows: 1, packets: '0.1', traces: 1, paths: 1 },
      { filter: { layer: ['kernel'] }, flows: 1, packets: '0.1', traces: 1, paths: 1 },
      { filter: { protocol: 'tcp' }, flows: 1, packets: '1.0 1.1', traces: 2, paths: 1 },
      { filter: { machine: 'pod/default/b' }, flows: 2, packets: '0.0 0.2 0.3 1.0 1.1', traces: 8, paths: 2 },
      { filter: { machine: 'node/n1', hook: 'INPUT' }, flows: 0, packets: '', traces: 0, paths: 0 },
      { filter: { hook: 'PREROUTING', table: 'nat' }, flows: 2, packets: '0.0 0.2 0.3 1.0 1.1', traces: 8, paths: 2 },
      { filter: { chain: 'FORWARD', rule: 3 }, flows: 1, packets: '0.1', traces: 1, paths: 1 },
      { filter: { chain: 'KUBE-SERVICES', rule: 1 }, flows: 0, packets: '', traces: 0, paths: 0 },
      { filter: { table: 'filter', deciding: true, machine: 'node/n1' }, flows: 1, packets: '0.1', traces: 1, paths: 1 },
      { filter: { interface: 'veth1' }, flows: 2, packets: '0.0 0.1 0.2 0.3 1.0 1.1', traces: 9, paths: 3 },
      { filter: { interface: 'eth0', machine: 'node/n1' }, flows: 2, packets: '0.0 0.2 0.3 1.0 1.1', traces: 8, paths: 2 },
      { filter: { address: '10.244.2.2' }, flows: 2, packets: '0.0 0.2 0.3 1.0 1.1', traces: 8, paths: 2 },
      { filter: { port: 40001 }, flows: 2, packets: '0.1 1.1', traces: 2, paths: 2 },
      { filter: { address: '10.244.1.2', port: 53 }, flows: 0, packets: '', traces: 0, paths: 0 },
      { filter: { at: { from: 100_000, to: 200_000 } }, flows: 2, packets: '0.1 0.2 1.1', traces: 4, paths: 3 },
      { filter: { at: {} }, flows: 2, packets: '0.0 0.1 0.2 0.3 1.0 1.1', traces: 9, paths: 3 },
      { filter: { not: { flow: 'dns' } }, flows: 1, packets: '1.0 1.1', traces: 2, paths: 1 },
      { filter: { not: { chain: 'FORWARD', rule: 3 }, and: [{ protocol: 'udp' }] }, flows: 1, packets: '0.0 0.2 0.3', traces: 6, paths: 1 },
      { filter: { or: [{ chain: 'FORWARD', rule: 3 }, { protocol: 'tcp' }] }, flows: 2, packets: '0.1 1.0 1.1', traces: 3, paths: 2 },
      { filter: { or: [] }, flows: 0, packets: '', traces: 0, paths: 0 },
      { filter: { flow: "'; drop table packet; --" }, flows: 0, packets: '', traces: 0, paths: 0 },
    ])('keep $filter', async ({ filter, flows, packets, traces, paths }) => {
      const found = await stores.simulations.packets('a', filter, FIRST);
      expect(found.items.map(({ item }) => `${item.flow}.${item.index}`).join(' ')).toBe(packets);
      expect(await stores.simulations.countPackets('a', filter)).toBe(packets === '' ? 0 : packets.split(' ').length);
      expect((await stores.simulations.traces('a', filter, FIRST)).items).toHaveLength(traces);
      expect(await stores.simulations.countTraces('a', filter)).toBe(traces);
      expect((await stores.simulations.paths('a', filter, FIRST)).items).toHaveLength(paths);
      expect(await stores.simulations.countPaths('a', filter)).toBe(paths);
      expect((await stores.simulations.flows('a', filter, FIRST)).items).toHaveLength(flows);
      expect(await stores.simulations.countFlows('a', filter)).toBe(flows);
    });

    it('give records as the Report has them, hops in the paths', async () => {
      const [dns, web] = sampleReport().flows;
      expect((await stores.simulations.flows('a', {}, FIRST)).items.map(({ item }) => item)).toEqual([
        { simulation: 'a', position: 0, name: dns?.name, totals: dns?.totals },
        { simulation: 'a', position: 1, name: web?.name, totals: web?.totals },
      ]);
      const [path] = (await stores.simulations.paths('a', { flow: 'dns' }, FIRST)).items;
      expect(path?.item).toEqual({ simulation: 'a', flow: 0, path: 0, flowName: 'dns', report: dns?.paths[0] });
      const [packet] = (await stores.simulations.packets('a', {}, FIRST)).items;
      expect(packet?.item.report).toMatchObject({ index: 0, path: 0, sent: dns?.packets[0]?.sent, exchange: [{ what: 'request', wire: dns?.packets[0]?.exchange[0]?.wire }, { what: 'reply' }] });
      expect(packet?.item.report.exchange[0]?.trace).toEqual({ disposition: 'Accepted', reason: null, probability: 1 });
      const traces = (await stores.simulations.traces('a', { what: ['reply'] }, FIRST)).items.map(({ item }) => item);
      expect(traces[1]).toMatchObject({ simulation: 'a', flow: 0, index: 2, entry: 1, path: 0, what: 'reply', about: null, wire: dns?.packets[2]?.exchange[1]?.wire });
    });

    it('go by pages that join to the whole, forward and back', async () => {
      const whole = (await stores.simulations.traces('a', {}, FIRST)).items.map(({ cursor }) => cursor);
      const forward: string[] = [];
      for (let cursor: string | null = null, hasNext = true; hasNext; ) {
        const page: Awaited<ReturnType<Stores['simulations']['traces']>> = await stores.simulations.traces('a', {}, { limit: 2, cursor });
        forward.push(...page.items.map((one) => one.cursor));
        cursor = page.items.at(-1)?.cursor ?? null;
        hasNext = page.hasNext;
      }
      expect(forward).toEqual(whole);
      const back = await stores.simulations.traces('a', {}, { limit: 3, cursor: whole[4] ?? '', isBackward: true });
      expect(back.items.map(({ cursor }) => cursor)).toEqual(whole.slice(1, 4));
      await expect(stores.simulations.traces('a', {}, { limit: 3, cursor: 'n1' })).rejects.toThrow(InvalidCursor);
      await expect(stores.simulations.packets('a', {}, { limit: 3, cursor: 'n99999999999~n1' })).rejects.toThrow(InvalidCursor);
    });

    it.each<{ by: readonly Dimension[]; filter: TraceFilter; buckets: unknown }>([
      { by: ['disposition'], filter: {}, buckets: [[['Accepted'], 5], [['DeniedForward'], 1]] },
      { by: ['flow', 'disposition'], filter: { protocol: 'udp' }, buckets: [[['dns', 'Accepted'], 3], [['dns', 'DeniedForward'], 1]] },
      { by: ['diedAt'], filter: {}, buckets: [[[null], 5], [['node/n1'], 1]] },
      { by: ['machine'], filter: {}, buckets: [[['node/n1'], 6], [['pod/default/a'], 6], [['pod/default/b'], 5]] },
      { by: ['chain', 'rule'], filter: { flow: 'dns' }, buckets: [[['FORWARD', null], 3], [['INPUT', null], 3], [['KUBE-SERVICES', '2'], 3], [['PREROUTING', '1'], 3], [['FORWARD', '3'], 1]] },
      { by: [], filter: {}, buckets: [[[], 6]] },
      { by: [], filter: { or: [] }, buckets: [] },
    ])('count by $by', async ({ by, filter, buckets }) => {
      const found = await stores.simulations.aggregate('a', by, filter, 20);
      expect(found.map(({ key, count }) => [key, count])).toEqual(buckets);
    });

    it('count by every dimension, as many as asked for', async () => expect(await stores.simulations.aggregate('a', DIMENSIONS, {}, 2)).toHaveLength(2));

    it('find many keys at once, in their order', async () => {
      await finished('b');
      const keys = [
        { simulation: 'b', flow: 1, path: 0 },
        { simulation: 'a', flow: 0, path: 1 },
        { simulation: 'a', flow: 0, path: 9 },
      ];
      expect((await stores.simulations.pathsByKey(keys)).map(({ simulation: id, flow, path }) => [id, flow, path])).toEqual([['b', 1, 0], ['a', 0, 1]]);
      expect((await stores.simulations.flowsByKey(keys)).map(({ simulation: id, name }) => [id, name])).toEqual([['b', 'web\n\\'], ['a', 'dns'], ['a', 'dns']]);
      expect((await stores.simulations.packetsByKey([{ simulation: 'a', flow: 0, index: 3 }])).map(({ report }) => report.index)).toEqual([3]);
      expect(await stores.simulations.pathsByKey([])).toEqual([]);
    });
  });

  describe('comparisons', () => {
    const sides = { baseline: { simulation: 'a', flow: null }, candidate: { simulation: 'b', flow: null } };
    const result: Comparison = {
      kind: 'Comparison',
      baseline: 'sha256:aa',
      candidate: 'sha256:aa',
      summary: { flows: 2, unchanged: 4, broken: 1, fixed: 0, moved: 0, rerouted: 1, appeared: 0, disappeared: 0 },
      changes: [
        { flow: 'dns', effect: 'broken', count: 1, baseline: { path: 0, fate: 'Accepted' }, candidate: { path: 1, fate: 'DeniedForward' }, divergence: null },
        { flow: 'web\n\\', effect: 'rerouted', count: 1, baseline: { path: 0, fate: 'Accepted' }, candidate: null, divergence: null },
      ],
    };
    beforeEach(async () => {
      await finished('a');
      await finished('b');
      expect(await stores.comparisons.create({ id: 'c', ...sides }, null)).toMatchObject({ kind: 'created', record: { id: 'c', ...sides, status: 'queued', summary: null } });
    });

    it('wait for their sides', async () => {
      expect(await stores.comparisons.waitingFor('b')).toEqual(['c']);
      expect(await stores.comparisons.waitingFor('x')).toEqual([]);
      expect(await stores.comparisons.unfinished()).toEqual(['c']);
    });

    it('keep their changes with the keys of the paths', async () => {
      expect(await stores.comparisons.succeed('c', result)).toBe(true);
      expect(await stores.comparisons.succeed('c', result)).toBe(false);
      expect(await stores.comparisons.get(['c'])).toMatchObject([{ status: 'succeeded', summary: result.summary }]);
      expect(await stores.comparisons.waitingFor('b')).toEqual([]);
      const page = await stores.comparisons.changes('c', {}, { limit: 1, cursor: null });
      expect(page).toMatchObject({ hasNext: true, items: [{ item: { comparison: 'c', position: 0, change: result.changes[0], baseline: { simulation: 'a', flow: 0, path: 0 }, candidate: { simulation: 'b', flow: 0, path: 1 } } }] });
      const next = await stores.comparisons.changes('c', {}, { limit: 1, cursor: page.items[0]?.cursor ?? '' });
      expect(next).toMatchObject({ hasNext: false, items: [{ item: { position: 1, baseline: { simulation: 'a', flow: 1, path: 0 }, candidate: null } }] });
      expect(await stores.comparisons.countChanges('c', { effect: ['broken'] })).toBe(1);
      expect((await stores.comparisons.changes('c', { flow: 'web\n\\' }, FIRST)).items).toHaveLength(1);
    });

    it('may fail', async () => {
      expect(await stores.comparisons.fail('c', { code: 'no-report', title: '', detail: '', errors: [] })).toBe(true);
      expect(await stores.comparisons.get(['c'])).toMatchObject([{ status: 'failed', problem: { code: 'no-report' } }]);
    });
  });

  it('batches begin, run and end', async () => {
    const request = { id: 'b', name: 'pr', snapshotDigest: SNAPSHOT, scenario: {}, batch: { spec: {} } };
    expect(await stores.batches.create(request, { key: 'k', bodyDigest: '1' })).toMatchObject({ kind: 'created', record: { ...request, status: 'queued', result: null } });
    expect(await stores.batches.create({ ...request, id: 'c' }, { key: 'k', bodyDigest: '1' })).toMatchObject({ kind: 'existing', record: { id: 'b' } });
    expect(await stores.batches.unfinished()).toEqual(['b']);
    expect(await stores.batches.start('b')).toMatchObject({ status: 'running' });
    expect(await stores.batches.progress('b', { done: 1, of: 3 })).toBe(true);
    expect(await stores.batches.start('b')).toMatchObject({ status: 'running', progress: { done: 0, of: 0 } });
    const result = { isPassed: true, gate: { failOn: ['failed'], scope: 'all' }, base: { reportDigest: 'sha256:aa', expectations: [] }, variants: [], documents: { junit: '<a/>', sarif: '{}', markdown: '' } } as const;
    expect(await stores.batches.succeed('b', result)).toBe(true);
    expect(await stores.batches.start('b')).toBeNull();
    expect(await stores.batches.progress('b', { done: 1, of: 3 })).toBe(false);
    expect(await stores.batches.get(['b'])).toMatchObject([{ status: 'succeeded', result, progress: { done: 1, of: 1 } }]);
  });
}

function bytesToText(text: Uint8Array): string {
  return decodeURIComponent([...text].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
}
