import type { Command } from 'commander';
import { EXIT_NOT_COMPLETED, EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';

/** `worldline serve`: all of the service until somebody ends it. */
export function addServe(program: Command, session: Session, end: (code: ExitCode) => void): void {
  program
    .command('serve')
    .description('run the API, the explorer and workers; with a database of its own, or with DATABASE_URL and REDIS_URL')
    .action(async () => end(await serve(session)));
}

async function serve({ terminal, tools, root }: Session): Promise<ExitCode> {
  const asked = askedToStop();
  // What only a service needs is loaded when one is started.
  const { startService } = await import('../serve/service.js');
  const starting = startService({ root, env: process.env, tools, tell: (line) => terminal.write(`${line}\n`), warn: (line) => terminal.writeError(`worldline: ${line}\n`) });
  // Asked while it starts: it starts, and then ends in order.
  const service = await starting;
  terminal.write(`Worldline is at ${service.url} (Ctrl-C ends it)\n`);
  const isAsked = await Promise.race([asked.then(() => true), service.broken.then(() => false)]);
  if (!isAsked) terminal.writeError('worldline: the database has ended\n');
  await service.stop();
  return isAsked ? EXIT_PASSED : EXIT_NOT_COMPLETED;
}

function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
