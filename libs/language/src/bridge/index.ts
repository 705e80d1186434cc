export * from './command.js';
export * from './dump.js';
