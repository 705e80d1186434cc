export * from './ether.js';
export * from './icmp.js';
export * from './options.js';
export * from './rule.js';
export * from './command.js';
export * from './save.js';
