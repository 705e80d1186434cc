import type { TopologyAnswer } from '../query/index.js';
import type { HopView } from '../way/index.js';
import { MACHINES_DRAWN, graphOf } from './graph.js';

const device = (name: string, address = '', kind = ''): TopologyAnswer['machines'][number]['interfaces'][number] => ({ name, kind, isUp: true, master: null, addresses: address === '' ? [] : [address] });
const machine = (name: string, node: string | null, ...interfaces: ReturnType<typeof device>[]): TopologyAnswer['machines'][number] => ({ name, kind: name.split('/')[0] ?? '', node, interfaces });
const hop = (name: string, inputInterface: string | null, outputInterface: string | null): HopView => ({ machine: name, inputInterface, outputInterface, entering: null, leaving: null, steps: [] });

const TWO_NODES: TopologyAnswer = {
  machines: [
    machine('node/n1', null, device('eth0', '192.168.0.1/24'), device('veth1'), device('cni0', '10.1.0.1/24', 'bridge')),
    machine('node/n2', null, device('eth0', '192.168.0.2/24'), device('veth2')),
    machine('pod/default/a', 'node/n1', device('eth0', '10.1.0.2/24')),
    machine('pod/default/b', 'node/n2', device('eth0', '10.2.0.2/24')),
  ],
  links: [
    { kind: 'veth', ends: [{ machine: 'pod/default/a', interface: 'eth0' }, { machine: 'node/n1', interface: 'veth1' }] },
    { kind: 'veth', ends: [{ machine: 'pod/default/b', interface: 'eth0' }, { machine: 'node/n2', interface: 'veth2' }] },
    { kind: 'segment', ends: [{ machine: 'node/n1', interface: 'eth0' }, { machine: 'node/n2', interface: 'eth0' }] },
  ],
};
const ACROSS = [hop('pod/default/a', null, 'eth0'), hop('node/n1', 'veth1', 'eth0'), hop('node/n2', 'eth0', 'veth2'), hop('pod/default/b', 'eth0', null)];

test('machines have ports where wires end, uplinks to the left of a node and its pods to the right', () => {
  const { boxes } = graphOf(TWO_NODES, []);
  const sides = Object.fromEntries(boxes.map(({ id, ports }) => [id, ports.map(({ id: port, side, address }) => `${port} ${side} ${address}`.trim())]));
  expect(sides).toEqual({
    'node/n1': ['eth0 west 192.168.0.1', 'veth1 east'],
    'node/n2': ['eth0 west 192.168.0.2', 'veth2 east'],
    'pod/default/a': ['eth0 west 10.1.0.2'],
    'pod/default/b': ['eth0 west 10.2.0.2'],
    'segment 0': ['node/n1 eth0 east', 'node/n2 eth0 east'],
  });
});

test('pods stand with their nodes', () => {
  expect(graphOf(TWO_NODES, []).boxes.map(({ group }) => group)).toEqual(['node/n1', 'node/n2', 'node/n1', 'node/n2', null]);
});

test('a way takes wires in its direction and crosses boxes from port to port, the segment too', () => {
  const { boxes, wires } = graphOf(TWO_NODES, ACROSS);
  expect(wires.map(({ taken }) => taken)).toEqual(['forward', 'backward', 'backward', 'forward']);
  const crossed = Object.fromEntries(boxes.map(({ id, visits, crossings }) => [id, [visits, crossings.map(({ from, to }) => `${from}>${to}`)]]));
  expect(crossed).toEqual({
    'node/n1': [[2], ['veth1>eth0']],
    'node/n2': [[3], ['eth0>veth2']],
    'pod/default/a': [[1], ['null>eth0']],
    'pod/default/b': [[4], ['eth0>null']],
    'segment 0': [[], ['node/n1 eth0>node/n2 eth0']],
  });
});

test('a wire that the capture does not have is drawn as assumed', () => {
  const { wires, boxes } = graphOf({ ...TWO_NODES, links: [] }, [hop('node/n1', null, 'eth0'), hop('fabric/vpc', 'in0', 'out0'), hop('node/n2', 'eth0', null)]);
  expect(wires.map(({ from, to, isAssumed }) => [from.box, to.box, isAssumed])).toEqual([
    ['node/n1', 'fabric/vpc', true],
    ['fabric/vpc', 'node/n2', true],
  ]);
  expect(boxes.find(({ id }) => id === 'fabric/vpc')?.ports.map(({ name }) => name)).toEqual(['in0', 'out0']);
});

test('a machine that is visited twice says so', () => {
  const { boxes } = graphOf(TWO_NODES, [hop('pod/default/a', null, 'eth0'), hop('node/n1', 'veth1', 'veth1'), hop('pod/default/a', 'eth0', null)]);
  expect(boxes.find(({ id }) => id === 'pod/default/a')?.visits).toEqual([1, 3]);
});

test('of many machines those on the way are drawn, and what they hang on', () => {
  const pods = Array.from({ length: 500 }, (_, i) => machine(`pod/default/p${i}`, 'node/n2', device('eth0')));
  const { boxes, hidden } = graphOf({ ...TWO_NODES, machines: [...TWO_NODES.machines, ...pods] }, [hop('pod/default/p499', null, 'eth0')]);
  const names = boxes.map(({ id }) => id);
  expect(names).toEqual(expect.arrayContaining(['pod/default/p499', 'node/n2', 'node/n1']));
  expect(names.length).toBeLessThanOrEqual(MACHINES_DRAWN + 1);
  expect(hidden).toBe(501);
});
