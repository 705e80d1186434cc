/// <reference types="jest" />
/** What every job queue must do. */
import type { Job, JobHandler, JobKind, JobQueue, JobSource } from '../service/index.js';

export interface OpenedQueue {
  readonly queue: JobQueue;
  readonly source: JobSource;
  readonly close: () => Promise<void>;
}

export function describeQueue(open: () => Promise<OpenedQueue>): void {
  let opened: OpenedQueue;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  const consume = (handler: JobHandler, onGivenUp: (job: Job, error: Error) => Promise<void> = () => Promise.resolve(), concurrency = 2): ReturnType<JobSource['consume']> =>
    opened.source.consume({ handlers: { simulation: handler, comparison: handler, batch: handler } satisfies Record<JobKind, JobHandler>, concurrency, onGivenUp });

  it('gives every job to a handler, whether it was added before or after', async () => {
    const seen: Job[] = [];
    const all = signalAfter(3);
    await opened.queue.add([{ kind: 'simulation', target: 'a' }, { kind: 'batch', target: 'b' }]);
    const consumer = await consume((job) => {
      seen.push(job);
      all.count();
      return Promise.resolve();
    });
    await opened.queue.add([{ kind: 'comparison', target: 'c', cause: 'a' }]);
    await all.done;
    await consumer.close();
    expect(seen.sort((x, y) => (x.target < y.target ? -1 : 1))).toEqual([{ kind: 'simulation', target: 'a' }, { kind: 'batch', target: 'b' }, { kind: 'comparison', target: 'c', cause: 'a' }]);
  });

  it('does not take a job twice while it waits', async () => {
    await opened.queue.add([{ kind: 'simulation', target: 'a' }, { kind: 'simulation', target: 'a' }]);
    await opened.queue.add([{ kind: 'simulation', target: 'a' }, { kind: 'comparison', target: 'a' }, { kind: 'comparison', target: 'a', cause: 'x' }]);
    expect(await opened.queue.counts()).toEqual({ waiting: 3, active: 0, delayed: 0, failed: 0 });
  });

  it('takes a job again when it is done', async () => {
    let runs = 0;
    const first = signalAfter(1);
    const second = signalAfter(2);
    const consumer = await consume(() => {
      runs++;
      first.count();
      second.count();
      return Promise.resolve();
    });
    await opened.queue.add([{ kind: 'simulation', target: 'a' }]);
    await first.done;
    // Not done before the queue has heard of it.
    while ((await opened.queue.counts()).active > 0);
    await opened.queue.add([{ kind: 'simulation', target: 'a' }]);
    await second.done;
    await consumer.close();
    expect(runs).toBe(2);
  });

  it('tries again, and gives up in the end', async () => {
    let attempts = 0;
    const over = signalAfter(1);
    const given: unknown[] = [];
    const consumer = await consume(
      () => {
        attempts++;
        return Promise.reject(new Error('broken'));
      },
      (job, error) => {
        given.push(job, error.message);
        over.count();
        return Promise.resolve();
      },
    );
    await opened.queue.add([{ kind: 'simulation', target: 'a' }]);
    await over.done;
    await consumer.close();
    expect([attempts, ...given]).toEqual([3, { kind: 'simulation', target: 'a' }, 'broken']);
  });

  it('works at as many jobs at once as it may, and closing waits for them', async () => {
    let active = 0;
    let most = 0;
    let finished = 0;
    const started = signalAfter(2);
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const consumer = await consume(async () => {
      most = Math.max(most, ++active);
      started.count();
      await gate;
      active--;
      finished++;
    });
    await opened.queue.add(['a', 'b', 'c'].map((target) => ({ kind: 'simulation', target })));
    await started.done;
    const closed = consumer.close();
    release();
    await closed;
    expect(most).toBe(2);
    expect(finished).toBeGreaterThanOrEqual(2);
    expect(active).toBe(0);
  });
}

function signalAfter(times: number): { readonly done: Promise<void>; count(): void } {
  let seen = 0;
  let resolve: () => void = () => undefined;
  const done = new Promise<void>((resolved) => (resolve = resolved));
  return {
    done,
    count: () => {
      if (++seen >= times) resolve();
    },
  };
}
