import type { Expectation, FlowSpec, Issue, Scenario, ScenarioEvent, Snapshot } from '@worldline/model';
import { readBundle } from '../bundle/index.js';
import { readScenario, readScenarioValue, stdinFilesOf } from './index.js';

const HEAD = 'apiVersion: worldline.dev/v1alpha1\nkind: Scenario\nmetadata: {name: s}\nspec:\n';
const FLOW = "name: f, from: {pod: default/a}, protocol: udp, destination: {ip: 10.0.0.1, port: 53}";

const snapshot = snapshotOf();

function read(spec: string, options: { snapshot?: Snapshot | null; stdin?: ReadonlyMap<string, string> | null } = {}): { value: Scenario | null; issues: readonly Issue[] } {
  return readScenario(HEAD + spec, { file: 's.yaml', snapshot: options.snapshot ?? null, stdin: options.stdin ?? null });
}

function flowOf(words: string): FlowSpec {
  const { value, issues } = read(`  flows:\n    - {${words}}\n`);
  expect(issues).toEqual([]);
  return value?.flows[0] as FlowSpec;
}

function eventsOf(words: string, options: Parameters<typeof read>[1] = {}): readonly ScenarioEvent[] {
  const { value, issues } = read(`  events:\n    - {${words}}\n`, options);
  expect(issues).toEqual([]);
  return value?.events as readonly ScenarioEvent[];
}

describe('defaults', () => {
  it('of a flow', () => {
    expect(flowOf(FLOW)).toEqual({
      name: 'f',
      at: 0,
      from: 'pod/default/a',
      protocol: 'udp',
      sourceIp: null,
      sourcePort: null,
      destination: { ip: { first: '10.0.0.1', last: '10.0.0.1' }, zone: null, place: null, port: { first: 53, last: 53 } },
      spread: 'sequential',
      packets: 1,
      interval: 0,
      payload: 32,
      connections: 1,
      connectionEvery: 0,
      isDontFragment: true,
      ttl: null,
      tos: 0,
      mark: 0,
      isSpoofed: false,
      isServerSilent: false,
      extensions: [],
      hold: 8_000,
      connectTimeout: 800_000,
      echoTimeout: 150_000,
      segment: null,
      expect: [],
    });
  });

  it('of a scenario', () => {
    expect(read('  flows: []\n')).toMatchObject({
      value: { name: 's', description: null, snapshot: null, seed: 1, duration: null, startTime: null, flows: [], events: [], expect: [], raw: { flows: [] } },
      issues: [],
    });
  });

  it('without metadata', () => {
    expect(readScenario('apiVersion: worldline.dev/v1alpha1\nkind: Scenario\nmetadata: {}\nspec: {}\n', { file: 's', snapshot: null, stdin: null })).toMatchObject({ value: { name: '' }, issues: [] });
  });
});

describe('words of a flow', () => {
  it.each<[string, string, Partial<FlowSpec>]>([
    ['times', 'at: 1s, every: 20ms', { at: 1_000_000, interval: 20_000 }],
    ['interval is every', 'interval: 5us', { interval: 5 }],
    ['timers', 'hold: 0, timeout: 1m, echoTimeout: 1h', { hold: 0, connectTimeout: 60_000_000, echoTimeout: 3_600_000_000 }],
    ['connections', 'connections: 10, connectionEvery: 2ms', { connections: 10, connectionEvery: 2_000 }],
    ['a rate', 'connections: 10, rate: 5000/s', { connectionEvery: 200 }],
    ['a rate of fractions', 'rate: 1000000/s', { connectionEvery: 1 }],
    ['ranges', 'source: {ip: 10.0.0.1-10.0.0.9, port: 2000-61999}', { sourceIp: { first: '10.0.0.1', last: '10.0.0.9' }, sourcePort: { first: 2000, last: 61999 } }],
    ['df', 'df: false', { isDontFragment: false }],
    ['dontFragment', 'dontFragment: true', { isDontFragment: true }],
    ['marks', 'mark: 0x10, ttl: 3, tos: 16', { mark: 16, ttl: 3, tos: 16 }],
    ['spoof', 'spoof: true', { isSpoofed: true }],
    ['server', 'server: silent', { isServerSilent: true }],
    ['spread', 'spread: random', { spread: 'random' }],
  ])('%s', (_, words, expected) => expect(flowOf(`${FLOW}, ${words}`)).toMatchObject(expected));

  const base = 'name: f, from: {pod: default/a}';
  it.each<[string, string, Partial<FlowSpec>]>([
    ['tcp connects', 'protocol: tcp, destination: {ip: 10.0.0.1, port: 80}', { packets: 'connect', segment: null }],
    ['hand-made segments', "protocol: tcp, flags: 'SYN,ACK', seq: 5, ack: 0xffffffff, packets: 3, destination: {ip: 10.0.0.1, port: 80}", { packets: 3, segment: { flags: 18, seq: 5, ack: 0xffff_ffff } }],
    ['segments without flags', 'protocol: tcp, flags: none, destination: {ip: 10.0.0.1, port: 80}', { packets: 1, segment: { flags: 0, seq: 0, ack: 0 } }],
    ['icmp', 'protocol: icmp, source: {port: 7}, destination: {ip: 10.0.0.1}', { sourcePort: { first: 7, last: 7 }, isDontFragment: true }],
    ['icmpv6 with a zone', 'protocol: icmpv6, destination: {ip: "fe80::1%eth0"}', { destination: { ip: { first: 'fe80::1', last: 'fe80::1' }, zone: 'eth0', place: null, port: null }, isDontFragment: false }],
    ['sctp', 'protocol: sctp, destination: {ip: 10.0.0.1, port: 80}', { packets: 'connect' }],
    ['extension headers', 'protocol: udp, extensions: [hop-by-hop, fragment], destination: {ip: "fd00::1", port: 1}', { extensions: ['hop-by-hop', 'fragment'], isDontFragment: false }],
    ['a range of destinations', 'protocol: udp, destination: {ip: 10.0.0.0-10.0.0.9, port: 1-9, spread: random}', { spread: 'random', destination: { ip: { first: '10.0.0.0', last: '10.0.0.9' }, zone: null, place: null, port: { first: 1, last: 9 } } }],
    ['a service', 'protocol: udp, destination: {service: shop/db, port: 5}', { destination: { ip: null, zone: null, place: 'service/shop/db', port: { first: 5, last: 5 } } }],
    ['a load balancer', 'protocol: udp, destination: {loadBalancer: shop/db, port: 5}', { destination: { ip: null, zone: null, place: 'loadBalancer/shop/db', port: { first: 5, last: 5 } } }],
    ['a REF', 'protocol: udp, destination: service/shop/db:5', { destination: { ip: null, zone: null, place: 'service/shop/db', port: { first: 5, last: 5 } } }],
    ['an address with a port', "protocol: udp, destination: '10.0.0.1:5'", { destination: { ip: { first: '10.0.0.1', last: '10.0.0.1' }, zone: null, place: null, port: { first: 5, last: 5 } } }],
    ['an IPv6 address with a port', "protocol: udp, destination: '[fd00::1]:5'", { destination: { ip: { first: 'fd00::1', last: 'fd00::1' }, zone: null, place: null, port: { first: 5, last: 5 } } }],
    ['a question to DNS', 'dns: {name: db.shop, types: [AAAA]}', { protocol: 'udp', dns: { name: 'db.shop', types: ['AAAA'], resolver: null }, destination: { ip: null, zone: null, place: null, port: null } }],
  ])('%s', (_, words, expected) => expect(flowOf(`${base}, ${words}`)).toMatchObject(expected));

  it.each([
    ['{pod: default/a}', 'pod/default/a'],
    ['{pod: a}', 'pod/default/a'],
    ['pod/default/a', 'pod/default/a'],
    ['{node: n1}', 'node/n1'],
    ['external/laptop', 'external/laptop'],
    ['{deployment: shop/web}', 'deployment/shop/web'],
  ])('from: %s', (from, expected) => expect(flowOf(`name: f, from: ${from}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}`).from).toBe(expected));
});

describe('words of an expectation', () => {
  it.each<[string, Omit<Expectation, 'name' | 'flow' | 'except'>]>([
    ['{delivered: {pod: shop/db}, reply: true}', { delivered: { place: 'pod/shop/db' }, reply: true }],
    ['{delivered: deployment/shop/web}', { delivered: { place: 'deployment/shop/web' } }],
    ['{delivered: {service: shop/db, ip: 10.0.0.1}}', { delivered: { place: 'service/shop/db', ip: '10.0.0.1' } }],
    ['{delivered: {pods: {namespace: shop, selector: {app: web}}}}', { delivered: { pods: { namespace: 'shop', selector: { app: 'web' } } } }],
    ['{delivered: {pods: {}}}', { delivered: { pods: { namespace: null, selector: {} } } }],
    ['{delivered: true}', { notDelivered: false }],
    ['{notDelivered: true}', { notDelivered: true }],
    ['{disposition: Rejected}', { disposition: 'Rejected' }],
    ['{error: {errno: ECONNREFUSED}}', { errno: 'ECONNREFUSED' }],
    ['{error: timeout}', { errno: 'timeout' }],
    ['{sourcePreserved: true, latency: {max: 5ms}}', { isSourcePreserved: true, latencyMax: 5_000 }],
    ['{share: {min: 0.99}}', { notDelivered: false, share: { min: 0.99, max: 1 } }],
    ['{share: {of: {pod: shop/db}, min: 0.3, max: 0.4}}', { delivered: { place: 'pod/shop/db' }, share: { min: 0.3, max: 0.4 } }],
    ['{share: {of: reply, max: 0.1}}', { reply: true, share: { min: 0, max: 0.1 } }],
    ['{unchanged: true}', { isUnchanged: true }],
  ])('%s', (words, expected) => expect(flowOf(`${FLOW}, expect: ${words}`).expect).toEqual([{ name: 'f', flow: 'f', except: [], ...expected }]));

  it('over the whole run', () => {
    const { value, issues } = read(`  flows:\n    - {${FLOW}}\n  expect:\n    - {name: all, flow: '*', except: [f], unchanged: true}\n    - {flow: f, reply: true}\n    - {reply: true}\n`);
    expect(issues).toEqual([]);
    expect(value?.expect).toEqual([
      { name: 'all', flow: '*', except: ['f'], isUnchanged: true },
      { name: 'f', flow: 'f', except: [], reply: true },
      { name: 'expect 2', flow: '*', except: [], reply: true },
    ]);
  });
});

describe('events', () => {
  it.each<[string, ScenarioEvent[]]>([
    ["at: 1s, node: n1, run: 'sysctl -w a=1'", [{ kind: 'run', at: 1_000_000, machines: ['node/n1'], run: 'sysctl -w a=1', stdin: null }]],
    ["machine: pod/default/a, run: ip link", [{ kind: 'run', at: 0, machines: ['pod/default/a'], run: 'ip link', stdin: null }]],
    ["machine: {external: x}, run: ip link", [{ kind: 'run', at: 0, machines: ['external/x'], run: 'ip link', stdin: null }]],
    ["machine: [node/n1, node/n2], run: ip link", [{ kind: 'run', at: 0, machines: ['node/n1', 'node/n2'], run: 'ip link', stdin: null }]],
    ["machine: 'node/*', run: ip link", [{ kind: 'run', at: 0, machines: ['node/*'], run: 'ip link', stdin: null }]],
    ['at: 2s, delete: {pod: kube-system/dns-0}', [{ kind: 'object', at: 2_000_000, verb: 'delete', object: { ref: 'pod/kube-system/dns-0' } }]],
    ['delete: node/n1', [{ kind: 'object', at: 0, verb: 'delete', object: { ref: 'node/n1' } }]],
    ['patch: {service: a/b, spec: {type: NodePort}}', [{ kind: 'object', at: 0, verb: 'patch', object: { ref: 'service/a/b', patch: { spec: { type: 'NodePort' } } } }]],
    ['apply: {apiVersion: v1, kind: Service, metadata: {name: b}}', [{ kind: 'object', at: 0, verb: 'apply', object: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'b' } } }]],
    ['node: n2, oom: systemd-networkd', [{ kind: 'process', at: 0, verb: 'oom', machine: 'node/n2', process: 'systemd-networkd' }]],
    ['node: n2, restart: kube-proxy', [{ kind: 'process', at: 0, verb: 'restart', machine: 'node/n2', process: 'kube-proxy' }]],
    ['at: 30s, loadBalancer: default/b, backend: n3, health: down', [{ kind: 'fabric', at: 30_000_000, spec: { loadBalancer: 'default/b', backend: 'n3', health: 'down' } }]],
  ])('%s', (words, expected) => expect(eventsOf(words)).toEqual(expected.map((event) => ({ ...event, place: { file: 's.yaml', pointer: '/spec/events/0' } }))));

  it('spells out patterns where the snapshot is known', () => {
    expect(eventsOf("machine: 'node/*', run: ip link", { snapshot })).toMatchObject([{ machines: ['node/n1', 'node/n2'] }]);
    expect(eventsOf("node: '*', run: ip link", { snapshot })).toMatchObject([{ machines: ['node/n1', 'node/n2'] }]);
    expect(eventsOf("machine: 'pod/default/*', run: ip link", { snapshot })).toMatchObject([{ machines: ['pod/default/a', 'pod/default/web-1'] }]);
  });

  it('feeds a file to its command', () => {
    const words = 'node: n1, run: iptables-restore, stdin: ./rules.txt';
    expect(stdinFilesOf(`${HEAD}  events:\n    - {${words}}\n`)).toEqual(['./rules.txt']);
    expect(eventsOf(words, { stdin: new Map([['./rules.txt', '*nat']]) })).toMatchObject([{ stdin: '*nat' }]);
    expect(read(`  events:\n    - {${words}}\n`, { stdin: new Map() }).issues).toMatchObject([{ code: 'MissingFile', word: './rules.txt', line: 6 }]);
  });
});

describe('the rest of the spec', () => {
  it.each([
    ['seed: 7\n  duration: 60s', { seed: 7, duration: 60_000_000 }],
    ['snapshot: sha256:0123', { snapshot: 'sha256:0123' }],
    ['startTime: 2026-03-01T12:00:00Z', { startTime: 1_772_366_400_000 }],
    ['startTime: 2024-02-29T23:30:00.250+01:30', { startTime: 1_709_244_000_250 }],
    ['startTime: 1969-12-31', { startTime: -86_400_000 }],
    ["payload: 'GET /ü'", { payloadBytes: [71, 69, 84, 32, 47, 195, 188] }],
    ["payload: '0x00ff'", { payloadBytes: [0, 255] }],
    ['payload: [1, 2]', { payloadBytes: [1, 2] }],
  ])('%s', (words, expected) => expect(read(`  ${words}\n`)).toMatchObject({ value: expected, issues: [] }));
});

describe('what is refused, with its place and word', () => {
  const flow = (words: string): string => `  flows:\n    - {${words}}\n`;
  const base = 'name: f, from: {pod: default/a}';
  it.each<[string, string, Partial<Issue>]>([
    ['a word that does not exist', flow(`${FLOW}, evry: 1s`), { code: 'UnknownWord', word: 'evry', line: 6, pointer: '/spec/flows/0/evry', message: expect.stringMatching(/did you mean every\?/) as string }],
    ['a time without unit', flow(`${FLOW}, at: 5`), { word: '5', pointer: '/spec/flows/0/at' }],
    ['a negative time', flow(`${FLOW}, at: -5ms`), { word: '-5ms' }],
    ['a broken number', flow(`${FLOW}, payload: many`), { word: 'many' }],
    ['a number that is too large', flow(`${FLOW}, ttl: 300`), { word: '300', message: expect.stringMatching(/0 to 255/) as string }],
    ['a fraction of a packet', flow(`${FLOW}, packets: 1.5`), { word: '1.5' }],
    ['a broken address', flow(`${base}, protocol: udp, destination: {ip: 10.0.0.256, port: 1}`), { word: '10.0.0.256', pointer: '/spec/flows/0/destination/ip' }],
    ['a range that goes back', flow(`${base}, protocol: udp, destination: {ip: 10.0.0.9-10.0.0.1, port: 1}`), { word: '10.0.0.9-10.0.0.1' }],
    ['a port that is none', flow(`${base}, protocol: udp, destination: {ip: 10.0.0.1, port: 70000}`), { word: '70000', pointer: '/spec/flows/0/destination/port' }],
    ['a missing port', flow(`${base}, protocol: udp, destination: {ip: 10.0.0.1}`), { code: 'MissingWord' }],
    ['a missing destination', flow(`${base}, protocol: udp`), { code: 'MissingWord', word: 'destination' }],
    ['a missing name', flow('from: {pod: a/b}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}'), { code: 'MissingWord', word: 'name' }],
    ['a protocol', flow(`${base}, protocol: upd, destination: {ip: 10.0.0.1, port: 1}`), { word: 'upd', message: expect.stringMatching(/did you mean udp\?/) as string }],
    ['a kind of place', flow('name: f, from: {pods: a/b}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}'), { word: 'pods', message: expect.stringMatching(/did you mean pod\?/) as string }],
    ['a service as client', flow('name: f, from: service/a/b, protocol: udp, destination: {ip: 10.0.0.1, port: 1}'), { word: 'service/a/b' }],
    ['IPv6 to IPv4', flow(`${base}, protocol: udp, source: {ip: 'fd00::1'}, destination: {ip: 10.0.0.1, port: 1}`), { pointer: '/spec/flows/0/source' }],
    ['icmp to IPv6', flow(`${base}, protocol: icmp, destination: {ip: 'fd00::1'}`), { pointer: '/spec/flows/0/destination' }],
    ['counted tcp', flow(`${base}, protocol: tcp, packets: 3, destination: {ip: 10.0.0.1, port: 1}`), { word: '3' }],
    ['connecting udp', flow(`${FLOW}, packets: connect`), { word: 'connect' }],
    ['flags that do not exist', flow(`${base}, protocol: tcp, flags: 'SYN,AKC', destination: {ip: 10.0.0.1, port: 1}`), { word: 'AKC', message: expect.stringMatching(/did you mean ACK\?/) as string }],
    ['seq without flags', flow(`${base}, protocol: tcp, seq: 1, destination: {ip: 10.0.0.1, port: 1}`), { code: 'MissingWord' }],
    ['two words for one thing', flow(`${FLOW}, every: 1s, interval: 1s`), { word: 'interval' }],
    ['two flows of one name', `  flows:\n    - {${FLOW}}\n    - {${FLOW}}\n`, { word: 'f', line: 7, pointer: '/spec/flows/1/name' }],
    ['an expectation of nothing', flow(`${FLOW}, expect: {}`), { pointer: '/spec/flows/0/expect' }],
    ['a disposition', flow(`${FLOW}, expect: {disposition: Droped}`), { word: 'Droped' }],
    ['a share without bounds', flow(`${FLOW}, expect: {share: {}}`), { code: 'MissingWord' }],
    ['an expectation of no flow', '  flows: []\n  expect: [{flow: g, reply: true}]\n', { code: 'UnknownFlow', word: 'g' }],
    ['an event that does nothing', '  events:\n    - {at: 1s, node: n1}\n', { pointer: '/spec/events/0' }],
    ['an event that does two things', '  events:\n    - {node: n1, run: ip link, oom: x}\n', { pointer: '/spec/events/0' }],
    ['a command nowhere', '  events:\n    - {run: ip link}\n', { code: 'MissingWord' }],
    ['a command for a shell', "  events:\n    - {node: n1, run: 'ip link set $DEV up'}\n", { code: 'UnknownCommand', word: '$DEV', pointer: '/spec/events/0/run' }],
    ['an object without a kind', '  events:\n    - {apply: {metadata: {name: x}}}\n', { code: 'MissingWord', word: 'apiVersion' }],
    ['health without a load balancer', '  events:\n    - {health: down, backend: n1}\n', { word: 'loadBalancer' }],
    ['a moment', '  startTime: 2026-02-30T00:00:00Z\n', { word: '2026-02-30T00:00:00Z' }],
    ['flows that are no list', '  flows: {name: x}\n', { pointer: '/spec/flows' }],
  ])('%s', (_, spec, expected) => {
    const issue = read(spec).issues[0];
    expect(issue).toMatchObject({ severity: 'error', file: 's.yaml', ...expected });
    expect(issue?.line).toBeGreaterThan(4);
    expect(issue?.column).toBeGreaterThan(0);
  });

  it.each([
    ['another version', 'apiVersion: worldline.dev/v2\nkind: Scenario\nspec: {}\n', 'worldline.dev/v2'],
    ['another kind', 'apiVersion: worldline.dev/v1alpha1\nkind: Cluster\nspec: {}\n', 'Cluster'],
    ['a word beside spec', 'apiVersion: worldline.dev/v1alpha1\nkind: Scenario\nspecs: {}\nspec: {}\n', 'specs'],
  ])('%s', (_, text, word) => expect(readScenario(text, { file: 's.yaml', snapshot: null, stdin: null }).issues).toMatchObject([{ severity: 'error', word }]));

  it.each([
    ['nothing', ''],
    ['two documents', 'a: 1\n---\nb: 2\n'],
    ['a list', '[]'],
    ['text', 'hello'],
  ])('%s has no value', (_, text) => {
    const { value, issues } = readScenario(text, { file: 's.yaml', snapshot: null, stdin: null });
    expect(value).toBeNull();
    expect(issues.length).toBeGreaterThan(0);
  });
});

describe('names are checked against the snapshot', () => {
  it.each([
    ['a pod', 'name: f, from: {pod: default/b}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}', 'default/b', /did you mean pod\/default\/a\?/],
    ['a node', 'name: f, from: {node: n3}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}', 'n3', /did you mean node\/n1\?/],
    ['an external', 'name: f, from: {external: cline}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}', 'cline', /did you mean external\/client\?/],
    ['a service', 'name: f, from: {node: n1}, protocol: udp, destination: {service: shop/wbe, port: 1}', 'shop/wbe', /did you mean service\/shop\/web\?/],
    ['where it is delivered', 'name: f, from: {node: n1}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}, expect: {delivered: {pod: shop/x}}', 'shop/x', /not in the snapshot/],
  ])('%s', (_, words, word, message) => {
    expect(read(`  flows:\n    - {${words}}\n`, { snapshot }).issues).toMatchObject([{ code: 'UnknownPlace', severity: 'error', line: 6, word, message: expect.stringMatching(message) as string }]);
  });

  it('of an event', () => {
    expect(read('  events:\n    - {node: n7, run: ip link}\n', { snapshot }).issues).toMatchObject([{ code: 'UnknownPlace', word: 'n7', line: 6 }]);
  });

  it('a workload is its first pod by name', () => {
    const { value, issues } = read('  flows:\n    - {name: f, from: {deployment: default/web}, protocol: udp, destination: {ip: 10.0.0.1, port: 1}}\n', { snapshot });
    expect(issues).toEqual([]);
    expect(value?.flows[0]?.from).toBe('pod/default/web-1');
  });

  it('a pod that a workload will make passes', () => {
    expect(read('  flows:\n    - {name: f, from: pod/default/web-2, protocol: udp, destination: {ip: 10.0.0.1, port: 1}}\n', { snapshot }).issues).toEqual([]);
  });
});

describe('readScenarioValue', () => {
  it('takes the spec alone, and points into the body of the request', () => {
    const spec = { flows: [{ name: 'f', from: 'external/client', protocol: 'tcp', packets: 'connect', destination: { loadBalancer: 'default/b', port: 443 }, expect: { delivered: { service: 'default/b' } } }] };
    const options = { file: 'body', snapshot: null, stdin: null, pointerPrefix: '#/scenario' };
    expect(readScenarioValue(spec, options)).toMatchObject({ value: { flows: [{ from: 'external/client' }] }, issues: [] });
    expect(readScenarioValue({ flows: [{ ...spec.flows[0], from: { pod: 7.5, x: 1 } }] }, options).issues).toMatchObject([{ pointer: '#/scenario/flows/0/from/x', word: 'x' }]);
  });
});

function snapshotOf(): Snapshot {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const objects = [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { matchLabels: { app: 'web' } } } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' } },
  ];
  const tree = new Map([
    ['cluster.yaml', text('apiVersion: worldline.dev/v1alpha1\nkind: Cluster\nspec: {externals: [{name: client, ip: 203.0.113.7}]}\n')],
    ['kubernetes/all.json', text(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))],
    ['nodes/n1/uname.txt', text('6.18.0')],
    ['nodes/n2/uname.txt', text('6.18.0')],
    ['pods/default/a/node.txt', text('n1')],
  ]);
  return readBundle(tree, { hash: String }).value as Snapshot;
}
