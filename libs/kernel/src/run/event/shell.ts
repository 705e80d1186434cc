/**
 * The little shell of an event's `run`: commands joined by `;`, newline, `&&`, `||` and `|`, quotes, here-documents, here-strings and redirections (POSIX.1-2024, Shell Command Language).
 * What it does not know (loops, substitutions, variables) it says by name; it never guesses.
 */
import type { Issue } from '@worldline/model';

export type Joint = ';' | '&&' | '||' | '|';

export interface ShellCommand {
  readonly words: readonly string[];
  /** How it hangs together with the command before it; the first one has `;`. */
  readonly joint: Joint;
  /** A here-document or here-string, else null. */
  readonly input: string | null;
  /** Its output goes somewhere where nobody reads it. */
  readonly isOutputDiscarded: boolean;
}

export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  readonly issues: readonly Issue[];
}

const UNKNOWN_WORDS = new Set(['if', 'for', 'while', 'until', 'case', 'function', '{', '(', '!', 'do', 'then', 'eval', 'exec']);

/** Reads a script. With issues the commands must not be run. */
export function readShell(text: string): ShellScript {
  return new ShellReader(text).read();
}

interface OpenCommand {
  words: string[];
  joint: Joint;
  input: string | null;
  isOutputDiscarded: boolean;
}

class ShellReader {
  private at = 0;
  private readonly commands: ShellCommand[] = [];
  private readonly issues: Issue[] = [];
  private open: OpenCommand = blankCommand(';');
  /** Here-documents whose text begins at the next line. */
  private readonly waiting: { command: OpenCommand; end: string; isTabbed: boolean }[] = [];

  constructor(private readonly text: string) {}

  read(): ShellScript {
    while (this.at < this.text.length && this.issues.length === 0) this.step();
    this.finish(';');
    if (this.waiting.length > 0) this.complain('UnterminatedHereDocument', `here-document without its end ${this.waiting[0].end}`, this.waiting[0].end);
    return { commands: this.commands, issues: this.issues };
  }

  private step(): void {
    const { text } = this;
    const c = text[this.at];
    if (c === ' ' || c === '\t' || c === '\r') this.at++;
    else if (text.startsWith('\\\n', this.at)) this.at += 2;
    else if (c === '#') this.at = lineEnd(text, this.at);
    else if (c === '\n') this.newLine();
    else if (text.startsWith('&&', this.at)) this.join('&&', 2);
    else if (text.startsWith('||', this.at)) this.join('||', 2);
    else if (c === ';') this.join(';', 1);
    else if (c === '|') this.join('|', 1);
    else if (c === '&') this.complain('UnmodelledShell', 'commands in the background are not modelled', '&');
    else if (/^\d*[<>]/.test(text.slice(this.at, this.at + 3))) this.redirect();
    else this.open.words.push(this.word());
  }

  private newLine(): void {
    this.at++;
    this.finish(';');
    for (const { command, end, isTabbed } of this.waiting.splice(0)) command.input = this.hereDocument(end, isTabbed);
  }

  private hereDocument(end: string, isTabbed: boolean): string {
    const lines: string[] = [];
    while (this.at < this.text.length) {
      const stop = lineEnd(this.text, this.at);
      const raw = this.text.slice(this.at, stop);
      const line = isTabbed ? raw.replace(/^\t+/, '') : raw;
      this.at = stop + 1;
      if (line === end) break;
      lines.push(`${line}\n`);
    }
    return lines.join('');
  }

  private redirect(): void {
    const match = /^(\d*)(<<<|<<-?|<|>>|>&|>)\s*/.exec(this.text.slice(this.at));
    if (match === null) return;
    this.at += match[0].length;
    const [, descriptor, operator] = match;
    const target = this.word();
    if (operator === '<<' || operator === '<<-') this.waiting.push({ command: this.open, end: target, isTabbed: operator === '<<-' });
    else if (operator === '<<<') this.open.input = `${target}\n`;
    else if (operator === '<') {
      if (target === '/dev/null') this.open.input = '';
      else this.complain('UnmodelledShell', `reading ${target} is not modelled; give it as stdin`, target);
    } else if (operator !== '>&' && descriptor !== '2') this.open.isOutputDiscarded = true;
  }

  private join(joint: Joint, length: number): void {
    this.at += length;
    this.finish(joint);
  }

  private finish(next: Joint): void {
    const { open } = this;
    if (open.words.length > 0) {
      const [first] = open.words;
      if (UNKNOWN_WORDS.has(first)) this.complain('UnmodelledShell', `the shell's ${first} is not modelled`, first);
      // a here-document's text comes later: the record that is filled is the one that is kept
      this.commands.push(open);
    } else if (next !== ';' || open.joint === '|') {
      this.complain('BadShell', `nothing stands before ${next}`, next);
    }
    this.open = blankCommand(open.words.length > 0 ? next : open.joint);
  }

  /** One word with its quotes taken off. */
  private word(): string {
    const { text } = this;
    let word = '';
    while (this.at < text.length) {
      const c = text[this.at];
      if (' \t\r\n;|&<>'.includes(c)) break;
      if (c === "'") {
        const end = text.indexOf("'", this.at + 1);
        if (end < 0) return this.complain('BadShell', 'a quote is not closed', "'");
        word += text.slice(this.at + 1, end);
        this.at = end + 1;
      } else if (c === '"') word += this.doubleQuoted();
      else if (c === '\\') {
        if (text[this.at + 1] !== '\n') word += text[this.at + 1] ?? '';
        this.at += 2;
      } else if (c === '`' || (c === '$' && /[A-Za-z_({?@*#\d]/.test(text[this.at + 1] ?? ''))) {
        return this.complain('UnmodelledShell', 'variables and substitutions are not modelled', text.slice(this.at, this.at + 12).split(/\s/)[0]);
      } else {
        word += c;
        this.at++;
      }
    }
    return word;
  }

  private doubleQuoted(): string {
    const { text } = this;
    let word = '';
    for (this.at++; this.at < text.length; this.at++) {
      const c = text[this.at];
      if (c === '"') {
        this.at++;
        return word;
      }
      if (c === '\\' && '"\\$`\n'.includes(text[this.at + 1] ?? '')) {
        this.at++;
        if (text[this.at] !== '\n') word += text[this.at];
      } else if (c === '`' || (c === '$' && /[A-Za-z_({?@*#\d]/.test(text[this.at + 1] ?? ''))) {
        return this.complain('UnmodelledShell', 'variables and substitutions are not modelled', text.slice(this.at, this.at + 12).split(/\s/)[0]);
      } else word += c;
    }
    return this.complain('BadShell', 'a quote is not closed', '"');
  }

  private complain(code: string, message: string, word: string): string {
    this.issues.push({ code, severity: 'error', message, word });
    this.at = this.text.length;
    return '';
  }
}

function blankCommand(joint: Joint): OpenCommand {
  return { words: [], joint, input: null, isOutputDiscarded: false };
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
