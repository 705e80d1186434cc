export { NodeFiles } from './node-files.js';
export { nodeHash } from './node-hash.js';
export { nodeMeter } from './node-meter.js';
