import type { Command } from 'commander';
import { EXIT_REFUSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import type { Session } from '../session.js';

const LATER = ['explain', 'render', 'lint', 'capture'];

/** Commands of other versions that this one does not have: refused by name, and not listed. */
export function addLater(program: Command, { terminal }: Session, end: (code: ExitCode) => void): void {
  for (const name of LATER) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .helpOption(false)
      .argument('[words...]')
      .action(() => {
        terminal.writeError(`worldline: this version has no '${name}' command\n`);
        end(EXIT_REFUSED);
      });
  }
}
