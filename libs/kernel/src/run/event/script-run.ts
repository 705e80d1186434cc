/** One script on one machine, from one `sleep` to the next. */
import { isBuiltinFault, parseScript, runBuiltin, sleepTime, type Pipeline, type SimpleCommand } from '@worldline/language';
import type { Issue } from '@worldline/model';
import type { RunMachine } from '../network.js';

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output, for pipes. */
  readonly output: string;
  /** What the tool said on standard error. */
  readonly error: string;
  /** An error among them ends the run: a word that was not understood. */
  readonly issues: readonly Issue[];
}

/** Where a script is written, and in words what it is. */
export interface ScriptPlace {
  readonly said: string;
  readonly file?: string;
  readonly pointer?: string;
}

/** Carries out one command: `words[0]` is the tool. command/ provides it. */
export type ExecuteCommand = (machine: RunMachine, words: readonly string[], input: string) => CommandResult;

export class ScriptRun {
  readonly issues: Issue[] = [];
  /** When it goes on, microseconds; meaningless once it has ended. */
  wakeAt = 0;
  hasEnded = false;
  private readonly pipelines: readonly Pipeline[];
  private pipeline = 0;
  /** Position of the next command in its pipeline. */
  private command = 0;
  private exitCode = 0;
  private piped = '';

  constructor(
    readonly machine: RunMachine,
    script: string,
    private readonly standardInput: string | null,
    private readonly place: ScriptPlace,
  ) {
    const { script: parsed, faults } = parseScript(script);
    this.pipelines = parsed.pipelines;
    for (const { message, word, line, column } of faults) this.fail({ code: 'UnknownWord', severity: 'error', message, word, line, column });
  }

  /** Runs up to the next `sleep` or the end. */
  proceed(now: number, execute: ExecuteCommand): void {
    for (; !this.hasEnded && this.pipeline < this.pipelines.length; this.pipeline++, this.command = 0) {
      const { condition, isNegated, commands } = this.pipelines[this.pipeline];
      const hasBegun = this.command > 0; // and slept
      const isSkipped = !hasBegun && condition !== 'always' && (condition === 'success') !== (this.exitCode === 0);
      while (!isSkipped && !this.hasEnded && this.command < commands.length) {
        const pause = this.runOne(commands[this.command++], execute);
        if (isNegated && this.command === commands.length) this.exitCode = this.exitCode === 0 ? 1 : 0;
        if (pause > 0) {
          this.wakeAt = now + pause;
          return;
        }
      }
    }
    this.hasEnded = true;
  }

  /** Runs a command; microseconds that it sleeps. */
  private runOne(command: SimpleCommand, execute: ExecuteCommand): number {
    const input = this.inputOf(command);
    if (this.hasEnded) return 0;
    const sleep = sleepTime(command.argv);
    if (typeof sleep === 'number') {
      this.exitCode = 0;
      return sleep;
    }
    const own = sleep ?? runBuiltin(command.argv, input);
    if (isBuiltinFault(own)) {
      this.fail({ code: 'UnknownWord', severity: 'error', ...own, line: command.line, column: command.column });
      return 0;
    }
    const result = own === null ? execute(this.machine, command.argv, input) : { exitCode: own.status, output: own.output, issues: [] };
    this.exitCode = result.exitCode;
    this.piped = command.output === 'pipe' ? result.output : '';
    for (const issue of result.issues) {
      if (issue.severity === 'error') this.fail(issue);
      else this.issues.push(this.placed(issue));
    }
    return 0;
  }

  private inputOf({ input }: SimpleCommand): string {
    switch (input.kind) {
      case 'text':
        return input.text;
      case 'pipe':
        return this.piped;
      case 'none':
        return this.standardInput ?? '';
      case 'file':
        if (input.path === '/dev/null') return '';
        if (this.standardInput === null) this.fail({ code: 'UnknownWord', severity: 'error', message: `${input.path} cannot be read here; give its text as stdin`, word: input.path });
        return this.standardInput ?? '';
    }
  }

  private fail(issue: Issue): void {
    this.issues.push(this.placed(issue));
    this.hasEnded = true;
  }

  /** What names no file is at fault where the event is written; `standard input` is what the event gives. */
  private placed(issue: Issue): Issue {
    const { said, ...place } = this.place;
    const inner = issue.file === undefined ? '' : ` ${[issue.file, issue.line].filter((x) => x !== undefined).join(':')}:`;
    const { line: _line, column: _column, ...rest } = issue;
    return { ...rest, message: `${said}:${inner} ${issue.message}`, ...place };
  }
}
