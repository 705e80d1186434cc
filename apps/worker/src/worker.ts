/** Takes jobs from their source until it is stopped, and puts back what the queue may have lost. */
import { giveUpJob, requeueUnfinished } from '@worldline/application';
import type { JobConsumer } from '@worldline/application';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Backend, Log } from '@worldline/platform';
import { handlersOf } from './processor.js';
import type { Processor } from './processor.js';

export interface WorkerOptions {
  readonly concurrency: number;
  readonly graceMs: number;
}

const REQUEUE_EVERY_MS = 30_000;

export class Worker implements OnApplicationBootstrap, OnApplicationShutdown {
  private consumer: JobConsumer | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly handlers;

  constructor(
    private readonly backend: Backend,
    processors: readonly Processor[],
    private readonly options: WorkerOptions,
    private readonly log: Log,
  ) {
    this.handlers = handlersOf(processors);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { source, tools } = this.backend;
    this.consumer = await source.consume({
      handlers: this.handlers,
      concurrency: this.options.concurrency,
      onGivenUp: async (job, error) => {
        this.log.error({ job, reason: error.message }, 'a job is given up');
        await giveUpJob(job, error, tools);
      },
    });
    this.requeue();
    this.timer = setInterval(() => this.requeue(), REQUEUE_EVERY_MS);
    this.log.info({ concurrency: this.options.concurrency }, 'the worker is ready');
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.consumer?.close(this.options.graceMs);
    await this.backend.close();
    this.log.info({}, 'the worker has ended');
  }

  private requeue(): void {
    requeueUnfinished(this.backend.tools).catch((error: unknown) => this.log.warn({ reason: (error as Error).message }, 'unfinished work could not be looked for'));
  }
}
