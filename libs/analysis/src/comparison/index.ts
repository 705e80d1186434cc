export { compareReports } from './compare.js';
export type { Change, ComparedPath, Comparison, Effect } from './compare.js';
export type { Divergence } from './divergence.js';
