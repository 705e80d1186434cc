export { OperatingError } from './files.js';
export type { Files } from './files.js';
export { MemoryFiles } from './memory-files.js';
export { NO_METER } from './meter.js';
export type { Meter } from './meter.js';
export type { CommandOutcome, Play, RealKernel, RefusedSetting, StageCommand, StageServer, StageSettings } from './real-kernel.js';
export type { StoredOrder, StoredSimulations } from './stored-simulations.js';
