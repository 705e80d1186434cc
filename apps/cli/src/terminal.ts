/** Where a command writes: results to standard output, everything else to standard error. */
export interface Terminal {
  readonly isColoured: boolean;
  /** Whether somebody watches standard error, so that progress is worth showing. */
  readonly isWatched: boolean;
  write(text: string): void;
  writeError(text: string): void;
}

export function processTerminal(): Terminal {
  const { env, stdout, stderr } = process;
  return {
    isColoured: env['NO_COLOR'] ? false : env['FORCE_COLOR'] ? env['FORCE_COLOR'] !== '0' : stdout.isTTY === true && env['TERM'] !== 'dumb',
    isWatched: stderr.isTTY === true,
    write: (text) => void stdout.write(text),
    writeError: (text) => void stderr.write(text),
  };
}

/** Shows how far a run is, on one line that is wiped at the end. Silent where nobody watches. */
export class Progress {
  private shown = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly what: string,
  ) {}

  readonly update = (done: number, of: number): void => {
    if (!this.terminal.isWatched) return;
    const text = `${this.what} ${of > 0 ? Math.floor((100 * done) / of) : 100} %`;
    if (text === this.shown) return;
    this.shown = text;
    this.terminal.writeError(`\r${text}\x1b[K`);
  };

  end(): void {
    if (this.shown !== '') this.terminal.writeError('\r\x1b[K');
    this.shown = '';
  }
}
