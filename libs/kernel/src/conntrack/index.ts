export * from './constants.js';
export { captureEntry, insertCaptured } from './captured-entry.js';
export * from './conntrack-state.js';
export * from './nat-range.js';
export { TCP_TIME_WAIT, TCP_CLOSE } from './tcp-table.js';
export * from './tuple.js';
export * from './fidelity.js';
