export * from './embedded/index.js';
export * from './jobs/index.js';
export * from './postgres/index.js';
