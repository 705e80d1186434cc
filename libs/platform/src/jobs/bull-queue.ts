/**
 * Jobs by BullMQ: on Redis where there is one, else in the same Postgres as everything else. One code path; the backend is a factory.
 *
 * A job's id is what it is for, so a job that waits or is at work is not added again; done jobs are removed, so that it can be.
 */
import { JOB_KINDS } from '@worldline/application';
import type { Job, JobConsumer, JobHandler, JobKind, JobQueue, JobSource } from '@worldline/application';
import { WaitingError, createPostgresBackend, createRedisBackend, withBackend } from 'bullmq';
import type { Processor, Queue, Worker } from 'bullmq';

export interface BullOptions {
  readonly databaseUrl: string;
  /** Null: jobs stand in Postgres. */
  readonly redisUrl: string | null;
  /** Told apart in a shared Redis, or as a schema in Postgres. */
  readonly prefix: string;
  readonly onError: (error: Error) => void;
  /** A worker that does not say within this time that it lives loses its job to another. */
  readonly lockMs?: number;
}

const QUEUE = 'jobs';
const ATTEMPTS = 3;
const RETRY_DELAY_MS = 200;
/** Workers say that they live twice in this time; their event loop is free, because simulations run on threads. */
const LOCK_MS = 5000;
/** Connections of one queue or worker; each has one more to listen. */
const POSTGRES_CONNECTIONS = 4;
/** A job may lose its worker this often: deploying twice in an hour must not give it up. */
const LOST_WORKERS = 10;

type Data = Pick<Job, 'target'> & { readonly cause?: string };

interface Made {
  readonly queue: Queue<Data>;
  readonly work: (processor: Processor<Data, void>, concurrency: number) => Worker<Data, void>;
}

export class BullQueue implements JobQueue, JobSource {
  private readonly made: Made;

  constructor(private readonly options: BullOptions) {
    this.made = options.redisUrl === null ? onPostgres(options) : onRedis(options, options.redisUrl);
    this.made.queue.on('error', options.onError);
  }

  async add(jobs: readonly Job[]): Promise<void> {
    await this.made.queue.addBulk(
      jobs.map(({ kind, target, cause }) => ({
        name: kind,
        data: { target, ...(cause === undefined ? {} : { cause }) },
        opts: { jobId: [kind, target, ...(cause === undefined ? [] : [cause])].join('.'), attempts: ATTEMPTS, backoff: { type: 'fixed', delay: RETRY_DELAY_MS }, removeOnComplete: true, removeOnFail: true },
      })),
    );
  }

  async counts(): ReturnType<JobQueue['counts']> {
    const { waiting = 0, active = 0, delayed = 0, failed = 0, prioritized = 0 } = await this.made.queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'prioritized');
    return { waiting: waiting + prioritized, active, delayed, failed };
  }

  async consume({ handlers, concurrency, onGivenUp }: Parameters<JobSource['consume']>[0]): Promise<JobConsumer> {
    const stopping = new AbortController();
    const worker = this.made.work(async (queued, token) => {
      const job = jobOf(queued.name, queued.data);
      try {
        await handlerOf(handlers, job)(job, stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        // Given back, for another worker: this is no failed attempt.
        await queued.moveToWait(token);
        throw new WaitingError();
      }
    }, concurrency);
    const givingUp = new Set<Promise<void>>();
    worker.on('error', this.options.onError);
    worker.on('failed', (failed, error) => {
      if (!failed || (failed.attemptsMade < ATTEMPTS && failed.finishedOn === undefined)) return;
      const work = onGivenUp(jobOf(failed.name, failed.data), error).catch(this.options.onError).finally(() => givingUp.delete(work));
      givingUp.add(work);
    });
    await worker.waitUntilReady();
    return {
      close: async (graceMs) => {
        const timer = graceMs === undefined ? undefined : setTimeout(() => stopping.abort(), graceMs);
        await worker.close();
        clearTimeout(timer);
        await Promise.all(givingUp);
      },
    };
  }

  async close(): Promise<void> {
    await this.made.queue.close();
  }
}

function onPostgres({ databaseUrl, prefix, lockMs = LOCK_MS }: BullOptions): Made {
  const bound = withBackend(createPostgresBackend);
  const connection = { connectionString: databaseUrl, schema: prefix, migrate: true, max: POSTGRES_CONNECTIONS };
  return {
    queue: new bound.Queue<Data>(QUEUE, { connection }) as unknown as Queue<Data>,
    work: (processor, concurrency) => new bound.Worker<Data, void>(QUEUE, processor, { connection, concurrency, ...stalling(lockMs) }) as unknown as Worker<Data, void>,
  };
}

function onRedis({ prefix, lockMs = LOCK_MS }: BullOptions, url: string): Made {
  const bound = withBackend(createRedisBackend);
  const connection = { url, maxRetriesPerRequest: null };
  return {
    queue: new bound.Queue<Data>(QUEUE, { connection, prefix }) as unknown as Queue<Data>,
    work: (processor, concurrency) => new bound.Worker<Data, void>(QUEUE, processor, { connection, prefix, concurrency, ...stalling(lockMs) }) as unknown as Worker<Data, void>,
  };
}

function stalling(lockMs: number): { lockDuration: number; stalledInterval: number; maxStalledCount: number } {
  return { lockDuration: lockMs, stalledInterval: lockMs / 2, maxStalledCount: LOST_WORKERS };
}

function jobOf(kind: string, { target, cause }: Data): Job {
  return { kind: kind as JobKind, target, ...(cause === undefined ? {} : { cause }) };
}

function handlerOf(handlers: Readonly<Record<JobKind, JobHandler>>, { kind }: Job): JobHandler {
  if (!JOB_KINDS.includes(kind)) throw new Error(`a job of the unknown kind ${kind}`);
  return handlers[kind];
}
