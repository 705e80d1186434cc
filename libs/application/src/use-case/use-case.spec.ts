/** Use cases on an engine of a few lines: a flow is delivered unless an event says otherwise. */
import type { Batch, FlowReport, Issue, Scenario, Snapshot } from '@worldline/model';
import { expectation, flow, flowSpec, lostPacket, packet, scenario, snapshot } from '@worldline/testkit';
import { MemoryFiles, NO_METER, compareSides, isPassed, runScenario, traceOne, whatIf } from '../index.js';
import type { Engine, EngineOptions, EngineRun, Tools } from '../index.js';

const machines = [{ kind: 'Pod', metadata: { namespace: 'default', name: 'a' }, status: { podIP: '10.0.0.1' } }, { kind: 'Service', metadata: { namespace: 'default', name: 'web' }, spec: { clusterIP: '10.96.0.1' } }];

interface Setting {
  readonly asked?: Partial<Scenario>;
  readonly batch?: Partial<Batch>;
  readonly issues?: readonly Issue[];
  readonly compileIssues?: readonly Issue[];
  readonly runIssues?: readonly Issue[];
}

const error: Issue = { code: 'UnknownWord', severity: 'error', message: "unknown word 'frob'", file: 's.yaml', line: 3, column: 5, word: 'frob' };

/** Which scenario and options the engine was last given. */
interface Seen {
  scenario?: Scenario;
  options?: EngineOptions;
}

function fakeEngine(setting: Setting, seen: Seen): Engine {
  return {
    version: '0.1.0',
    compile: () => ({
      issues: setting.compileIssues ?? [],
      rules: { modelled: 2, approximated: 0, unknown: 1 },
      links: () => [],
      run(given, options): EngineRun {
        Object.assign(seen, { scenario: given, options });
        const isMended = given.events.length > 0;
        const flows: FlowReport[] = given.flows.map(({ name }) => flow(name, [isMended || name === 'well' ? packet() : lostPacket('NoRoute', 'node/n1')]));
        return {
          flows,
          origins: flows.map((_, position) => ({ flow: position, path: 0, index: 0, branch: 0 })),
          issues: setting.runIssues ?? [],
          figures: { packets: 2, newFlows: 1, evaluated: 2, cacheHits: 0, conntrackEntries: 1, conntrackBytes: 0, programBytes: 10 },
          machines: ['node/n1', 'pod/default/a'],
          endedAt: 0,
          history: [],
          isChanged: (machine) => machine === 'node/n1',
          dump: (machine) => new Map([['iptables-save.txt', `# ${machine}\n`]]),
        };
      },
    }),
  };
}

function toolsOf(setting: Setting = {}): { tools: Tools; files: MemoryFiles; seen: Seen } {
  const files = new MemoryFiles({
    's.yaml': 'scenario',
    'b.yaml': 'batch',
    'snapshot/cluster.yaml': 'cluster',
    'snapshot/nodes/n1/iptables-save.txt': 'old',
    'snapshot/nodes/n1/uname.txt': '6.18.0',
    'snapshot/pods/default/a/node.txt': 'n1',
  });
  const seen: Seen = {};
  const asked = scenario({ flows: [flowSpec({ name: 'well' }), flowSpec({ name: 'ill' })], ...setting.asked });
  const batch: Batch = {
    name: 'b',
    base: { snapshot: null, scenario: './s.yaml', topology: null, simulation: null },
    variants: [],
    matrices: [],
    expect: [],
    gate: { failOn: ['failed', 'undecided'], scope: 'all' },
    raw: {},
    ...setting.batch,
  };
  const read: Snapshot = snapshot(machines as never, { issues: setting.issues ?? [] });
  const tools: Tools = {
    files,
    readers: {
      bundle: () => ({ value: read, issues: read.issues }),
      scenario: (text) => (text === 'scenario' ? { value: asked, issues: [] } : { value: null, issues: [error] }),
      batch: () => ({ value: batch, issues: [] }),
      stdinFiles: () => [],
    },
    engine: fakeEngine(setting, seen),
    hash: (text) => `h${text.length}`,
    meter: NO_METER,
  };
  return { tools, files, seen };
}

const event = { kind: 'run', at: 0, machines: ['node/n1'], run: 'true', stdin: null } as const;

describe('run', () => {
  test('gives a report with coverage, expectations and a verdict', async () => {
    const { tools } = toolsOf({ asked: { expect: [expectation({ name: 'all', flow: '*', reply: true })] } });
    const { value } = await runScenario({ scenario: 's.yaml' }, tools);
    expect(value?.report).toMatchObject({
      kind: 'Report',
      simulation: { snapshotDigest: 'sha256:2', seed: 1, engineVersion: '0.1.0' },
      coverage: { rules: { modelled: 2, approximated: 0, unknown: 1 } },
      expectations: [{ name: 'all', outcome: 'failed' }],
      findings: [],
    });
    expect(value && isPassed(value.report, { isUndecidedAllowed: false, failOn: null })).toBe(false);
    expect(value?.stats).toMatchObject({ packets: 2, evaluated: 2, load: { cpuMs: 0, wallMs: 0 }, peakRssMiB: 0 });
  });

  test('is the same twice', async () => {
    const once = await runScenario({ scenario: 's.yaml' }, toolsOf().tools);
    const again = await runScenario({ scenario: 's.yaml' }, toolsOf().tools);
    expect(JSON.stringify(once.value?.report)).toBe(JSON.stringify(again.value?.report));
  });

  test.each([
    { name: 'missing scenario', path: 'none.yaml', code: 'MissingFile' },
    { name: 'broken scenario', path: 'b.yaml', code: 'UnknownWord' },
    { name: 'missing bundle', path: 's.yaml', asked: { snapshot: './nowhere' }, code: 'MissingFile' },
    { name: 'no bundle named', path: 's.yaml', asked: { snapshot: null }, code: 'MissingSnapshot' },
    { name: 'broken bundle', path: 's.yaml', issues: [error], code: 'UnknownWord' },
    { name: 'network that cannot be made', path: 's.yaml', compileIssues: [error], code: 'UnknownWord' },
    { name: 'command not understood', path: 's.yaml', runIssues: [error], code: 'UnknownWord' },
    { name: 'destination that is not there', path: 's.yaml', asked: { flows: [flowSpec({ destination: { ip: null, zone: null, place: 'service/default/none', port: null } })] }, code: 'UnknownPlace' },
  ])('refuses: $name', async ({ path, code, ...setting }) => {
    const { value, issues } = await runScenario({ scenario: path }, toolsOf(setting).tools);
    expect(value).toBeNull();
    expect(issues.map((issue) => issue.code)).toEqual([code]);
  });

  test('gives a named destination its address', async () => {
    const { tools, seen } = toolsOf({ asked: { flows: [flowSpec({ destination: { ip: null, zone: null, place: 'service/default/web', port: { first: 80, last: 80 } } })] } });
    await runScenario({ scenario: 's.yaml' }, tools);
    expect(seen.scenario?.flows[0]?.destination.ip).toEqual({ first: '10.96.0.1', last: '10.96.0.1' });
  });

  test('lists only failed packets of a large run', async () => {
    const { tools, seen } = toolsOf({ asked: { flows: [flowSpec({ packets: 10_001 })] } });
    await runScenario({ scenario: 's.yaml' }, tools);
    expect(seen.options?.packets).toBe('failed');
  });

  test('writes the final state beside what a run does not change', async () => {
    const { tools, files } = toolsOf();
    await runScenario({ scenario: 's.yaml', after: 'out' }, tools);
    const written = [...files.content].filter(([path]) => path.startsWith('out/')).map(([path, content]) => [path, typeof content === 'string' ? content : Buffer.from(content).toString()]);
    expect(Object.fromEntries(written)).toEqual({
      'out/cluster.yaml': 'cluster',
      'out/nodes/n1/iptables-save.txt': '# node/n1\n',
      'out/nodes/n1/uname.txt': '6.18.0',
      'out/pods/default/a/node.txt': 'n1',
      'out/pods/default/a/iptables-save.txt': '# pod/default/a\n',
    });
  });

  test('writes the named machines only, and refuses unknown ones', async () => {
    const { tools, files } = toolsOf();
    await runScenario({ scenario: 's.yaml', after: 'out', machines: ['node/n1'] }, tools);
    expect([...files.content.keys()].filter((path) => path.startsWith('out/pods'))).toEqual([]);
    expect((await runScenario({ scenario: 's.yaml', after: 'out', machines: ['node/n9'] }, tools)).issues[0]).toMatchObject({ code: 'UnknownMachine', word: 'node/n9' });
  });
});

describe('trace', () => {
  test('is one flow in explore mode', async () => {
    const { tools, seen } = toolsOf();
    const { value } = await traceOne({ snapshot: 'snapshot', from: 'pod/default/a', to: 'service/default/web:80', protocol: 'tcp', trails: 10 }, tools);
    expect(value?.flows).toHaveLength(1);
    expect(seen.options).toMatchObject({ mode: 'explore', isCached: false, trails: { of: 'all', limit: 10 } });
    expect(seen.scenario?.flows[0]).toMatchObject({ from: 'pod/default/a', packets: 'connect', destination: { ip: { first: '10.96.0.1' }, port: { first: 80 } } });
  });

  test.each([
    { name: 'sender', from: 'pod/default/none', to: '10.0.0.1:80', word: 'pod/default/none' },
    { name: 'target', from: 'pod/default/a', to: 'here:80', word: 'here:80' },
    { name: 'port', from: 'pod/default/a', to: '10.0.0.1', word: '10.0.0.1' },
    { name: 'port number', from: 'pod/default/a', to: '10.0.0.1:70000', word: '10.0.0.1:70000' },
    { name: 'service', from: 'pod/default/a', to: 'service/default/none:80', word: 'service/default/none' },
    { name: 'source', from: 'pod/default/a', to: '10.0.0.1:80', source: 'x', word: 'x' },
  ])('refuses a wrong $name', async ({ from, to, word, source }) => {
    const request = { snapshot: 'snapshot', from, to, protocol: 'udp', trails: 10, ...(source ? { source } : {}) } as const;
    const { value, issues } = await traceOne(request, toolsOf().tools);
    expect(value).toBeNull();
    expect(issues[0]?.word).toBe(word);
  });
});

const MATRIX: Batch['matrices'][number] = { name: 'all', from: { kind: 'place', place: 'pod/default/a' }, to: { kind: 'services', namespace: null, selector: {} }, protocol: null, port: null, except: [], expect: expectation({ name: 'all', flow: '*', isUnchanged: true }) };

describe('what-if', () => {
  const answered = { ...expectation({ name: 'answered', flow: '*', reply: true }), variants: null };
  const variants = [
    { name: 'mended', events: [event], objects: null, components: null },
    { name: 'as it is', events: [], objects: null, components: null },
  ];

  test.each([
    { name: 'a variant fails where its expectation does', batch: { variants, expect: [answered] }, failures: [[], ['answered']] },
    { name: 'not where it is so on the base already', batch: { variants, expect: [answered], gate: { failOn: ['failed'], scope: 'new' } }, failures: [[], []] },
    { name: 'an expectation may be of one variant', batch: { variants, expect: [{ ...answered, variants: ['mended'] }] }, failures: [[], []] },
    { name: 'unchanged compares with the base', batch: { variants, expect: [{ ...expectation({ name: 'same', flow: '*', isUnchanged: true }), variants: null }] }, failures: [['same'], []] },
    { name: 'except leaves flows out', batch: { variants, expect: [{ ...expectation({ name: 'same', flow: '*', except: ['ill'], isUnchanged: true }), variants: null }] }, failures: [[], []] },
  ] as { name: string; batch: Partial<Batch>; failures: string[][] }[])('$name', async ({ batch, failures }) => {
    const { value } = await whatIf('b.yaml', toolsOf({ batch }).tools);
    expect(value?.variants.map((variant) => variant.failures)).toEqual(failures);
    expect(value?.isPassed).toBe(failures.every((names) => names.length === 0));
    expect(value?.variants[0]?.comparison.summary).toMatchObject({ fixed: 1, unchanged: 1 });
  });

  test.each([
    { name: 'objects', batch: { variants: [{ name: 'v', events: [], objects: {}, components: null }] }, code: 'NotSupported' },
    { name: 'components', batch: { variants: [{ name: 'v', events: [], objects: null, components: {} }] }, code: 'NotSupported' },
    { name: 'a matrix of nobody', batch: { matrices: [{ ...MATRIX, from: { kind: 'place', place: 'pod/default/none' } }] }, code: 'InvalidBatch' },
    { name: 'a stored base that nobody says where to look for', batch: { base: { snapshot: null, scenario: null, topology: null, simulation: 'x' } }, code: 'InvalidBatch' },
    { name: 'no scenario', batch: { base: { snapshot: null, scenario: null, topology: null, simulation: null } }, code: 'InvalidBatch' },
    { name: 'unknown flow', batch: { expect: [{ ...answered, flow: 'none' }] }, code: 'InvalidBatch' },
    { name: 'unknown variant', batch: { expect: [{ ...answered, variants: ['none'] }] }, code: 'InvalidBatch' },
  ] as { name: string; batch: Partial<Batch>; code: string }[])('refuses $name', async ({ batch, code }) => {
    const { value, issues } = await whatIf('b.yaml', toolsOf({ batch }).tools);
    expect(value).toBeNull();
    expect(issues[0]?.code).toBe(code);
  });
});

describe('compare', () => {
  test('a report with a scenario', async () => {
    const { tools, files } = toolsOf();
    const { value } = await runScenario({ scenario: 's.yaml' }, tools);
    await files.writeFile('r.json', JSON.stringify(value?.report));
    const same = await compareSides({ baseline: 'r.json', candidate: 's.yaml' }, tools);
    expect(same.value?.changes).toEqual([]);
    expect(same.value?.summary.unchanged).toBe(2);
  });

  test('two bundles under a scenario', async () => {
    const { tools } = toolsOf();
    expect((await compareSides({ baseline: 'snapshot', candidate: 'snapshot' }, tools)).issues[0]?.message).toContain('--scenario');
    expect((await compareSides({ baseline: 'snapshot', candidate: 'snapshot', scenario: 's.yaml' }, tools)).value?.changes).toEqual([]);
  });

  test('refuses what is no report', async () => {
    const { tools, files } = toolsOf();
    await files.writeFile('r.json', '{"kind": "Other"}');
    expect((await compareSides({ baseline: 'r.json', candidate: 's.yaml' }, tools)).issues[0]?.message).toContain('"Other"');
  });
});
