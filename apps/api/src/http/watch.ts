/** A record each time it has changed, to its end. News are hints: what counts is what the store says when it is read again. */
import { isFinal } from '@worldline/application';
import type { ProgressFeed, Status } from '@worldline/application';

/** How long news may be lost before somebody notices. */
const POLL_MS = 2_000;

export interface Watched {
  readonly id: string;
  readonly status: Status;
  readonly progress?: { readonly done: number; readonly of: number };
}

export interface WatchOptions<T extends Watched> {
  readonly id: string;
  readonly feed: ProgressFeed;
  /** Null: it was erased, and the watch ends. */
  readonly read: (id: string) => Promise<T | null>;
  readonly signal?: AbortSignal;
}

/** Gives the record at once, after every change, and null now and then in between: a sign of life. Ends after a final one. */
export async function* watch<T extends Watched>({ id, feed, read, signal }: WatchOptions<T>): AsyncGenerator<T | null, void, undefined> {
  const bell = new Bell(signal);
  const unsubscribe = await feed.subscribe(id, () => bell.ring());
  try {
    let last = '';
    while (!signal?.aborted) {
      const record = await read(id);
      if (record === null) return;
      const told = JSON.stringify([record.status, record.progress]);
      yield told === last ? null : record;
      last = told;
      if (isFinal(record.status)) return;
      await bell.wait(POLL_MS);
    }
  } finally {
    await unsubscribe();
  }
}

/** The last record of a watch that ends after `seconds` at the latest; null when there is none. */
export async function waitForEnd<T extends Watched>(options: WatchOptions<T>, seconds: number): Promise<T | null> {
  let last: T | null = null;
  for await (const record of watch({ ...options, signal: AbortSignal.timeout(seconds * 1000) })) last = record ?? last;
  return last;
}

/** Wakes one sleeper; a ring that nobody waits for is kept for the next. */
class Bell {
  private isRung = false;
  private wake: (() => void) | null = null;

  constructor(signal: AbortSignal | undefined) {
    signal?.addEventListener('abort', () => this.ring(), { once: true });
  }

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (!this.isRung) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
    }
    this.isRung = false;
    this.wake = null;
  }
}
