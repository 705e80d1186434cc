/** Reads the command lines that a scenario's events and notes of operators hold (POSIX.1-2024, 2.9 Shell Commands, without the compound ones). */
import { Lexer } from './lexer.js';
import type { HereDocument, Token } from './lexer.js';
import type { CommandInput, CommandOutput, Pipeline, Script, ShellFault, SimpleCommand } from './script.js';

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', 'function', 'select', '{', '}', '[[']);

export interface ParsedScript {
  readonly script: Script;
  readonly faults: readonly ShellFault[];
}

/** Reads a script. With faults, the script is what could be read and must not be carried out. */
export function parseScript(text: string): ParsedScript {
  const parser = new Parser(text);
  const pipelines = parser.list();
  return { script: { pipelines }, faults: parser.faults };
}

class Parser {
  private readonly lexer: Lexer;
  private token: Token;

  constructor(private readonly text: string) {
    this.lexer = new Lexer(text);
    this.token = this.lexer.next();
  }

  get faults(): readonly ShellFault[] {
    return this.lexer.faults;
  }

  list(): Pipeline[] {
    const pipelines: Pipeline[] = [];
    let condition: Pipeline['condition'] = 'always';
    for (;;) {
      while (this.token.kind === 'newline') this.advance();
      if (this.token.kind === 'end') {
        if (condition !== 'always') this.fault(`nothing follows ${condition === 'success' ? '&&' : '||'}`, condition === 'success' ? '&&' : '||');
        return pipelines;
      }
      const pipeline = this.pipeline(condition);
      if (pipeline) pipelines.push(pipeline);
      if (this.isOperator('&&') || this.isOperator('||')) {
        condition = this.token.text === '&&' ? 'success' : 'failure';
        this.advance();
      } else {
        condition = 'always';
        if (this.token.kind === 'operator') {
          if (!this.isOperator(';')) this.fault(this.token.text === '&' ? 'nothing runs in the background here' : `${this.token.text} cannot stand here`, this.token.text);
          this.advance();
        }
      }
    }
  }

  private pipeline(condition: Pipeline['condition']): Pipeline | null {
    let isNegated = false;
    while (this.token.kind === 'word' && this.token.text === '!' && !this.token.isQuoted) {
      isNegated = !isNegated;
      this.advance();
    }
    const drafts: CommandDraft[] = [];
    for (;;) {
      const draft = this.command(drafts.length > 0);
      if (draft) drafts.push(draft);
      if (!this.isOperator('|')) break;
      if (!draft) this.fault('nothing stands before |', '|');
      this.advance();
      while (this.token.kind === 'newline') this.advance();
      if (this.token.kind === 'end') this.fault('nothing follows |', '|');
    }
    return drafts.length === 0 ? null : { condition, isNegated, commands: drafts.map((draft, i) => draft.finish(i < drafts.length - 1)) };
  }

  private command(isFed: boolean): CommandDraft | null {
    const { line, column } = this.lexer.placeOf(this.token.at);
    const draft = new CommandDraft(line, column, isFed);
    let hasAny = false;
    for (;;) {
      const { token } = this;
      if (token.kind === 'word') {
        if (draft.argv.length === 0 && !token.isQuoted) this.checkFirst(token);
        draft.argv.push(token.text);
        this.advance();
      } else if (token.kind === 'operator' && /[<>]/.test(token.text)) this.redirection(draft);
      else if (token.kind === 'operator' && /^[()]$/.test(token.text)) {
        this.fault('there are no subshells here', token.text);
        this.advance();
      } else break;
      hasAny = true;
    }
    if (!hasAny && this.token.kind === 'operator') this.fault(`${this.token.text} stands where a command is expected`, this.token.text);
    else if (hasAny && draft.argv.length === 0) this.fault('a redirection without a command', this.text.slice(0, 20));
    return draft.argv.length === 0 ? null : draft;
  }

  private checkFirst(token: Token): void {
    if (RESERVED.has(token.text)) this.fault(`${token.text} is not taken here: only plain commands are`, token.text);
    else if (/^[A-Za-z_]\w*=/.test(token.text)) this.fault(`${token.text} sets a variable, and there are none here`, token.text);
  }

  private redirection(draft: CommandDraft): void {
    const operator = this.token;
    this.advance();
    const target = this.token;
    if (target.kind !== 'word') return this.fault(`nothing follows ${operator.text}`, operator.text);
    const [, digit = '', sign = ''] = /^([012]?)(.*)$/.exec(operator.text) ?? [];
    // The here-document is announced before the lexer moves on to the end of its line.
    if (sign === '<<' || sign === '<<-') draft.document = this.lexer.expectDocument(target, sign === '<<-');
    else if (sign === '<<<') draft.input = { kind: 'text', text: `${target.text}\n` };
    else if (sign === '<') draft.input = target.text === '/dev/null' ? { kind: 'text', text: '' } : { kind: 'file', path: target.text };
    else if (sign === '>&' && /^[12]$/.test(target.text)) draft.duplicate(digit === '2' ? 2 : 1, target.text === '2' ? 2 : 1);
    else if (['>', '>>', '>|', '&>', '&>>', '>&'].includes(sign) && digit !== '0') {
      if (target.text !== '/dev/null') this.lexer.fault(`output can go to /dev/null only, not to ${target.text}`, target.text, target.at);
      draft.discard(sign.startsWith('&') || sign === '>&' ? 'both' : digit === '2' ? 2 : 1);
    } else this.lexer.fault(`the redirection ${operator.text} is not taken here`, operator.text, operator.at);
    this.advance();
  }

  private isOperator(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text;
  }

  private advance(): void {
    this.token = this.lexer.next();
  }

  private fault(message: string, word: string): void {
    this.lexer.fault(message, word, this.token.at);
  }
}

/** A command while its redirections are read; they take effect from left to right. */
class CommandDraft {
  readonly argv: string[] = [];
  input: CommandInput;
  document: HereDocument | null = null;
  private output: CommandOutput | null = null;
  private errors: CommandOutput | 'output' = 'show';

  constructor(
    private readonly line: number,
    private readonly column: number,
    isFed: boolean,
  ) {
    this.input = isFed ? { kind: 'pipe' } : { kind: 'none' };
  }

  discard(which: 1 | 2 | 'both'): void {
    if (which !== 2) {
      // `2>&1 >/dev/null`: errors go where the output went before.
      this.output = 'discard';
    }
    if (which !== 1) this.errors = 'discard';
  }

  duplicate(which: 1 | 2, of: 1 | 2): void {
    if (which === 2 && of === 1) this.errors = this.output ?? 'output';
    else if (which === 1 && of === 2) this.output = this.errors === 'output' ? this.output : this.errors;
  }

  finish(isPiped: boolean): SimpleCommand {
    const standard: CommandOutput = isPiped ? 'pipe' : 'show';
    const input: CommandInput = this.document ? { kind: 'text', text: this.document.text } : this.input;
    const errors = this.errors === 'output' ? standard : this.errors;
    return { argv: this.argv, input, output: this.output ?? standard, errors, line: this.line, column: this.column };
  }
}
