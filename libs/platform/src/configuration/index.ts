/** Settings of the service's processes: environment variables, checked once at the start. */
import { availableParallelism } from 'node:os';
import { OperatingError } from '@worldline/application';
import { z } from 'zod';

/** An empty variable is one that is not set: that is how compose files leave it out. */
const emptyIsUnset = (value: unknown): unknown => (value === '' ? undefined : value);
const setting = <T extends z.ZodType>(schema: T): z.ZodPreprocess<T> => z.preprocess(emptyIsUnset, schema);

const schema = z.object({
  DATABASE_URL: setting(z.url({ protocol: /^postgres(ql)?$/ })),
  REDIS_URL: setting(z.url({ protocol: /^rediss?$/ }).optional()),
  HOST: setting(z.string().default('127.0.0.1')),
  PORT: setting(z.coerce.number().int().min(0).max(65535).default(8080)),
  LOG_LEVEL: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info')),
  /** Simulations at the same time in one worker process. */
  WORLDLINE_CONCURRENCY: setting(z.coerce.number().int().min(1).max(256).default(Math.max(1, Math.floor(availableParallelism() / 2)))),
  WORLDLINE_THREAD_MEMORY_MIB: setting(z.coerce.number().int().min(64).default(4096)),
  /** How long a worker that is asked to stop waits for what it is at. */
  WORLDLINE_GRACE_MS: setting(z.coerce.number().int().min(0).default(5000)),
  /** A worker that has not said for this long that it lives loses its jobs to another. */
  WORLDLINE_LOCK_MS: setting(z.coerce.number().int().min(500).default(5000)),
  /** Folder of the built explorer. */
  WORLDLINE_EXPLORER: setting(z.string().optional()),
  /** Name of the jobs' schema in Postgres, or of their keys in Redis. */
  WORLDLINE_JOBS: setting(z.string().regex(/^[a-z][a-z0-9_]{0,40}$/).default('bullmq')),
});

export interface Configuration {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly host: string;
  readonly port: number;
  readonly logLevel: z.infer<typeof schema>['LOG_LEVEL'];
  readonly concurrency: number;
  readonly threadMemoryMiB: number;
  readonly graceMs: number;
  readonly lockMs: number;
  readonly explorer: string | null;
  readonly jobs: string;
}

/** Reads the environment; what is wrong is said by name, all of it at once. */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const { data, error } = schema.safeParse(environment);
  if (error) throw new OperatingError(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL ?? null,
    host: data.HOST,
    port: data.PORT,
    logLevel: data.LOG_LEVEL,
    concurrency: data.WORLDLINE_CONCURRENCY,
    threadMemoryMiB: data.WORLDLINE_THREAD_MEMORY_MIB,
    graceMs: data.WORLDLINE_GRACE_MS,
    lockMs: data.WORLDLINE_LOCK_MS,
    explorer: data.WORLDLINE_EXPLORER ?? null,
    jobs: data.WORLDLINE_JOBS,
  };
}
