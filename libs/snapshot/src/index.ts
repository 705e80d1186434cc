export * from './bundle/index.js';
export { readScenario, readScenarioValue, stdinFilesOf, type ScenarioOptions } from './scenario/index.js';
export * from './batch/index.js';
export * from './archive/index.js';
