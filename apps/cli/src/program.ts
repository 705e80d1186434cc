import { Command, CommanderError } from 'commander';
import { addCompare } from './commands/compare.js';
import { addLater } from './commands/later.js';
import { addProve } from './commands/prove.js';
import { addRun } from './commands/run.js';
import { addServe } from './commands/serve.js';
import { addTrace } from './commands/trace.js';
import { addWhatIf } from './commands/what-if.js';
import { EXIT_PASSED, EXIT_REFUSED } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import type { Session } from './session.js';

/** Carries out one command line; the exit code says how it ended. Operating errors are thrown. */
export async function carryOut(args: readonly string[], session: Session): Promise<ExitCode> {
  const { terminal, version } = session;
  let code: ExitCode = EXIT_PASSED;
  const end = (result: ExitCode): void => {
    code = result;
  };
  const program = new Command('worldline')
    .description('Simulates how packets cross a Kubernetes cluster, rule by rule, from captured or generated node state.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.write(text), writeErr: (text) => terminal.writeError(text), outputError: (text, write) => write(text.replace(/^error: /, 'worldline: ')) })
    .showHelpAfterError('(worldline --help lists the commands and their options)')
    .helpCommand(false);
  for (const add of [addRun, addTrace, addWhatIf, addCompare, addProve, addServe, addLater]) add(program, session, end);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_PASSED : EXIT_REFUSED;
  }
  return code;
}
