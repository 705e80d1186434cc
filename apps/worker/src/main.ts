import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLog, openBackend, readConfiguration, whenAskedToStop } from '@worldline/platform';
import type { ProcessHost } from '@worldline/platform';
import { WorkerModule } from './worker.module.js';

/** The worker process; it resolves when the worker takes jobs. */
export async function main({ root, bundle }: ProcessHost): Promise<void> {
  const configuration = readConfiguration(process.env);
  const log = createLog('worker', configuration.logLevel);
  const { concurrency, graceMs } = configuration;
  const backend = await openBackend({ configuration, name: 'worker', log, root, bundle, threads: concurrency });
  const app = await NestFactory.createApplicationContext(WorkerModule.on(backend, { concurrency, graceMs }, log), { logger: ['error', 'warn'], abortOnError: false });
  whenAskedToStop(log, () => app.close());
  process.send?.({ ready: true });
}
