/** Simulations: with progress, and given up as soon as nobody wants them any more. */
import { isFinal } from '@worldline/application';
import type { Job, StopSignal } from '@worldline/application';
import { following } from '@worldline/platform';
import type { Backend } from '@worldline/platform';
import type { Performer } from './performer.js';
import { progressReporter } from './progress.js';
import type { Processor } from './processor.js';

export class SimulationProcessor implements Processor {
  readonly kind = 'simulation';

  constructor(
    private readonly performer: Performer,
    private readonly backend: Pick<Backend, 'tools'>,
  ) {}

  async process(job: Job, signal: StopSignal): Promise<void> {
    const { stores, feed } = this.backend.tools;
    const control = following(signal);
    let isUnwanted = false;
    const look = async (): Promise<void> => {
      const [record] = await stores.simulations.get([job.target]);
      if (record && !isFinal(record.status)) return;
      // Its own end is news too: then the thread is as good as done.
      if (record && record.status !== 'canceled') return;
      isUnwanted = true;
      control.abort();
    };
    const unsubscribe = await feed.subscribe(job.target, () => void look().catch(() => undefined));
    try {
      await this.performer.perform(job, { signal: control.signal, onProgress: progressReporter(job.target, stores.simulations, feed) });
    } catch (error) {
      if (!isUnwanted) throw error;
    } finally {
      await unsubscribe();
    }
  }
}
