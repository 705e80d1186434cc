/** Machines and what joins them, as GraphQL has them. What stands only in the snapshot is looked up when it is asked for. */
import type { Topology, TopologyLink, TopologyMachine } from '@worldline/application';
import type { GraphqlContext } from '../graphql/index.js';

export interface MachineNode {
  readonly name: string;
  readonly kind: string;
  node(args: unknown, context: GraphqlContext): Promise<string | null> | string | null;
  interfaces(args: unknown, context: GraphqlContext): Promise<TopologyMachine['interfaces']> | TopologyMachine['interfaces'];
}

/** A machine that a trace names. */
export function machineNode(simulation: string, name: string): MachineNode {
  const find = async (context: GraphqlContext): Promise<TopologyMachine | null> => {
    const placed = await context.topologies.load(simulation);
    return placed?.topology.machines.find((machine) => machine.name === name) ?? null;
  };
  return {
    name,
    kind: name.slice(0, Math.max(0, name.indexOf('/'))),
    node: async (_, context) => (await find(context))?.node ?? null,
    interfaces: async (_, context) => (await find(context))?.interfaces ?? [],
  };
}

export interface TopologyNode {
  readonly machines: readonly MachineNode[];
  readonly links: readonly TopologyLink[];
}

export function topologyNode({ machines, links }: Topology): TopologyNode {
  return { machines: machines.map(({ name, kind, node, interfaces }) => ({ name, kind, node: () => node, interfaces: () => interfaces })), links };
}
