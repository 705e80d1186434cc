export * from './ipset/index.js';
export * from './sysctl/index.js';
export * from './ebtables/index.js';
export * from './iptables/index.js';
export * from './conntrack/index.js';
export * from './recent/index.js';
