/**
 * Words and operators of a POSIX shell (POSIX.1-2024, 2.2 Quoting and 2.3 Token Recognition).
 *
 * What a shell would look up somewhere (variables, commands, files, a home directory) is refused: there is no shell behind a simulated machine.
 */
import type { ShellFault } from './script.js';

export interface Token {
  readonly kind: 'word' | 'operator' | 'newline' | 'end';
  /** Quotes resolved; of an operator its characters. */
  readonly text: string;
  readonly isQuoted: boolean;
  readonly at: number;
}

export interface HereDocument {
  readonly text: string;
}

const OPERATORS = ['<<<', '&>>', '<<-', '&&', '||', ';;', '<<', '>>', '>&', '<&', '<>', '>|', '&>', ';', '&', '|', '<', '>', '(', ')'];
const BLANK = /[ \t\r]/;
const WORD_END = /[ \t\r\n;&|<>()]/;

export class Lexer {
  private at = 0;
  /** Here-documents begun on this line, whose text starts on the next. */
  private readonly pending: { delimiter: string; isQuoted: boolean; isStripped: boolean; document: { text: string } }[] = [];
  readonly faults: ShellFault[] = [];

  /** Where each line begins. */
  private readonly lineStarts: number[] = [0];

  constructor(private readonly source: string) {
    for (let i = source.indexOf('\n'); i >= 0; i = source.indexOf('\n', i + 1)) this.lineStarts.push(i + 1);
  }

  next(): Token {
    this.skipBlanks();
    const { source, at } = this;
    if (at >= source.length) {
      this.readPending();
      return this.token('end', '', at);
    }
    if (source[at] === '\n') {
      this.at++;
      this.readPending();
      return this.token('newline', '\n', at);
    }
    // A digit right before a redirection is the number of what it redirects.
    const numbered = /[012](?=[<>])/y;
    numbered.lastIndex = at;
    const prefix = numbered.exec(source)?.[0] ?? '';
    const operator = OPERATORS.find((one) => source.startsWith(one, at + prefix.length));
    if (operator === undefined) return this.word();
    this.at += prefix.length + operator.length;
    return this.token('operator', prefix + operator, at);
  }

  /** Announces a here-document; its text is filled in when the line has ended. */
  expectDocument(delimiter: Token, isStripped: boolean): HereDocument {
    const document = { text: '' };
    this.pending.push({ delimiter: delimiter.text, isQuoted: delimiter.isQuoted, isStripped, document });
    return document;
  }

  fault(message: string, word: string, at: number): void {
    this.faults.push({ message, word, ...this.placeOf(at) });
  }

  /** Line and column of an offset, counted from 1. */
  placeOf(at: number): { line: number; column: number } {
    let low = 0;
    let high = this.lineStarts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.lineStarts[middle] as number) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (this.lineStarts[low] as number) + 1 };
  }

  private token(kind: Token['kind'], text: string, at: number, isQuoted = false): Token {
    return { kind, text, isQuoted, at };
  }

  private skipBlanks(): void {
    const { source } = this;
    for (;;) {
      if (BLANK.test(source[this.at] ?? '')) this.at++;
      else if (source.startsWith('\\\n', this.at)) this.at += 2;
      else if (source[this.at] === '#') {
        const end = source.indexOf('\n', this.at);
        this.at = end < 0 ? source.length : end;
      } else return;
    }
  }

  private word(): Token {
    const { source } = this;
    const start = this.at;
    const parts: string[] = [];
    let isQuoted = false;
    let hasPattern = false;
    while (this.at < source.length) {
      const c = source[this.at] as string;
      if (WORD_END.test(c)) break;
      if (c === "'" || c === '"') {
        isQuoted = true;
        parts.push(c === "'" ? this.single() : this.double());
      } else if (c === '\\') {
        isQuoted = true;
        parts.push(this.escaped());
      } else if (c === '$' || c === '`') parts.push(this.expansion(start));
      else {
        hasPattern ||= c === '*' || c === '?';
        parts.push(c);
        this.at++;
      }
    }
    const text = parts.join('');
    const raw = source.slice(start, this.at);
    if (hasPattern && (text.includes('/') || /^[*?]+$/.test(text))) this.fault(`the file name pattern ${raw} is not expanded here; quote it`, raw, start);
    if (raw.startsWith('~')) this.fault('there is no home directory here', raw, start);
    // A shell leaves a pattern that matches nothing as it stands, and so do we: `[fd00::1]:80`, `net.ipv4.conf.*.rp_filter=0`.
    if (/(^|[^\\'"$])\{[^{}'"]*(,|\.\.)[^{}'"]*\}/.test(raw)) this.fault(`the braces of ${raw} are not expanded here; quote them`, raw, start);
    return this.token('word', text, start, isQuoted);
  }

  private single(): string {
    const end = this.source.indexOf("'", this.at + 1);
    if (end < 0) return this.unterminated("'");
    const text = this.source.slice(this.at + 1, end);
    this.at = end + 1;
    return text;
  }

  private double(): string {
    const start = this.at++;
    const parts: string[] = [];
    for (;;) {
      const c = this.source[this.at];
      if (c === undefined) {
        this.at = start;
        return this.unterminated('"');
      }
      if (c === '"') {
        this.at++;
        return parts.join('');
      }
      if (c === '\\' && /[$`"\\\n]/.test(this.source[this.at + 1] ?? '')) parts.push(this.escaped());
      else if (c === '$' || c === '`') parts.push(this.expansion(start));
      else {
        parts.push(c);
        this.at++;
      }
    }
  }

  private unterminated(quote: string): string {
    this.fault(`the quotation mark ${quote} has no partner`, quote, this.at);
    const rest = this.source.slice(this.at + 1);
    this.at = this.source.length;
    return rest;
  }

  private escaped(): string {
    const c = this.source[this.at + 1];
    this.at += c === undefined ? 1 : 2;
    return c === '\n' ? '' : (c ?? '\\');
  }

  /** `$` alone is a dollar sign; anything after it would have to be looked up. */
  private expansion(wordStart: number): string {
    const pattern = /\$(\([^)]*\)?|\{[^}]*\}?|[A-Za-z_]\w*|[0-9@*#?$!-]|['"])|`[^`]*`?/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found === undefined) {
      this.at++;
      return '$';
    }
    const word = /^\$['"]/.test(found) ? `$${found[1] ?? ''}...` : found;
    this.fault(`${word} cannot be expanded: there is no shell here, write out what it stands for`, word, this.at > wordStart ? this.at : wordStart);
    this.at += /^\$['"]/.test(found) ? 1 : found.length;
    return '';
  }

  private readPending(): void {
    for (const { delimiter, isQuoted, isStripped, document } of this.pending.splice(0)) {
      const lines: string[] = [];
      for (;;) {
        if (this.at >= this.source.length) {
          this.fault(`the here-document does not end with ${delimiter}`, delimiter, this.source.length);
          break;
        }
        const start = this.at;
        const newline = this.source.indexOf('\n', start);
        const end = newline < 0 ? this.source.length : newline;
        this.at = end + 1;
        const line = isStripped ? this.source.slice(start, end).replace(/^\t+/, '') : this.source.slice(start, end);
        if (line === delimiter) break;
        lines.push(isQuoted ? `${line}\n` : this.documentLine(line, start));
      }
      document.text = lines.join('');
    }
  }

  /** Without quotes around its delimiter, a here-document is expanded as text in double quotes is. */
  private documentLine(line: string, start: number): string {
    const expansion = /(?<!\\)(?:\\\\)*(\$(?:[({A-Za-z_0-9@*#?$!-])|`)/.exec(line);
    if (expansion) this.fault(`${expansion[1] as string} in a here-document cannot be expanded; put quotation marks around its delimiter`, expansion[1] as string, start + expansion.index);
    const isContinued = /(?<!\\)(?:\\\\)*\\$/.test(line);
    return (isContinued ? line.slice(0, -1) : `${line}\n`).replace(/\\([$`\\])/g, '$1');
  }
}
