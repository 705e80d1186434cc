import type { LinkCapture, MachineCapture, NeighbourCapture } from '@worldline/model';
import { pairLinks } from './link-pairs.js';

function veth(name: string, index: number, linkIndex: number, linkNetnsId: number, mac = `02:00:00:00:00:${index}`): LinkCapture {
  return {
    index, name, linkIndex, linkNetnsId, mac, flags: ['UP', 'LOWER_UP'], mtu: 1500, operstate: 'UP', linkType: 'ether', master: null, kind: 'veth', kindData: {}, slaveData: {}, addresses: [], raw: {},
  };
}

function machine(name: string, node: string | null, links: readonly LinkCapture[], neighbours: readonly NeighbourCapture[] = []): MachineCapture {
  return {
    machine: name, folder: name, node, links, routes: [], routingRules: [], neighbours, bridgePorts: [], fdb: [], ruleSets: [], ipsets: [], ebtables: null, conntrack: [], sysctl: new Map(), sockets: [],
    recent: [], kernelVersion: null, files: new Set(),
  };
}

function knows(device: string, mac: string): NeighbourCapture {
  return { family: 4, address: '10.0.0.9', device, mac, state: 'PERMANENT', isProxy: false };
}

function paired(machines: readonly MachineCapture[]): string[] {
  const { peers } = pairLinks(machines);
  return peers.flatMap((ends, i) =>
    ends.flatMap((end, j) => {
      const isFirst = end !== null && (end.machine > i || (end.machine === i && end.link > j));
      return isFirst ? [`${machines[i].machine}:${machines[i].links[j].name}=${machines[end.machine].machine}:${machines[end.machine].links[end.link].name}`] : [];
    }),
  );
}

describe('pairLinks', () => {
  const rows: { name: string; machines: MachineCapture[]; pairs: string[]; issues: number }[] = [
    {
      name: 'indexes that point at each other; the uplink leads to the fabric',
      machines: [machine('node/n1', null, [veth('eth0', 10, 900, 0), veth('va', 11, 2, 1)]), machine('pod/d/a', 'n1', [veth('eth0', 2, 11, 0)])],
      pairs: ['node/n1:va=pod/d/a:eth0'],
      issues: 0,
    },
    {
      name: 'equal indexes on two nodes: node.txt decides',
      machines: [
        machine('node/n1', null, [veth('va', 11, 2, 1)]),
        machine('node/n2', null, [veth('vb', 11, 2, 1)]),
        machine('pod/d/a', 'n1', [veth('eth0', 2, 11, 0)]),
        machine('pod/d/b', 'n2', [veth('eth0', 2, 11, 0)]),
      ],
      pairs: ['node/n1:va=pod/d/a:eth0', 'node/n2:vb=pod/d/b:eth0'],
      issues: 0,
    },
    {
      name: 'no node.txt: the neighbour that the node knows decides',
      machines: [
        machine('node/n1', null, [veth('va', 11, 2, 1)], [knows('va', '02:00:00:00:00:aa')]),
        machine('node/n2', null, [veth('vb', 11, 2, 1)]),
        machine('pod/d/a', null, [veth('eth0', 2, 11, 0, '02:00:00:00:00:bb')]),
        machine('pod/d/b', null, [veth('eth0', 2, 11, 0, '02:00:00:00:00:aa')]),
      ],
      pairs: ['node/n1:va=pod/d/b:eth0', 'node/n2:vb=pod/d/a:eth0'],
      issues: 0,
    },
    {
      name: 'a namespace number means one machine',
      machines: [
        machine('node/n1', null, [veth('v1', 11, 2, 1), veth('v2', 12, 3, 1)]),
        machine('pod/d/a', 'n1', [veth('eth0', 2, 11, 0)]),
        machine('pod/d/b', 'n1', [veth('eth0', 2, 11, 0), veth('eth1', 3, 12, 0)]),
      ],
      pairs: ['node/n1:v1=pod/d/b:eth0', 'node/n1:v2=pod/d/b:eth1'],
      issues: 0,
    },
    {
      name: 'nothing decides: the first, and an issue',
      machines: [machine('node/n1', null, [veth('va', 11, 2, 1)]), machine('pod/d/a', null, [veth('eth0', 2, 11, 0)]), machine('pod/d/b', null, [veth('eth0', 2, 11, 0)])],
      pairs: ['node/n1:va=pod/d/a:eth0'],
      issues: 1,
    },
    {
      name: 'both ends in one namespace',
      machines: [machine('node/n1', null, [veth('a', 3, 4, -1), veth('b', 4, 3, -1)])],
      pairs: ['node/n1:a=node/n1:b'],
      issues: 0,
    },
  ];
  it.each(rows)('$name', ({ machines, pairs, issues }) => {
    expect(paired(machines)).toEqual(pairs);
    expect(pairLinks(machines).issues).toHaveLength(issues);
  });
});
