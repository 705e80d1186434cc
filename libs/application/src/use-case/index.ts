export { runScenario } from './run-scenario.js';
export type { RunOutcome, RunRequest } from './run-scenario.js';
export { isPassed } from './verdict.js';
export type { Gate } from './verdict.js';
