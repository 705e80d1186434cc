export { Machine, type MachineState } from './machine.js';
export type { MachineNetwork } from './network-view.js';
export { runStages } from './pipeline.js';
