export { standardReaders, stdinFilesOfVariants } from './readers.js';
export { inFolder, loadBundle, loadScenario, loadScenarioOn, readBundleTree, readStdinFiles } from './load.js';
export { withSeed } from './seed.js';
export { treeOfTopology } from './topology.js';
export type { LoadedBundle, LoadedScenario } from './load.js';
export { resolveDestinations } from './resolve.js';
export { hasErrors, refused } from './tools.js';
export type { LoadTools, Readers, ScenarioContext } from './tools.js';
