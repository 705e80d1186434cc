export { describeFeed } from './feed.js';
export { describeQueue } from './queue.js';
export type { OpenedQueue } from './queue.js';
export { steadySurroundings } from './steady.js';
export { describeStores } from './stores.js';
