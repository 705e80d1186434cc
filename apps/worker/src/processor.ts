import { JOB_KINDS } from '@worldline/application';
import type { Job, JobHandler, JobKind, StopSignal } from '@worldline/application';

/** Does the jobs of one kind. */
export interface Processor {
  readonly kind: JobKind;
  process(job: Job, signal: StopSignal): Promise<void>;
}

/** A handler for every kind of job. A kind without one, or with two, is a mistake of ours: the worker must not start. */
export function handlersOf(processors: readonly Processor[]): Readonly<Record<JobKind, JobHandler>> {
  const handlers = new Map<JobKind, JobHandler>();
  for (const processor of processors) {
    if (handlers.has(processor.kind)) throw new Error(`two processors for jobs of the kind ${processor.kind}`);
    handlers.set(processor.kind, (job, signal) => processor.process(job, signal));
  }
  const missing = JOB_KINDS.filter((kind) => !handlers.has(kind));
  if (missing.length > 0) throw new Error(`no processor for jobs of the kind ${missing.join(', ')}`);
  return Object.fromEntries(handlers) as Record<JobKind, JobHandler>;
}
