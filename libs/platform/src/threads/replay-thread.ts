/** The thread that runs simulations again for who asks about them. One, so that what it has just found out is where the next question goes. */
import { ReplayLimitReached } from '@worldline/application';
import type { Replays } from '@worldline/application';
import { Piscina } from 'piscina';
import type { ReplayQuestion, ThreadData } from './thread.js';
import type { ThreadsOptions } from './threads.js';

const IDLE_MS = 60_000;
/** An answer may take as long as this. */
const PATIENCE_MS = 120_000;
/** Questions that may wait for it. */
const QUEUE_LIMIT = 32;

export class ReplayThread implements Replays {
  private readonly pool: Piscina;

  constructor({ file, databaseUrl, memoryMiB }: Omit<ThreadsOptions, 'count'>) {
    this.pool = new Piscina({
      filename: file,
      minThreads: 0,
      maxThreads: 1,
      maxQueue: QUEUE_LIMIT,
      idleTimeout: IDLE_MS,
      workerData: { databaseUrl } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    });
  }

  trails: Replays['trails'] = (...words) => this.ask('trails', words);
  after: Replays['after'] = (...words) => this.ask('after', words);
  pcap: Replays['pcap'] = (...words) => this.ask('pcap', words);
  moment: Replays['moment'] = (...words) => this.ask('moment', words);
  dump: Replays['dump'] = (...words) => this.ask('dump', words);
  sysctl: Replays['sysctl'] = (...words) => this.ask('sysctl', words);
  rules: Replays['rules'] = (...words) => this.ask('rules', words);
  conntrack: Replays['conntrack'] = (...words) => this.ask('conntrack', words);
  history: Replays['history'] = (...words) => this.ask('history', words);

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async ask<K extends keyof Replays>(question: K, words: Parameters<Replays[K]>): Promise<Awaited<ReturnType<Replays[K]>>> {
    try {
      return (await this.pool.run({ question, words } satisfies ReplayQuestion, { name: 'replay', signal: AbortSignal.timeout(PATIENCE_MS) })) as Awaited<ReturnType<Replays[K]>>;
    } catch (error) {
      throw isBeyondLimits(error) ? new ReplayLimitReached('running the simulation again takes more time or memory than there is', { cause: error }) : error;
    }
  }
}

/** The thread was ended: too slow, too large, or too many waited for it. */
function isBeyondLimits(error: unknown): boolean {
  const { name = '', code = '', message = '' } = error as { readonly name?: string; readonly code?: string; readonly message?: string };
  return name === 'AbortError' || code === 'ERR_WORKER_OUT_OF_MEMORY' || /queue/i.test(message);
}
