export * from './connection-table.js';
export * from './socket-state.js';
