export * from './ipset-state.js';
export * from './ipset-types.js';
export * from './set-flags.js';
