export { prove, proveLoaded } from './prove.js';
export type { ProveOutcome, ProveRequest, ProveTools, Proved } from './prove.js';
