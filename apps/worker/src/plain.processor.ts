/** Comparisons and batches: jobs without anything around them. */
import type { Job, JobKind, StopSignal } from '@worldline/application';
import { following } from '@worldline/platform';
import type { Performer } from './performer.js';
import type { Processor } from './processor.js';

abstract class PlainProcessor implements Processor {
  abstract readonly kind: JobKind;

  constructor(private readonly performer: Performer) {}

  async process(job: Job, signal: StopSignal): Promise<void> {
    await this.performer.perform(job, { signal: following(signal).signal, onProgress: () => undefined });
  }
}

export class ComparisonProcessor extends PlainProcessor {
  readonly kind = 'comparison';
}

export class BatchProcessor extends PlainProcessor {
  readonly kind = 'batch';
}
