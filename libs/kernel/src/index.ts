export { compileNetwork, type CompiledNetwork } from './compile/index.js';
export { execute, type CommandResult } from './command/index.js';
export { ChangeLog, dumpMachine } from './dump/index.js';
export { Network } from './fabric/index.js';
export { routerCaptures, type RouterCapture } from './compile/index.js';
export { FIDELITY, type FidelityRow, type FidelitySection, type FidelityStatus } from './compile/index.js';
export { TrailRecorder, describeRule } from './netfilter/index.js';
export { Machine } from './machine/index.js';
export { SampleChooser, runScenario, type PathOrigin, type PathPlace, type RunOptions, type RunResult, type RunTools } from './run/index.js';
