/** A command line of sysctl(8) (procps-ng 4.0) as a value. */
import type { Issue, Parsed } from '@worldline/model';
import { canonicalSysctlName } from './name.js';

export interface SysctlAssignment {
  readonly name: string;
  /** null: only read. */
  readonly value: string | null;
}

export interface SysctlCommand {
  readonly assignments: readonly SysctlAssignment[];
  /** `-e`: unknown keys are no error. */
  readonly isIgnoringUnknown: boolean;
  /** `-q`. */
  readonly isQuiet: boolean;
  /** `-n`: values without names. */
  readonly isValuesOnly: boolean;
  /** `-a`. */
  readonly isAll: boolean;
  /** `--pattern`. */
  readonly pattern: string | null;
  /** Arguments that the tool passes over with an error: a name alone after `-w`. */
  readonly broken: readonly string[];
}

const FLAGS: Readonly<Record<string, 'ignore' | 'quiet' | 'values' | 'write' | 'all' | 'names' | 'nothing'>> = {
  e: 'ignore', ignore: 'ignore', q: 'quiet', quiet: 'quiet', n: 'values', values: 'values', w: 'write', write: 'write', a: 'all', all: 'all', A: 'all', X: 'all', N: 'names', names: 'names', b: 'values', binary: 'values', x: 'nothing', d: 'nothing', o: 'nothing',
};

/** Reads the words after `sysctl`. `name = value` may come as three words of a shell: then only what stands in one word is an assignment, as in the tool. */
export function parseSysctlCommand(words: readonly string[]): Parsed<SysctlCommand> {
  const seen = new Set<string>();
  const names: string[] = [];
  let pattern: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '--pattern' || word === '-r') pattern = words[++i] ?? '';
    else if (word.startsWith('--pattern=')) pattern = word.slice('--pattern='.length);
    else if (word.startsWith('--') && word.length > 2) {
      const flag = FLAGS[word.slice(2)];
      if (flag === undefined || word.length === 3) return unknown(word, `sysctl: unrecognized option '${word}'`);
      seen.add(flag);
    } else if (word.startsWith('-') && word.length > 1) {
      for (const letter of word.slice(1)) {
        const flag = FLAGS[letter];
        if (letter === 'p' || letter === 'f') return unknown(word, 'sysctl: files are not read here');
        if (flag === undefined) return unknown(word, `sysctl: invalid option -- '${letter}'`);
        seen.add(flag);
      }
    } else names.push(word);
  }
  if (names.length === 0 && !seen.has('all')) return unknown('sysctl', 'sysctl: no variables specified');
  const assignments: SysctlAssignment[] = [];
  const broken: string[] = [];
  for (const word of names) {
    const at = word.indexOf('=');
    if (at < 0 && (seen.has('write') || word === '')) broken.push(word);
    else if (at === 0) broken.push(word);
    else if (at < 0) assignments.push({ name: canonicalSysctlName(word.trim()), value: null });
    else assignments.push({ name: canonicalSysctlName(word.slice(0, at).trim()), value: word.slice(at + 1).trim() });
  }
  return {
    value: {
      assignments,
      isIgnoringUnknown: seen.has('ignore'),
      isQuiet: seen.has('quiet'),
      isValuesOnly: seen.has('values'),
      isAll: seen.has('all'),
      pattern,
      broken,
    },
    issues: [],
  };
}

function unknown(word: string, message: string): Parsed<SysctlCommand> {
  const issue: Issue = { code: 'UnknownWord', severity: 'error', message, word };
  return { value: null, issues: [issue] };
}
