export { BullQueue } from './bull-queue.js';
export type { BullOptions } from './bull-queue.js';
