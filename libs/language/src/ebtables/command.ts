/** Command lines of ebtables: words to a change of a table. */
import { EBTABLES_VERDICTS, isEbtablesFault, readEbtablesRule, type EbtablesFault, type EbtablesRuleSpec } from './rule.js';
import { findEbtablesOption } from './options.js';

export type EbtablesCommand =
  | { readonly verb: 'append'; readonly table: string; readonly chain: string; readonly rule: EbtablesRuleSpec }
  | { readonly verb: 'insert'; readonly table: string; readonly chain: string; readonly number: number; readonly rule: EbtablesRuleSpec }
  | { readonly verb: 'delete'; readonly table: string; readonly chain: string; readonly rule: EbtablesRuleSpec }
  /** Rules `from` to `to`, counted from 1. */
  | { readonly verb: 'delete-number'; readonly table: string; readonly chain: string; readonly from: number; readonly to: number }
  | { readonly verb: 'policy'; readonly table: string; readonly chain: string; readonly policy: string }
  | { readonly verb: 'flush' | 'zero' | 'delete-chain' | 'list'; readonly table: string; readonly chain: string | null }
  | { readonly verb: 'new-chain'; readonly table: string; readonly chain: string; readonly policy: string }
  | { readonly verb: 'rename'; readonly table: string; readonly chain: string; readonly name: string }
  | { readonly verb: 'init-table'; readonly table: string }
  | { readonly verb: 'version' };

const VERBS: Readonly<Record<string, string>> = {
  '-A': '-A',
  '--append': '-A',
  '-I': '-I',
  '--insert': '-I',
  '-D': '-D',
  '--delete': '-D',
  '-P': '-P',
  '--policy': '-P',
  '-F': '-F',
  '--flush': '-F',
  '-Z': '-Z',
  '--zero': '-Z',
  '-L': '-L',
  '--list': '-L',
  '-N': '-N',
  '--new-chain': '-N',
  '-X': '-X',
  '--delete-chain': '-X',
  '-E': '-E',
  '--rename-chain': '-E',
  '--init-table': '--init-table',
  '-V': '-V',
  '--version': '-V',
};

/** Options around the command that change nothing of it: locking, and how lists are printed. */
const IGNORED = ['--concurrent', '--Lc', '--Ln', '--Lx', '--Lmac2'];

/** Reads the words after `ebtables`. */
export function readEbtablesCommand(words: readonly string[]): EbtablesCommand | EbtablesFault {
  const rest: string[] = [];
  let table = 'filter';
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '-t' || word === '--table') table = words[++i] ?? '';
    else if (word === '-M' || word === '--modprobe') i++;
    else if (!IGNORED.includes(word)) rest.push(word);
  }
  const at = rest.findIndex((word) => VERBS[word] !== undefined);
  if (at < 0) return { fault: "no command specified\nTry `ebtables -h' or 'ebtables --help' for more information.", word: rest[0] ?? 'ebtables' };
  const spelling = rest[at] as string;
  const verb = VERBS[spelling] as string;
  const before = rest.slice(0, at);
  const after = rest.slice(at + 1);
  const chain = after[0] !== undefined && !isOption(after[0]) ? after[0] : null;
  switch (verb) {
    case '-V':
      return { verb: 'version' };
    case '--init-table':
      return { verb: 'init-table', table };
    case '-F':
      return { verb: 'flush', table, chain };
    case '-Z':
      return { verb: 'zero', table, chain };
    case '-X':
      return { verb: 'delete-chain', table, chain };
    case '-L':
      return { verb: 'list', table, chain };
  }
  if (chain === null) return { fault: `option "${spelling}" requires an argument`, word: spelling };
  return changeOf(verb, table, chain, [...before, ...after.slice(1)]);
}

function changeOf(verb: string, table: string, chain: string, words: readonly string[]): EbtablesCommand | EbtablesFault {
  const first = words[0];
  switch (verb) {
    case '-P':
      return isPolicy(first) ? { verb: 'policy', table, chain, policy: first } : { fault: `Wrong policy '${first ?? ''}'`, word: first ?? chain };
    case '-N': {
      const policy = first === '-P' ? words[1] : 'ACCEPT';
      return isPolicy(policy) ? { verb: 'new-chain', table, chain, policy } : { fault: `Wrong policy '${policy ?? ''}'`, word: policy ?? chain };
    }
    case '-E':
      return first === undefined ? { fault: 'option "-E" requires two arguments', word: chain } : { verb: 'rename', table, chain, name: first };
    case '-D': {
      const numbers = /^(-?\d+)(?::(-?\d+))?$/.exec(first ?? '');
      if (numbers !== null) return { verb: 'delete-number', table, chain, from: Number(numbers[1]), to: Number(numbers[2] ?? numbers[1]) };
      break;
    }
  }
  const hasNumber = verb === '-I' && /^-?\d+$/.test(first ?? '');
  const rule = readEbtablesRule(hasNumber ? words.slice(1) : words);
  if (isEbtablesFault(rule)) return rule;
  const refusal = refuse(chain, rule);
  if (refusal !== null) return refusal;
  if (verb === '-I') return { verb: 'insert', table, chain, number: hasNumber ? Number(first) : 1, rule };
  return { verb: verb === '-A' ? 'append' : 'delete', table, chain, rule };
}

/** Devices that a hook does not have. */
function refuse(chain: string, rule: EbtablesRuleSpec): EbtablesFault | null {
  const has = (name: string): boolean => rule.clauses.some((c) => c.option.name === name);
  if (['OUTPUT', 'POSTROUTING'].includes(chain)) {
    for (const name of ['-i', '--logical-in']) {
      if (has(name)) return { fault: `Use ${name} only in INPUT, FORWARD, PREROUTING and BROUTING chains`, word: name };
    }
  }
  if (['INPUT', 'PREROUTING', 'BROUTING'].includes(chain)) {
    for (const name of ['-o', '--logical-out']) if (has(name)) return { fault: `Use ${name} only in OUTPUT, FORWARD and POSTROUTING chains`, word: name };
  }
  return null;
}

function isPolicy(word: string | undefined): word is string {
  return word !== undefined && word !== 'CONTINUE' && EBTABLES_VERDICTS.includes(word);
}

function isOption(word: string): boolean {
  return word.startsWith('-') || findEbtablesOption(word) !== null;
}
