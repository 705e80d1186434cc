import { describeFeed, describeQueue, describeStores, steadySurroundings } from '../../conformance/index.js';
import { MemoryFeed, MemoryQueue, memoryStores } from './index.js';

const close = (): Promise<void> => Promise.resolve();

describe('stores in memory', () => describeStores(() => Promise.resolve({ stores: memoryStores(steadySurroundings()), close })));
describe('queue in memory', () =>
  describeQueue(() => {
    const queue = new MemoryQueue();
    return Promise.resolve({ queue, source: queue, close });
  }));
describe('feed in memory', () => describeFeed(() => Promise.resolve({ feed: new MemoryFeed(), close })));
