export { Threads, following } from './threads.js';
export type { ThreadsOptions } from './threads.js';
export { ReplayThread } from './replay-thread.js';
