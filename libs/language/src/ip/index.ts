export * from './address-dump.js';
export * from './json-dump.js';
export * from './names.js';
export * from './neighbour-dump.js';
export * from './route-dump.js';
export * from './rule-dump.js';
