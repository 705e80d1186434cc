import type { BatchMatrix, MatrixPlace } from '@worldline/model';
import { snapshot } from '@worldline/testkit';
import { placeDirectory } from '../place/index.js';
import { matrixFlows } from './index.js';

const pod = (name: string, app: string, ips: readonly string[]): object => ({ kind: 'Pod', metadata: { namespace: 'shop', name, labels: { app } }, status: { podIPs: ips.map((ip) => ({ ip })) } });
const service = (name: string, ports: readonly object[], ips: readonly string[]): object => ({ kind: 'Service', metadata: { namespace: 'shop', name, labels: { tier: name } }, spec: { clusterIPs: ips, selector: { app: name }, ports }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } });
const objects = [
  pod('web-0', 'web', ['10.1.0.1', 'fd00::1']),
  pod('web-1', 'web', ['10.1.0.2']),
  pod('db-0', 'db', ['10.1.0.3', 'fd00::3']),
  service('db', [{ port: 5432 }, { port: 53, protocol: 'UDP' }], ['10.96.0.1', 'fd96::1']),
  service('web', [{ port: 80 }], ['10.96.0.2']),
  { kind: 'Deployment', metadata: { namespace: 'shop', name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } } } },
  { kind: 'Node', metadata: { name: 'n1' }, status: { addresses: [{ type: 'InternalIP', address: '192.0.2.1' }] } },
];
const places = placeDirectory(snapshot(objects as never));

const all = (kind: 'pods' | 'services' | 'nodes' | 'loadBalancers', selector: Readonly<Record<string, string>> = {}, namespace: string | null = null): MatrixPlace => ({ kind, namespace, selector });
const one = (place: string): MatrixPlace => ({ kind: 'place', place });
const matrix = (changes: Partial<BatchMatrix>): BatchMatrix => ({ name: 'm', from: all('pods', { app: 'web' }), to: all('services'), protocol: null, port: null, except: [], expect: { name: 'm', flow: '*', except: [] }, ...changes });
const namesOf = (changes: Partial<BatchMatrix>): string[] | string => {
  const spelled = matrixFlows(matrix(changes), places, 5);
  return 'flows' in spelled ? spelled.flows.map(({ name }) => name.replace('m: ', '')) : spelled.refusal;
};

test.each([
  { name: 'every port by its protocol and family', changes: { from: one('pod/shop/web-0') }, flows: ['pod/shop/web-0 -> service/shop/db:5432/tcp over IPv4', 'pod/shop/web-0 -> service/shop/db:5432/tcp over IPv6', 'pod/shop/web-0 -> service/shop/db:53/udp over IPv4', 'pod/shop/web-0 -> service/shop/db:53/udp over IPv6', 'pod/shop/web-0 -> service/shop/web:80/tcp'] },
  { name: 'who has one family only', changes: { from: one('pod/shop/web-1'), protocol: 'udp' }, flows: ['pod/shop/web-1 -> service/shop/db:53/udp'] },
  { name: 'one port', changes: { to: one('service/shop/db'), port: 5432, from: one('pod/shop/web-1') }, flows: ['pod/shop/web-1 -> service/shop/db:5432/tcp'] },
  { name: 'Services by their labels', changes: { to: all('services', { tier: 'web' }) }, flows: ['pod/shop/web-0 -> service/shop/web:80/tcp', 'pod/shop/web-1 -> service/shop/web:80/tcp'] },
  { name: 'pods at a port', changes: { to: all('pods', { app: 'db' }), port: 5432, from: one('node/n1') }, flows: ['node/n1 -> pod/shop/db-0:5432/tcp'] },
  { name: 'an echo', changes: { to: all('nodes'), protocol: 'icmp' }, flows: ['pod/shop/web-0 -> node/n1/icmp', 'pod/shop/web-1 -> node/n1/icmp'] },
  { name: 'load balancers', changes: { to: all('loadBalancers', { tier: 'web' }), from: one('node/n1') }, flows: ['node/n1 -> loadBalancer/shop/web:80/tcp'] },
  { name: 'a workload is its pods', changes: { from: one('deployment/shop/web'), to: one('service/shop/web') }, flows: ['pod/shop/web-0 -> service/shop/web:80/tcp', 'pod/shop/web-1 -> service/shop/web:80/tcp'] },
  { name: 'without the excepted', changes: { from: all('pods'), except: ['deployment/shop/web', 'service/shop/db'] }, flows: ['pod/shop/db-0 -> service/shop/web:80/tcp'] },
  { name: 'of one namespace', changes: { to: all('services', {}, 'elsewhere') }, flows: 'nothing in the snapshot is what to says' },
  { name: 'nobody asks', changes: { from: all('pods', { app: 'none' }) }, flows: 'nobody in the snapshot is what from says' },
  { name: 'pods without a port', changes: { to: all('pods') }, flows: `'to' names no Services, so it needs 'port' (or protocol: icmp)` },
  { name: 'no family in common', changes: { from: one('node/n1'), to: all('pods'), protocol: 'icmpv6' }, flows: 'no sender has an address of a target’s family, or all pairs are excepted' },
] as { name: string; changes: Partial<BatchMatrix>; flows: string[] | string }[])('$name', ({ changes, flows }) => expect(namesOf(changes)).toEqual(flows));

test('a flow is a question that a client would ask', () => {
  const spelled = matrixFlows(matrix({ from: one('pod/shop/web-0'), to: one('service/shop/db') }), places, 5);
  expect('flows' in spelled && spelled.flows).toMatchObject([
    { at: 5, from: 'pod/shop/web-0', protocol: 'tcp', packets: 'connect', isDontFragment: true, destination: { ip: { first: '10.96.0.1' }, port: { first: 5432 }, place: 'service/shop/db' } },
    { destination: { ip: { first: 'fd96::1' } }, isDontFragment: false },
    { protocol: 'udp', packets: 1 },
    {},
  ]);
});

test('so many that nobody would wait are refused', () => {
  const crowd = Array.from({ length: 101 }, (_, i) => pod(`p${i}`, 'crowd', [`10.2.${i >> 8}.${i & 255}`]));
  const spelled = matrixFlows(matrix({ from: all('pods'), to: all('pods'), port: 80 }), placeDirectory(snapshot(crowd as never)), 0);
  expect(spelled).toEqual({ refusal: expect.stringContaining('101 senders ask 101 targets') as unknown });
});
