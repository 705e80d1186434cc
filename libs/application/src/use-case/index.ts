export { compareSides } from './compare.js';
export type { CompareRequest } from './compare.js';
export { runScenario } from './run-scenario.js';
export type { RunOutcome, RunRequest } from './run-scenario.js';
export { traceOne } from './trace-one.js';
export type { TraceRequest } from './trace-one.js';
export { isPassed } from './verdict.js';
export type { Gate } from './verdict.js';
