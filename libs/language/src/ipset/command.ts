/** Command lines of ipset: words to a command, or what ipset says of them. Names and elements are judged when the command is carried out. */
import { fault, isFault, type Fault } from './read.js';
import { readSetSpec, type IpsetSpec } from './set-spec.js';
import { splitIpsetLine } from './words.js';

export type IpsetCommand =
  | { readonly verb: 'create'; readonly set: string; readonly spec: IpsetSpec; readonly isExist: boolean }
  | {
      readonly verb: 'add' | 'del' | 'test';
      readonly set: string;
      readonly entry: string;
      /** Words after the element. */
      readonly options: readonly string[];
      readonly isExist: boolean;
      readonly isQuiet: boolean;
    }
  | { readonly verb: 'destroy' | 'flush'; readonly set: string | null }
  | { readonly verb: 'rename' | 'swap'; readonly set: string; readonly other: string }
  | { readonly verb: 'save'; readonly set: string | null; readonly isSorted: boolean }
  | { readonly verb: 'list'; readonly set: string | null; readonly isNames: boolean; readonly isTerse: boolean; readonly isSorted: boolean }
  | { readonly verb: 'restore'; readonly isExist: boolean; readonly file: string | null }
  | { readonly verb: 'version' | 'help' };

const VERBS: Readonly<Record<string, string>> = {
  create: 'create',
  '-N': 'create',
  '--create': 'create',
  n: 'create',
  add: 'add',
  '-A': 'add',
  '--add': 'add',
  a: 'add',
  del: 'del',
  '-D': 'del',
  '--del': 'del',
  d: 'del',
  test: 'test',
  '-T': 'test',
  '--test': 'test',
  t: 'test',
  destroy: 'destroy',
  '-X': 'destroy',
  '--destroy': 'destroy',
  x: 'destroy',
  list: 'list',
  '-L': 'list',
  '--list': 'list',
  l: 'list',
  save: 'save',
  '-S': 'save',
  '--save': 'save',
  s: 'save',
  restore: 'restore',
  '-R': 'restore',
  '--restore': 'restore',
  r: 'restore',
  flush: 'flush',
  '-F': 'flush',
  '--flush': 'flush',
  f: 'flush',
  rename: 'rename',
  '-E': 'rename',
  '--rename': 'rename',
  e: 'rename',
  swap: 'swap',
  '-W': 'swap',
  '--swap': 'swap',
  w: 'swap',
  help: 'help',
  '-H': 'help',
  '--help': 'help',
  '-h': 'help',
  version: 'version',
  '-V': 'version',
  '--version': 'version',
  '-v': 'version',
};

const LONGEST_NAME = 31;
const HELP = "\nTry `ipset help' for more information.";

interface Environment {
  isExist: boolean;
  isQuiet: boolean;
  isSorted: boolean;
  isNames: boolean;
  isTerse: boolean;
  isSave: boolean;
  file: string | null;
}

/** Reads the words after `ipset`. */
export function readIpsetCommand(words: readonly string[]): IpsetCommand | Fault {
  const environment: Environment = { isExist: false, isQuiet: false, isSorted: false, isNames: false, isTerse: false, isSave: false, file: null };
  const rest = takeOptions(words, environment);
  if (isFault(rest)) return rest;
  const first = rest[0];
  if (first === undefined) return fault(`No command specified.${HELP}`, 'ipset');
  const verb = VERBS[first];
  if (verb === undefined) return fault(`No command specified: unknown argument ${first}${HELP}`, first);
  return build(verb, first, rest.slice(1), environment);
}

/** Reads one line of `ipset restore`; null for blank lines, comments and COMMIT. */
export function readIpsetLine(line: string): IpsetCommand | Fault | null {
  const words = splitIpsetLine(line);
  const first = words[0];
  if (first === undefined || first.startsWith('#') || first === 'COMMIT') return null;
  return readIpsetCommand(words);
}

function build(verb: string, spelling: string, words: readonly string[], environment: Environment): IpsetCommand | Fault {
  const [set, second] = words;
  const { isExist, isQuiet, isSorted, isNames, isTerse } = environment;
  switch (verb) {
    case 'create': {
      if (set === undefined) return missing(spelling, '');
      if (second === undefined) return missing(spelling, 'second ');
      if (set.length > LONGEST_NAME) return fault(`Syntax error: setname '${set}' is longer than ${LONGEST_NAME} characters`, set);
      const spec = readSetSpec(second, words.slice(2));
      if (isFault(spec)) return spec.fault.startsWith('Syntax error') ? spec : fault(spec.fault + HELP, spec.word);
      return { verb, set, spec, isExist };
    }
    case 'add':
    case 'del':
    case 'test':
      if (set === undefined) return missing(spelling, '');
      if (second === undefined) return missing(spelling, 'second ');
      return { verb, set, entry: second, options: words.slice(2), isExist, isQuiet };
    case 'rename':
    case 'swap':
      if (set === undefined) return missing(spelling, '');
      if (second === undefined) return missing(spelling, 'second ');
      if (second.length > LONGEST_NAME) return fault(`Syntax error: setname '${second}' is longer than ${LONGEST_NAME} characters`, second);
      return { verb, set, other: second };
    case 'destroy':
    case 'flush':
      return second === undefined ? { verb, set: set ?? null } : fault(`Unknown argument ${second}${HELP}`, second);
    case 'save':
    case 'list':
      if (second !== undefined) return fault(`Unknown argument ${second}${HELP}`, second);
      if (verb === 'save' || environment.isSave) return { verb: 'save', set: set ?? null, isSorted };
      return { verb, set: set ?? null, isNames, isTerse, isSorted };
    case 'restore':
      return set === undefined ? { verb, isExist, file: environment.file } : fault(`Unknown argument ${set}${HELP}`, set);
    default:
      return { verb: verb === 'version' ? 'version' : 'help' };
  }
}

function missing(spelling: string, which: string): Fault {
  return fault(`Missing ${which}mandatory argument to command ${spelling}${HELP}`, spelling);
}

/** Takes the environment options out, wherever they stand. */
function takeOptions(words: readonly string[], environment: Environment): string[] | Fault {
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    switch (word) {
      case '-!':
      case '-exist':
      case '--exist':
        environment.isExist = true;
        break;
      case '-q':
      case '-quiet':
      case '--quiet':
        environment.isQuiet = true;
        break;
      case '-s':
      case '-sorted':
      case '--sorted':
        environment.isSorted = true;
        break;
      case '-n':
      case '-name':
      case '--name':
        environment.isNames = true;
        break;
      case '-t':
      case '-terse':
      case '--terse':
        environment.isTerse = true;
        break;
      case '-r':
      case '-resolve':
      case '--resolve':
        break;
      case '-f':
      case '-file':
      case '--file':
        environment.file = words[++i] ?? null;
        break;
      case '-o':
      case '-output':
      case '--output': {
        const format = words[++i];
        if (format !== 'plain' && format !== 'save') return fault(`Syntax error: output format '${format ?? ''}' is not supported`, format ?? word);
        environment.isSave = format === 'save';
        break;
      }
      default:
        rest.push(word);
    }
  }
  return rest;
}
