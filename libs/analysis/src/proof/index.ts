export { factsOf } from './case.js';
export type { CaseFacts } from './case.js';
export { FACETS, compareWithKernel } from './compare.js';
export type { Facet, Mismatch, Proof, ProofInput } from './compare.js';
export { countShares } from './shares.js';
export type { AfterDumps } from './state.js';
