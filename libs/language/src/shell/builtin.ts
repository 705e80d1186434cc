/** The few commands that scripts use to feed and to join others: `echo`, `printf`, `cat`, `true`, `false`, `:` and `sleep`. */

export interface BuiltinResult {
  readonly output: string;
  /** Exit status: 0 is success. */
  readonly status: number;
}

/** What is wrong with a word of such a command. */
export interface BuiltinFault {
  readonly message: string;
  readonly word: string;
}

const UNITS: Readonly<Record<string, number>> = { '': 1_000_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000, d: 86_400_000_000 };
const ESCAPES: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

export function isBuiltinFault(value: BuiltinResult | BuiltinFault | number | null): value is BuiltinFault {
  return typeof value === 'object' && value !== null && 'message' in value;
}

/** Carries out a command that only produces text; null when it is none of these. `input` is its standard input. */
export function runBuiltin(argv: readonly string[], input: string): BuiltinResult | BuiltinFault | null {
  const [name, ...words] = argv;
  switch (name) {
    case ':':
    case 'true':
      return { output: '', status: 0 };
    case 'false':
      return { output: '', status: 1 };
    case 'echo':
      return echo(words);
    case 'printf':
      return printf(words);
    case 'cat':
      return cat(words, input);
    default:
      return null;
  }
}

/** Microseconds that `sleep` takes (GNU coreutils: fractions, suffixes s, m, h, d, several are added); null when the command is another. */
export function sleepTime(argv: readonly string[]): number | BuiltinFault | null {
  if (argv[0] !== 'sleep') return null;
  if (argv.length < 2) return { message: 'sleep needs a time', word: 'sleep' };
  let total = 0;
  for (const word of argv.slice(1)) {
    const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(word);
    if (!match) return { message: `'${word}' is not a time to sleep`, word };
    total += Number(match[1]) * (UNITS[match[2] as string] as number);
  }
  return Math.round(total);
}

/** As the `sh` of Debian (dash) has it: escapes are understood without being asked for; `-e` and `-E` as other shells have them. */
function echo(words: readonly string[]): BuiltinResult {
  let rest = words;
  let hasNewline = true;
  let isEscaping = true;
  while (/^-[neE]+$/.test(rest[0] ?? '')) {
    for (const c of (rest[0] as string).slice(1)) {
      if (c === 'n') hasNewline = false;
      else isEscaping = c === 'e';
    }
    rest = rest.slice(1);
  }
  const text = rest.join(' ');
  const [output, isCut] = isEscaping ? unescape(text) : [text, false];
  return { output: output + (hasNewline && !isCut ? '\n' : ''), status: 0 };
}

function cat(words: readonly string[], input: string): BuiltinResult | BuiltinFault {
  const file = words.find((word) => word !== '-');
  return file === undefined ? { output: input, status: 0 } : { message: `cat reads its standard input only, not ${file}`, word: file };
}

/** `printf FORMAT [ARGUMENT...]`: the format is used again while arguments are left. */
function printf(words: readonly string[]): BuiltinResult | BuiltinFault {
  const [first, ...rest] = words[0] === '--' ? words.slice(1) : words;
  if (first === undefined) return { message: 'printf needs a format', word: 'printf' };
  const unknown = first.match(/%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z%]?/g)?.find((one) => !/^%[sdiuxXocb%]$/.test(one));
  if (unknown !== undefined) return { message: `printf does not take ${unknown} here`, word: unknown };
  const [format] = unescape(first);
  let left = rest;
  let output = '';
  do {
    const before = left.length;
    output += format.replace(/%([sdiuxXocb%])/g, (_, kind: string) => {
      if (kind === '%') return '%';
      const word = left[0] ?? '';
      left = left.slice(1);
      return converted(kind, word);
    });
    if (left.length === before) break;
  } while (left.length > 0);
  return { output, status: 0 };
}

function converted(kind: string, word: string): string {
  switch (kind) {
    case 's':
      return word;
    case 'b':
      return unescape(word)[0];
    case 'c':
      return word.slice(0, 1);
    case 'x':
      return Math.trunc(Number(word) || 0).toString(16);
    case 'X':
      return Math.trunc(Number(word) || 0).toString(16).toUpperCase();
    case 'o':
      return Math.trunc(Number(word) || 0).toString(8);
    default:
      return String(Math.trunc(Number(word) || 0));
  }
}

/** Escapes of `echo` and `printf`; `\c` ends all output, which the second value says. */
function unescape(text: string): [string, boolean] {
  const end = /(?:^|[^\\])(?:\\\\)*\\c/.exec(text);
  const kept = end ? text.slice(0, end.index + end[0].length - 2) : text;
  return [kept.replace(/\\(?:0?([0-7]{1,3})|([abfnrtv\\]))/g, (_, octal: string | undefined, c: string) => (octal === undefined ? (ESCAPES[c] as string) : String.fromCharCode(parseInt(octal, 8) & 255))), end !== null];
}
