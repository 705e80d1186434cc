import type { Expectation, FlowReport } from '@worldline/model';
import { expectation, flow, flowSpec, lostPacket, packet, report, scenario, snapshot, view } from '@worldline/testkit';
import { placeDirectory } from '../place/index.js';
import { checkExpectation, checkExpectations } from './index.js';

const pod = (name: string, ip: string, app: string): object => ({
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app } },
  status: { podIP: ip, podIPs: [{ ip }] },
});
const objects = [
  pod('a', '10.244.1.10', 'client'),
  pod('b', '10.244.2.10', 'web'),
  { kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { matchLabels: { app: 'web' } } } },
  { kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.10', selector: { app: 'web' } } },
] as const;
const places = placeDirectory(snapshot(objects as never));

const good = packet();
const lost = lostPacket('DeniedForward', 'node/n1', { died: { what: 'request', machine: 'node/n1', disposition: 'DeniedForward', reason: null, rule: { table: 'filter', chain: 'FORWARD', number: 3 } } });
const unclear = lostPacket('Unmodelled', 'node/n1');

interface Row {
  readonly name: string;
  readonly asked: Partial<Expectation>;
  readonly packets: Parameters<typeof flow>[1];
  readonly outcome: 'passed' | 'failed' | 'undecided';
  readonly detail?: string;
}

const rows: Row[] = [
  { name: 'delivered to a pod', asked: { delivered: { place: 'pod/default/b' } }, packets: [good], outcome: 'passed', detail: '1 of 1 packet: delivered to pod/default/b' },
  { name: 'delivered to another pod', asked: { delivered: { place: 'pod/default/a' } }, packets: [good], outcome: 'failed' },
  { name: 'delivered to a service', asked: { delivered: { place: 'service/default/web' } }, packets: [good], outcome: 'passed' },
  { name: 'delivered to a deployment', asked: { delivered: { place: 'deployment/default/web' } }, packets: [good], outcome: 'passed' },
  { name: 'delivered to selected pods', asked: { delivered: { pods: { namespace: 'default', selector: { app: 'web' } } } }, packets: [good], outcome: 'passed' },
  { name: 'delivered to pods elsewhere', asked: { delivered: { pods: { namespace: 'other', selector: { app: 'web' } } } }, packets: [good], outcome: 'failed' },
  { name: 'delivered at an address', asked: { delivered: { ip: '10.244.2.10' } }, packets: [good], outcome: 'passed' },
  { name: 'delivered to several', asked: { delivered: { place: 'pod/default/b' } }, packets: [packet({ delivered: [view('pod/x/y', '1.1.1.1:1', '2.2.2.2:2'), view('pod/default/b', '10.244.2.10:53', '2.2.2.2:2')] })], outcome: 'passed' },
  {
    name: 'the first packet that fails is named',
    asked: { delivered: { place: 'pod/default/b' } },
    packets: [good, lost, lost],
    outcome: 'failed',
    detail: 'f packet 1 at 0ms: DeniedForward at node/n1 by filter FORWARD rule 3; expected delivery to pod/default/b [2 of 3 packets fail]',
  },
  { name: 'not delivered', asked: { notDelivered: true }, packets: [lost], outcome: 'passed' },
  { name: 'not delivered but was', asked: { notDelivered: true }, packets: [lost, good], outcome: 'failed' },
  { name: 'reply', asked: { reply: true }, packets: [good], outcome: 'passed' },
  { name: 'no reply', asked: { reply: false }, packets: [lost], outcome: 'passed' },
  { name: 'reply missing', asked: { reply: true }, packets: [packet({ reply: null })], outcome: 'failed' },
  { name: 'disposition', asked: { disposition: 'DeniedForward' }, packets: [lost], outcome: 'passed' },
  { name: 'disposition Unmodelled may be asked for', asked: { disposition: 'Unmodelled' }, packets: [unclear], outcome: 'passed' },
  { name: 'errno', asked: { errno: 'ECONNREFUSED' }, packets: [packet({ error: { when: 'connect', errno: 'ECONNREFUSED', icmp: null } })], outcome: 'passed' },
  { name: 'timeout is ETIMEDOUT', asked: { errno: 'ETIMEDOUT' }, packets: [packet({ error: { when: 'connect', errno: 'timeout', icmp: null } })], outcome: 'passed' },
  { name: 'no error', asked: { errno: 'EPERM' }, packets: [good], outcome: 'failed' },
  { name: 'source preserved', asked: { isSourcePreserved: true }, packets: [good], outcome: 'passed' },
  { name: 'source translated', asked: { isSourcePreserved: true }, packets: [packet({ delivered: view('pod/default/b', '10.244.2.10:53', '10.128.0.2:9') })], outcome: 'failed' },
  { name: 'latency', asked: { latencyMax: 10_000 }, packets: [packet({ latency: '10ms' })], outcome: 'passed' },
  { name: 'too late', asked: { latencyMax: 10_000 }, packets: [packet({ latency: '11ms' })], outcome: 'failed' },
  { name: 'never', asked: { latencyMax: 10_000 }, packets: [lost], outcome: 'failed' },
  { name: 'latency unknown', asked: { latencyMax: 10_000 }, packets: [good], outcome: 'undecided' },
  { name: 'undecided packets decide nothing', asked: { reply: true }, packets: [good, unclear], outcome: 'undecided' },
  { name: 'a failure outweighs doubt', asked: { reply: true }, packets: [unclear, lost], outcome: 'failed' },
  { name: 'share', asked: { reply: true, share: { min: 0.5, max: 1 } }, packets: [good, lost], outcome: 'passed' },
  { name: 'share missed', asked: { reply: true, share: { min: 0.6, max: 1 } }, packets: [good, lost], outcome: 'failed' },
  { name: 'share exceeded', asked: { reply: true, share: { min: 0, max: 0.4 } }, packets: [good, lost], outcome: 'failed' },
  { name: 'share in doubt', asked: { reply: true, share: { min: 0.6, max: 1 } }, packets: [good, unclear], outcome: 'undecided' },
  { name: 'nothing sent', asked: { reply: true }, packets: [], outcome: 'undecided' },
  { name: 'no such flow', asked: { flow: 'g', reply: true }, packets: [good], outcome: 'undecided', detail: 'no flow is named g' },
  { name: 'unchanged without a base', asked: { isUnchanged: true }, packets: [good], outcome: 'undecided' },
];

test.each(rows)('$name', ({ asked, packets, outcome, detail }) => {
  const result = checkExpectation(expectation(asked), [flow('f', packets)], { places, baseline: null });
  expect(result.outcome).toBe(outcome);
  expect(result.passed).toBe(outcome === 'passed');
  if (detail !== undefined) expect(result.detail).toBe(detail);
});

test.each([
  { name: 'as on the base', now: good, outcome: 'passed' },
  { name: 'lost now', now: lost, outcome: 'failed' },
  { name: 'delivered elsewhere now', now: packet({ delivered: view('pod/default/c', '10.244.3.1:53', '10.244.1.10:1234') }), outcome: 'failed' },
])('unchanged: $name', ({ now, outcome }) => {
  const context = { places, baseline: [flow('f', [good])] };
  expect(checkExpectation(expectation({ isUnchanged: true }), [flow('f', [now])], context).outcome).toBe(outcome);
});

test('packets that are not listed are judged by their paths', () => {
  const whole = flow('f', [good, good, { ...lost, path: 1 }]);
  const unlisted: FlowReport = { ...whole, packets: [] };
  const asked = expectation({ reply: true, share: { min: 0.6, max: 0.7 } });
  const context = { places, baseline: null };
  expect(checkExpectation(asked, [unlisted], context).outcome).toBe('passed');
  expect(checkExpectation(expectation({ reply: true }), [unlisted], context).detail).toContain('f path 1: DeniedForward at node/n1 by filter FORWARD rule 3');
});

test('explored paths count by their probability', () => {
  const whole = flow('f', [good, { ...lost, path: 1 }]);
  const explored: FlowReport = { ...whole, packets: [], paths: whole.paths.map((path, i) => ({ ...path, probability: i === 0 ? 0.75 : 0.25, weight: i === 0 ? '3/4' : '1/4' })) };
  const result = checkExpectation(expectation({ reply: true, share: { min: 0.75, max: 1 } }), [explored], { places, baseline: null });
  expect(result).toMatchObject({ outcome: 'passed', detail: '75 % of the probability (75 %) fulfil it, expected 75 % to 100 %' });
});

test('expectations of flows come first, under the flow’s name where they have none of their own', () => {
  const asked = scenario({ flows: [flowSpec({ name: 'f', expect: [expectation({ name: 'f', reply: true })] })], expect: [expectation({ name: 'all', flow: '*', except: ['g'], reply: true })] });
  const { flows } = report([flow('f', [good]), flow('g', [lost])]);
  expect(checkExpectations(asked, flows, { places, baseline: null }).map(({ name, outcome }) => [name, outcome])).toEqual([
    ['f', 'passed'],
    ['all', 'passed'],
  ]);
});
