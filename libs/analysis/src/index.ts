export { junit, markdown, sarif } from './document/index.js';
export type { DocumentOptions, Suite } from './document/index.js';
export { checkExpectation, checkExpectations } from './expectation/index.js';
export type { ExpectationContext } from './expectation/index.js';
export { placeDirectory } from './place/index.js';
export type { Place, PlaceDirectory } from './place/index.js';
export { PLAIN, formatReport } from './rendering/index.js';
export type { Palette, ReportTextOptions } from './rendering/index.js';
