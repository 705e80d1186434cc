import type { MachineCapture, Snapshot } from '@worldline/model';
import type { Network } from '../../simulate/index.js';
import type { Topology, TopologyMachine } from '../records.js';

/** The machines of a snapshot and what joins them. Routers of the fabric are known by their ends of links alone. */
export function topologyOf(snapshot: Snapshot, network: Network): Topology {
  const links = network.links();
  const known = new Set(snapshot.machines.map(({ machine }) => machine));
  const hosts = new Map<string, string>();
  for (const { kind, ends } of links) {
    const pod = ends.find(({ machine }) => machine.startsWith('pod/'));
    const node = ends.find(({ machine }) => machine.startsWith('node/'));
    if (kind === 'veth' && pod && node) hosts.set(pod.machine, node.machine);
  }
  const routers = new Map<string, string[]>();
  for (const { machine, interface: name } of links.flatMap(({ ends }) => ends)) {
    if (!known.has(machine)) routers.set(machine, [...(routers.get(machine) ?? []), name]);
  }
  return {
    machines: [
      ...snapshot.machines.map((capture) => machineOf(capture, hosts)),
      ...[...routers].map(([name, interfaces]): TopologyMachine => ({
        name: name as TopologyMachine['name'],
        kind: 'fabric',
        node: null,
        interfaces: interfaces.map((one) => ({ name: one, kind: '', isUp: true, master: null, addresses: [] })),
      })),
    ],
    links,
  };
}

function machineOf({ machine, links }: MachineCapture, hosts: ReadonlyMap<string, string>): TopologyMachine {
  return {
    name: machine,
    kind: machine.slice(0, machine.indexOf('/')) as TopologyMachine['kind'],
    node: (hosts.get(machine) ?? null) as TopologyMachine['node'],
    interfaces: links.map(({ name, kind, flags, master, addresses }) => ({
      name,
      kind,
      isUp: flags.includes('UP'),
      master,
      addresses: addresses.map(({ local, prefixLength }) => `${local}/${prefixLength}`),
    })),
  };
}
