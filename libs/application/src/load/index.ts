export { standardReaders, stdinFilesOfVariants } from './readers.js';
export { inFolder, loadBundle, loadScenario, readStdinFiles } from './load.js';
export type { LoadedBundle, LoadedScenario } from './load.js';
export { resolveDestinations } from './resolve.js';
export { hasErrors, refused } from './tools.js';
export type { LoadTools, Readers, ScenarioContext } from './tools.js';
