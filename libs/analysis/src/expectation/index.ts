export { checkExpectation, checkExpectations, percent } from './check.js';
export type { ExpectationContext } from './check.js';
export { hasSameFate } from './judge.js';
export { countingOf, deathText, endpointText, fateText, isUndecided, questionsOf, viewsOf } from './question.js';
export type { Counting, Question } from './question.js';
