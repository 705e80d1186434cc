import { JOB_KINDS } from '@worldline/application';
import type { Job, JobKind } from '@worldline/application';
import { handlersOf } from './processor.js';
import type { Processor } from './processor.js';

const seen: Job[] = [];
const processor = (kind: JobKind): Processor => ({ kind, process: (job) => Promise.resolve(void seen.push(job)) });
const ALL = JOB_KINDS.map(processor);

it('gives a job to the processor of its kind', async () => {
  const job: Job = { kind: 'batch', target: 'b' };
  await handlersOf(ALL).batch(job, new AbortController().signal);
  expect(seen).toEqual([job]);
});

it.each([
  { name: 'a kind without a processor', processors: ALL.slice(1), message: 'no processor for jobs of the kind simulation' },
  { name: 'no processors', processors: [], message: 'no processor for jobs of the kind simulation, comparison, batch' },
  { name: 'two for one kind', processors: [...ALL, processor('batch')], message: 'two processors for jobs of the kind batch' },
])('refuses $name', ({ processors, message }) => expect(() => handlersOf(processors)).toThrow(message));
