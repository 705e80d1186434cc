/** The conformance suite of job queues over both backends, and what happens when a worker is killed. */
import { randomUUID } from 'node:crypto';
import type { JobConsumer, JobHandler } from '@worldline/application';
import { describeQueue } from '@worldline/application/conformance';
import { openDatabase, redisUrl } from '../testing/index.js';
import { BullQueue } from './index.js';

jest.setTimeout(60_000);

describe.each(['redis', 'postgres'] as const)('jobs on %s', (backend) => {
  let url: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    ({ url, drop } = await openDatabase());
  });
  afterAll(() => drop());

  const open = (prefix: string, lockMs?: number): BullQueue =>
    new BullQueue({ databaseUrl: url, redisUrl: backend === 'redis' ? redisUrl() : null, prefix, onError: () => undefined, ...(lockMs === undefined ? {} : { lockMs }) });

  describeQueue(() => {
    const queue = open(`jobs_${randomUUID().slice(0, 8)}`);
    return Promise.resolve({ queue, source: queue, close: () => queue.close() });
  });

  it('gives a job that cannot be ended in time to another worker, and that is no failed attempt', async () => {
    const queue = open('given_back');
    const started = new Promise<string>((resolve) => {
      const impatient = consume(queue, (_, signal) => {
        void impatient.then((consumer) => consumer.close(10));
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
      });
      void impatient.then(() => consume(queue, ({ target }) => Promise.resolve(resolve(target))));
    });
    await queue.add([{ kind: 'simulation', target: 'a' }]);
    expect(await started).toBe('a');
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
    await queue.close();
  });
});

const consumers: JobConsumer[] = [];

async function consume(queue: BullQueue, handler: JobHandler): Promise<JobConsumer> {
  const consumer = await queue.consume({ handlers: { simulation: handler, comparison: handler, batch: handler }, concurrency: 1, onGivenUp: () => Promise.reject(new Error('given up')) });
  consumers.push(consumer);
  return consumer;
}

