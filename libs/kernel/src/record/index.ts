export * from './drop.js';
export * from './effects.js';
export * from './environment.js';
export * from './recorder.js';
export * from './sequence-table.js';
export * from './step-code.js';
export * from './wire.js';
