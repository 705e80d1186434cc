export { checkExpectation, checkExpectations, percent } from './check.js';
export type { ExpectationContext } from './check.js';
export { hasSameFate } from './judge.js';
export { countingOf, endpointText, fateText, questionsOf } from './question.js';
export type { Counting, Question } from './question.js';
