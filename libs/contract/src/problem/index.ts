export { fieldErrors, pointerOf } from './field-errors.js';
export { PROBLEM_MEDIA_TYPE, PROBLEMS, problemErrorSchema, problemOf, problemSchema } from './problem.js';
export type { Problem, ProblemError, ProblemInput, ProblemKind } from './problem.js';
