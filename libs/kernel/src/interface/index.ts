export * from './captures.js';
export * from './compile-interfaces.js';
export * from './interface-state.js';
export * from './link-pairs.js';
export * from './network-interface.js';
export * from './stacked.js';
