export { CannotBuild } from './build.js';
export { prove, proveLoaded, redump } from './prove.js';
export type { ProveOutcome, ProveRequest, ProveTools, Proved } from './prove.js';
