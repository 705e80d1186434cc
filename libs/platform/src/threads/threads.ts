/** Heavy work on threads of their own, so that the event loop keeps answering and keeps saying that it lives. */
import { MessageChannel } from 'node:worker_threads';
import type { Job, Progress, StopSignal, Workbench } from '@worldline/application';
import { Piscina } from 'piscina';
import type { Performed, ThreadData } from './thread.js';

export interface ThreadsOptions {
  /** The bundle of `thread.ts`. */
  readonly file: string;
  readonly databaseUrl: string;
  /** At most. */
  readonly count: number;
  readonly memoryMiB: number;
}

const IDLE_MS = 60_000;

export class Threads implements Workbench {
  private readonly pool: Piscina;

  constructor({ file, databaseUrl, count, memoryMiB }: ThreadsOptions) {
    this.pool = new Piscina({
      filename: file,
      minThreads: 1,
      maxThreads: count,
      idleTimeout: IDLE_MS,
      workerData: { databaseUrl } satisfies ThreadData,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    });
  }

  openArchive: Workbench['openArchive'] = (bytes) => this.pool.run(bytes, { name: 'openArchive' });
  inspect: Workbench['inspect'] = (tree) => this.pool.run(tree, { name: 'inspect' });
  checkScenario: Workbench['checkScenario'] = (digest, scenario) => this.pool.run([digest, scenario], { name: 'checkScenario' });
  checkBatch: Workbench['checkBatch'] = (request) => this.pool.run(request, { name: 'checkBatch' });

  /** Does a job; what it asks for next. When the signal aborts its thread ends at once, and this throws. */
  async perform(job: Job, { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void }): Promise<Performed> {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', onProgress);
    try {
      return (await this.pool.run({ job, port: port2 }, { name: 'perform', transferList: [port2], signal })) as Performed;
    } finally {
      port1.close();
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

/** An AbortSignal that follows another one. */
export function following(signal: StopSignal): AbortController {
  const own = new AbortController();
  if (signal.aborted) own.abort();
  signal.addEventListener('abort', () => own.abort());
  return own;
}
