export * from './ipset/index.js';
