/** Does jobs on threads and puts what they ask for next into the queue. */
import type { Job, Progress } from '@worldline/application';
import type { Backend } from '@worldline/platform';

export class Performer {
  constructor(private readonly backend: Pick<Backend, 'threads' | 'tools'>) {}

  async perform(job: Job, options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }): Promise<void> {
    const next = await this.backend.threads.perform(job, options);
    if (next.length > 0) await this.backend.tools.queue.add(next);
  }
}
