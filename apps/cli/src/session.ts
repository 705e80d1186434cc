import type { Tools } from '@worldline/application';
import { formatIssue } from '@worldline/model';
import type { Issue } from '@worldline/model';
import { EXIT_REFUSED } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import type { Terminal } from './terminal.js';

/** What a command works with. */
export interface Session {
  readonly terminal: Terminal;
  readonly tools: Tools;
  /** Version of this installation. */
  readonly version: string;
  /** Absolute path of the checkout. */
  readonly root: string;
}

const ISSUES_SHOWN = 20;

/** Says on standard error what was wrong with the input, worst first, and gives the exit code for it. */
export function refuse(terminal: Terminal, issues: readonly Issue[]): ExitCode {
  const errors = issues.filter(({ severity }) => severity === 'error');
  const shown = errors.length > 0 ? errors : issues;
  for (const issue of shown.slice(0, ISSUES_SHOWN)) terminal.writeError(`${formatIssue(issue)}\n`);
  if (shown.length > ISSUES_SHOWN) terminal.writeError(`... and ${shown.length - ISSUES_SHOWN} more\n`);
  return EXIT_REFUSED;
}
