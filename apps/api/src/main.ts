import { createLog, openBackend, readConfiguration, whenAskedToStop } from '@worldline/platform';
import type { ProcessHost } from '@worldline/platform';
import { createApp } from './create-app.js';
import { DEFAULT_BODY_LIMITS } from './http/index.js';

/** Threads for reading what is posted. */
const THREADS = 2;

/** The HTTP process; it resolves when it listens. */
export async function main({ root, bundle }: ProcessHost): Promise<void> {
  const configuration = readConfiguration(process.env);
  const { host, port, explorer, logLevel } = configuration;
  const log = createLog('api', logLevel);
  const backend = await openBackend({ configuration, name: 'api', log, root, bundle, threads: THREADS });
  const app = await createApp(backend.tools, { limits: DEFAULT_BODY_LIMITS, explorer, hasGraphiql: isLoopback(host), log: logLevel === 'silent' ? false : { level: logLevel } });
  await app.listen(port, host);
  const { port: bound } = app.getHttpServer().address() as { port: number };
  log.info({ host, port: bound }, 'the API listens');
  whenAskedToStop(log, async () => {
    await app.close();
    await backend.close();
  });
  process.send?.({ ready: true, port: bound });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
