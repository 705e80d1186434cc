export type { ReadContext, ScenarioOptions } from './context.js';
export { readEvent } from './event.js';
export { readFlowExpectation, readRunExpectation } from './expectation.js';
export { PLACE_KINDS, WORKLOAD_KINDS, readRef } from './ref.js';
export type { PlaceKind } from './ref.js';
export { KnownPlaces } from './known-places.js';
export { checkHead, readMetadata, readScenario, readScenarioValue, stdinFilesOf } from './read-scenario.js';
