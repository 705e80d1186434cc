export { bench } from './bench.js';
export type { BenchTools } from './bench.js';
export { snapshotArchive } from './export.js';
export { giveUpJob, performJob } from './perform.js';
export type { PerformTools } from './perform.js';
export { bodyDigest, cancelSimulation, purgeSimulation, requeueUnfinished, storeArchive, storeSnapshot, submitBatch, submitComparison, submitSimulation, treeOfTopology } from './submit.js';
export type { BatchOrder, Refusal, ServiceTools, SimulationOrder, Submission } from './submit.js';
