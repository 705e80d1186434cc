export type { CommandResult, ExecuteCommand } from './event/script-run.js';
export { SampleChooser } from './chooser.js';
export type { NetworkListener, RunMachine, RunNetwork } from './network.js';
export type { Listing } from './question/flow-tally.js';
export type { DescribeRule, RuleDescription } from './report/names.js';
export { runScenario, type RunOptions, type RunResult, type RunTools } from './run-scenario.js';
export type { AskTrails, PathOrigin, PathPlace } from './trail-watch.js';
