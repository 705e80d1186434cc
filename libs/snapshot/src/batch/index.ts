export { readBatch, readBatchValue } from './read-batch.js';
