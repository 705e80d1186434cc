export * from './command.js';
export * from './dump.js';
export * from './name.js';
