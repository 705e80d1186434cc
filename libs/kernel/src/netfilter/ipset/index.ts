export { IpsetState } from './ipset-state.js';
export * from './ipset-types.js';
export { captureIpsets } from './set-capture.js';
export * from './set-commands.js';
export * from './set-flags.js';
