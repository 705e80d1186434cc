export { bench } from './bench.js';
export type { BenchTools } from './bench.js';
export { snapshotArchive } from './export.js';
export { giveUpJob, performJob } from './perform.js';
export type { PerformTools } from './perform.js';
export { bodyDigest, cancelSimulation, purgeSimulation, requeueUnfinished, storeArchive, storeSnapshot, submitSimulation } from './submit.js';
export type { Refusal, ServiceTools, SimulationOrder, SnapshotSource, Submission } from './submit.js';
export { submitBatch, submitComparison } from './submit-joint.js';
export type { BatchOrder, SideOrder } from './submit-joint.js';
