/** What the service's processes have in common. */
import type { Log } from '../logging/index.js';

/** Where a process runs from. */
export interface ProcessHost {
  /** The repository's root. */
  readonly root: string;
  /** Folder of the bundle that it runs from. */
  readonly bundle: string;
}

/** Ends the process when somebody asks: by signal, or by going away (the process that started it with a channel). A second signal ends it at once. */
export function whenAskedToStop(log: Log, stop: () => Promise<void>): void {
  let isStopping = false;
  const end = (why: string): void => {
    if (isStopping && why !== 'disconnect') process.exit(1);
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ reason: (error as Error).message }, 'could not stop properly');
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => end(signal));
  if (process.channel) process.on('disconnect', () => end('disconnect'));
}
