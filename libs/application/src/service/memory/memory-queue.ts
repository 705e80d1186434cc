/** A job queue in memory: jobs of one process, tried again at once. */
import type { Job, JobConsumer, JobHandler, JobQueue, JobSource, StopSignal } from '../ports.js';

const ATTEMPTS = 3;
const NEVER: StopSignal = { aborted: false, addEventListener: () => undefined };

interface Consumer {
  readonly handlers: Readonly<Record<Job['kind'], JobHandler>>;
  readonly concurrency: number;
  readonly onGivenUp: (job: Job, error: Error) => Promise<void>;
  readonly atWork: Set<Promise<void>>;
  isClosed: boolean;
}

export class MemoryQueue implements JobQueue, JobSource {
  private readonly waiting = new Map<string, Job>();
  private readonly active = new Map<string, Job>();
  private readonly consumers = new Set<Consumer>();
  private failed = 0;

  add(jobs: readonly Job[]): Promise<void> {
    for (const job of jobs) if (!this.active.has(keyOf(job))) this.waiting.set(keyOf(job), job);
    this.takeUp();
    return Promise.resolve();
  }

  counts(): ReturnType<JobQueue['counts']> {
    return Promise.resolve({ waiting: this.waiting.size, active: this.active.size, delayed: 0, failed: this.failed });
  }

  consume(options: Parameters<JobSource['consume']>[0]): Promise<JobConsumer> {
    const consumer: Consumer = { ...options, atWork: new Set(), isClosed: false };
    this.consumers.add(consumer);
    this.takeUp();
    return Promise.resolve({
      close: async () => {
        consumer.isClosed = true;
        this.consumers.delete(consumer);
        await Promise.all(consumer.atWork);
      },
    });
  }

  private takeUp(): void {
    for (const consumer of this.consumers) {
      for (const [key, job] of this.waiting) {
        if (consumer.isClosed || consumer.atWork.size >= consumer.concurrency) break;
        this.waiting.delete(key);
        this.active.set(key, job);
        const work = this.carryOut(job, consumer).finally(() => {
          this.active.delete(key);
          consumer.atWork.delete(work);
          this.takeUp();
        });
        consumer.atWork.add(work);
      }
    }
  }

  private async carryOut(job: Job, { handlers, onGivenUp }: Consumer): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await handlers[job.kind](job, NEVER);
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        this.failed++;
        return onGivenUp(job, error as Error);
      }
    }
  }
}

function keyOf({ kind, target, cause }: Job): string {
  return [kind, target, cause ?? ''].join('.');
}
