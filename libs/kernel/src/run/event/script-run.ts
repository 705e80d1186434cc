/** One script on one machine, from one `sleep` to the next. */
import { parseDuration, type Issue } from '@worldline/model';
import type { RunMachine } from '../network.js';
import { readShell, type ShellCommand } from './shell.js';

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output, for pipes. */
  readonly output: string;
  /** What the tool said on standard error. */
  readonly error: string;
  /** An error among them ends the run: a word that was not understood. */
  readonly issues: readonly Issue[];
}

/** Carries out one command: `words[0]` is the tool. command/ provides it. */
export type ExecuteCommand = (machine: RunMachine, words: readonly string[], input: string) => CommandResult;

const DONE: CommandResult = { exitCode: 0, output: '', error: '', issues: [] };

export class ScriptRun {
  readonly issues: Issue[] = [];
  /** When it goes on, microseconds; meaningless once it has ended. */
  wakeAt = 0;
  hasEnded = false;
  private readonly commands: readonly ShellCommand[];
  private position = 0;
  private exitCode = 0;
  private piped = '';

  constructor(
    readonly machine: RunMachine,
    script: string,
    private readonly standardInput: string | null,
    private readonly place: string,
  ) {
    const { commands, issues } = readShell(script);
    this.commands = commands;
    this.issues.push(...issues.map((issue) => ({ ...issue, file: place })));
    if (issues.length > 0) this.hasEnded = true;
  }

  /** Runs up to the next `sleep` or the end. */
  proceed(now: number, execute: ExecuteCommand): void {
    while (!this.hasEnded && this.position < this.commands.length) {
      const command = this.commands[this.position++];
      if (this.isSkipped(command)) continue;
      if (command.words[0] === 'sleep') {
        const us = sleepTime(command.words);
        if (us === null) {
          this.fail({ code: 'UnknownOption', severity: 'error', message: `sleep ${command.words.slice(1).join(' ')} is not understood`, word: command.words[1] ?? '' });
          return;
        }
        this.exitCode = 0;
        this.wakeAt = now + us;
        return;
      }
      const result = builtin(command, this.inputOf(command)) ?? execute(this.machine, command.words, this.inputOf(command));
      this.exitCode = result.exitCode;
      this.piped = command.isOutputDiscarded ? '' : result.output;
      for (const issue of result.issues) {
        if (issue.severity === 'error') this.fail(issue);
        else this.issues.push({ ...issue, file: issue.file ?? this.place });
      }
    }
    this.hasEnded = true;
  }

  private isSkipped({ joint }: ShellCommand): boolean {
    if (joint === '&&') return this.exitCode !== 0;
    return joint === '||' && this.exitCode === 0;
  }

  private inputOf(command: ShellCommand): string {
    if (command.input !== null) return command.input;
    return command.joint === '|' ? this.piped : (this.standardInput ?? '');
  }

  private fail(issue: Issue): void {
    this.issues.push({ ...issue, file: issue.file ?? this.place });
    this.hasEnded = true;
  }
}

/** What a shell does itself, and `cat`; null for everything else. */
function builtin(command: ShellCommand, input: string): CommandResult | null {
  const [name, ...words] = command.words;
  switch (name) {
    case 'true':
    case ':':
      return DONE;
    case 'false':
      return { ...DONE, exitCode: 1 };
    case 'echo':
      return { ...DONE, output: `${words[0] === '-e' || words[0] === '-n' ? escaped(words.slice(1).join(' ')) : words.join(' ')}\n` };
    case 'printf':
      return words.length === 1 ? { ...DONE, output: escaped(words[0]) } : null;
    case 'cat':
      return words.length === 0 || (words.length === 1 && words[0] === '-') ? { ...DONE, output: input } : null;
    default:
      return null;
  }
}

function escaped(text: string): string {
  return text.replace(/\\([nt\\])/g, (_, c: string) => (c === 'n' ? '\n' : c === 't' ? '\t' : '\\'));
}

/** `sleep N[s|m|h]...`: the sum. */
function sleepTime(words: readonly string[]): number | null {
  if (words.length < 2) return null;
  let sum = 0;
  for (const word of words.slice(1)) {
    const us = parseDuration(/^[\d.]+$/.test(word) ? `${word.startsWith('.') ? '0' : ''}${word}s` : word);
    if (us === null) return null;
    sum += us;
  }
  return sum;
}
