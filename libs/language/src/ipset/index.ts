export * from './entry.js';
export * from './member.js';
export * from './protocol-port.js';
export * from './read.js';
export * from './set-spec.js';
export * from './set-type.js';
