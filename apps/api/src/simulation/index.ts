export { SimulationModule } from './simulation.module.js';
export { simulationNode } from './simulation.node.js';
export type { BucketNode, SimulationNode } from './simulation.node.js';
