/** What a command line says, with nothing left to the shell: lists of pipelines of plain commands. */

export interface ShellFault {
  readonly message: string;
  /** What the shell would have had to understand. */
  readonly word: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export type CommandInput =
  | { readonly kind: 'none' }
  /** The output of the command before it in its pipeline. */
  | { readonly kind: 'pipe' }
  /** A here-document or a here-string. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string };

/** Where an output goes: into the pipe to the next command, to `/dev/null`, or to whoever ran the line. */
export type CommandOutput = 'pipe' | 'discard' | 'show';

export interface SimpleCommand {
  /** The command's name and its arguments, quotes resolved. */
  readonly argv: readonly string[];
  readonly input: CommandInput;
  readonly output: CommandOutput;
  readonly errors: CommandOutput;
  readonly line: number;
  readonly column: number;
}

export interface Pipeline {
  /** When it runs: always, if what ran last succeeded (`&&`), or if it failed (`||`). */
  readonly condition: 'always' | 'success' | 'failure';
  /** `!` before it turns its exit status round. */
  readonly isNegated: boolean;
  readonly commands: readonly SimpleCommand[];
}

export interface Script {
  readonly pipelines: readonly Pipeline[];
}
