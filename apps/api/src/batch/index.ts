export { batchNode } from './batch.mapper.js';
export { BatchModule } from './batch.module.js';
