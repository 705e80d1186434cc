/** What a command of a node comes to. */
import type { Issue } from '@worldline/model';

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output. */
  readonly output: string;
  /** What the tool says on standard error. */
  readonly error: string;
  /** Words that were not understood; an error among them ends the run. */
  readonly issues: readonly Issue[];
}

export function done(output = ''): CommandResult {
  return { exitCode: 0, output, error: '', issues: [] };
}

/** The tool refuses, as it would on a node. */
export function refused(error: string, exitCode = 1): CommandResult {
  return { exitCode, output: '', error, issues: [] };
}

/** A word that we do not know. */
export function notUnderstood(tool: string, word: string, error: string): CommandResult {
  const message = `${tool}: '${word}' is not understood`;
  return { exitCode: 2, output: '', error, issues: [{ code: 'UnknownWord', severity: 'error', message, word }] };
}
