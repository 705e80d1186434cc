export type { ReadContext, ScenarioOptions } from './context.js';
export { readEvent } from './event.js';
export { readRunExpectation } from './expectation.js';
export { KnownPlaces } from './known-places.js';
export { checkHead, readMetadata, readScenario, readScenarioValue, stdinFilesOf } from './read-scenario.js';
