export * from './address-table.js';
export * from './name-table.js';
export * from './packet-context.js';
export * from './stage.js';
export * from './verdict.js';
export * from './address-class.js';
export * from './errno.js';
export * from './jhash.js';
