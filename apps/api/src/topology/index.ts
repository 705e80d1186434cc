export { machineNode, topologyNode } from './machine.node.js';
export type { MachineNode, TopologyNode } from './machine.node.js';
