/// <reference types="jest" />
/** What every feed of news must do. */
import type { ProgressFeed } from '../service/index.js';

export function describeFeed(open: () => Promise<{ readonly feed: ProgressFeed; readonly close: () => Promise<void> }>): void {
  let feed: ProgressFeed;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ feed, close } = await open());
  });
  afterEach(() => close());

  /** Resolves at the next piece of news. */
  const next = async (id: string): Promise<{ readonly heard: Promise<void>; readonly end: () => Promise<void> }> => {
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => (hear = resolve));
    return { heard, end: await feed.subscribe(id, hear) };
  };

  it('tells everyone who asked about it, and nobody else', async () => {
    const [one, two] = [await next('a'), await next('a')];
    let others = 0;
    await feed.subscribe('b', () => others++);
    await feed.publish('a');
    await Promise.all([one.heard, two.heard]);
    expect(others).toBe(0);
  });

  it('is silent after the end', async () => {
    let heard = 0;
    const end = await feed.subscribe('a', () => heard++);
    await end();
    const other = await next('a');
    await feed.publish('a');
    await other.heard;
    expect(heard).toBe(0);
  });

  it('takes news that nobody waits for', async () => {
    await expect(feed.publish('nobody')).resolves.toBeUndefined();
  });
}
