export { checkExpectation, checkExpectations } from './expectation/index.js';
export type { ExpectationContext } from './expectation/index.js';
export { placeDirectory } from './place/index.js';
export type { Place, PlaceDirectory } from './place/index.js';
