/** Comparisons and batches: jobs that nobody cancels. */
import type { Job, StopSignal } from '@worldline/application';
import { following } from '@worldline/platform';
import type { Backend } from '@worldline/platform';
import type { Performer } from './performer.js';
import type { Processor } from './processor.js';
import { progressReporter } from './progress.js';

export class ComparisonProcessor implements Processor {
  readonly kind = 'comparison';

  constructor(private readonly performer: Performer) {}

  async process(job: Job, signal: StopSignal): Promise<void> {
    await this.performer.perform(job, { signal: following(signal).signal, onProgress: () => undefined });
  }
}

export class BatchProcessor implements Processor {
  readonly kind = 'batch';

  constructor(
    private readonly performer: Performer,
    private readonly backend: Pick<Backend, 'tools'>,
  ) {}

  async process(job: Job, signal: StopSignal): Promise<void> {
    const { stores, feed } = this.backend.tools;
    await this.performer.perform(job, { signal: following(signal).signal, onProgress: progressReporter(job.target, stores.batches, feed) });
  }
}
