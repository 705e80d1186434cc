import { deciding, entry, flow, hop, lostPacket, packet, report, step, trace, view } from '@worldline/testkit';
import { formatComparison } from '../rendering/index.js';
import { compareReports } from './index.js';

const start = hop('>pod/default/a>eth0', step('Originate', 'pod/default/a sends'));
const through = trace('Accepted', [start, hop('eth0>node/n1>', step('Routing', 'forward to 10.244.2.10 by eth1', { detail: { destination: '10.244.2.10', interface: 'eth1' } }))]);
const stopped = trace('ForwardingDisabled', [start, hop('eth0>node/n1>', deciding('SysctlCheck', 'drop', 'net.ipv4.conf.eth0.forwarding = 0'))]);
const good = packet({ exchange: [entry('request', through)] });
const lost = lostPacket('ForwardingDisabled', 'node/n1', { exchange: [entry('request', stopped)] });

const rows = [
  { name: 'nothing', before: [good], after: [good], effects: [], unchanged: 1 },
  { name: 'broken', before: [good, good], after: [good, lost], effects: ['broken'], unchanged: 1 },
  { name: 'fixed', before: [lost], after: [good], effects: ['fixed'], unchanged: 0 },
  { name: 'moved', before: [good], after: [packet({ delivered: view('pod/default/c', '10.244.3.10:53', '10.244.1.10:1234'), exchange: [entry('request', through)] })], effects: ['moved'], unchanged: 0 },
  { name: 'rerouted', before: [good], after: [packet({ exchange: [entry('request', trace('Accepted', [start]))] })], effects: ['rerouted'], unchanged: 0 },
  { name: 'answer lost', before: [good], after: [packet({ reply: null, exchange: good.exchange })], effects: ['broken'], unchanged: 0 },
  { name: 'more sent', before: [good], after: [good, good], effects: ['appeared'], unchanged: 1 },
  { name: 'less sent', before: [good, good], after: [good], effects: ['disappeared'], unchanged: 1 },
];

test.each(rows)('$name', ({ before, after, effects, unchanged }) => {
  const comparison = compareReports(report([flow('f', before)]), report([flow('f', after)]));
  expect(comparison.changes.map(({ effect }) => effect)).toEqual(effects);
  expect(comparison.summary.unchanged).toBe(unchanged);
});

test('the first place where two ways part', () => {
  const { changes } = compareReports(report([flow('f', [good])]), report([flow('f', [lost])]));
  expect(changes[0]?.divergence).toMatchObject({ what: 'request', machine: 'node/n1', index: 1, candidate: { text: 'net.ipv4.conf.eth0.forwarding = 0' } });
});

test.each([
  { name: 'the client’s address is not part of a way', before: { destination: '10.244.1.1', interface: 'eth0' }, after: { destination: '10.244.1.2', interface: 'eth0' }, effects: [] },
  { name: 'the interface is', before: { destination: '10.244.1.1', interface: 'eth0' }, after: { destination: '10.244.1.1', interface: 'eth1' }, effects: ['rerouted'] },
  { name: 'where a translation sends is', kind: 'Transformation', before: { cause: 'rule', after: '10.1.1.1:80' }, after: { cause: 'rule', after: '10.1.1.2:80' }, effects: ['rerouted'] },
  { name: 'a drawn port is not', kind: 'Transformation', before: { cause: 'rule', after: '10.1.1.1:80', isDrawn: true }, after: { cause: 'rule', after: '10.1.1.1:81', isDrawn: true }, effects: [] },
  { name: 'where an answer goes back to is not', kind: 'Transformation', before: { cause: 'reverse', after: '10.1.1.1:80' }, after: { cause: 'reverse', after: '10.1.1.2:80' }, effects: [] },
] as const)('$name', ({ before, after, effects, ...more }) => {
  const kind = 'kind' in more ? more.kind : 'Routing';
  const [left, right] = [before, after].map((detail) => report([flow('f', [packet({ exchange: [entry('request', trace('Accepted', [hop('>m>', step(kind, 'a way', { action: 'destination', detail }))]))] })])]));
  expect(compareReports(left as never, right as never).changes.map(({ effect }) => effect)).toEqual(effects);
});

test('packets that are not listed are paired path by path', () => {
  const unlisted = (packets: Parameters<typeof flow>[1]): ReturnType<typeof flow> => ({ ...flow('f', packets), packets: [] });
  const lostPath = { ...lost, path: 1 };
  const comparison = compareReports(report([unlisted([good, good, lostPath])]), report([unlisted([good, lostPath, lostPath])]));
  expect(comparison.summary).toMatchObject({ unchanged: 2, broken: 1, fixed: 0 });
});

test('as text', () => {
  const comparison = compareReports(report([flow('f', [good, good]), flow('g', [good])]), report([flow('f', [good, { ...lost, path: 1 }]), flow('g', [good])]));
  expect(formatComparison(comparison)).toBe(`Broken
  f  1×
    - Accepted at pod/default/b 10.244.2.10:53
    + ForwardingDisabled at node/n1
    they part at node/n1, step 2 of the request:
      - forward to 10.244.2.10 by eth1
      + net.ipv4.conf.eth0.forwarding = 0

2 flows: 1 broken, 2 unchanged.
`);
});
