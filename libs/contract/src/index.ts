export * from './graphql/index.js';
export * from './openapi/index.js';
export * from './problem/index.js';
export * from './rest/index.js';
