export * from './compile-sysctl.js';
export * from './registry.js';
export * from './sysctl-state.js';
