export * from './constants.js';
export { captureEntry, insertCaptured } from './captured-entry.js';
export * from './conntrack-state.js';
export * from './nat-range.js';
export { TCP_ESTABLISHED, TCP_SYN_RECV, TCP_SYN_SENT, TCP_TIME_WAIT, TCP_CLOSE } from './tcp-table.js';
export * from './tuple.js';
export * from './describe-steps.js';
export * from './fidelity.js';
