export { solicitSource } from './answers.js';
export * from './compile-routing.js';
export * from './describe.js';
export { NEIGHBOR_QUEUED, NEIGHBOR_UNREACHABLE, NUD_FAILED, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE, NUD_STALE, NUD_WORDS } from './neighbour-table.js';
export * from './route.js';
export * from './routing-state.js';
export type { RpfilterFlags } from './reverse-path.js';
