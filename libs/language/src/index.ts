export * from './ipset/index.js';
export * from './sysctl/index.js';
