import { OperatingError } from '@worldline/application';
import { NodeFiles } from './adapters/index.js';
import { EXIT_NOT_COMPLETED } from './exit-code.js';
import { carryOut } from './program.js';
import { processTerminal } from './terminal.js';
import { createTools } from './tools.js';

/** What the launcher knows about the installation. */
export interface Host {
  version: string;
  /** Absolute path of the checkout. */
  root: string;
}

/** Runs one command line (without the program's name) and returns its exit code. */
export async function main(args: readonly string[], { version, root }: Host): Promise<number> {
  const terminal = processTerminal();
  try {
    return await carryOut(args, { terminal, version, root, tools: createTools(new NodeFiles()) });
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    terminal.writeError(`worldline: ${error.message}\n`);
    return EXIT_NOT_COMPLETED;
  }
}
