/** The command line of iptables and ip6tables 1.8.9. */
import type { Family } from '@worldline/model';
import { isRuleFault, normaliseRule, type NormalisedRules, type RuleFault } from './normalise.js';

export type IptablesAction =
  | 'append'
  | 'insert'
  | 'replace'
  | 'delete'
  | 'check'
  | 'policy'
  | 'flush'
  | 'zero'
  | 'newChain'
  | 'deleteChain'
  | 'renameChain'
  | 'list'
  | 'listRules';

export interface IptablesCommand {
  readonly family: Family;
  /** From the tool's name; null for plain `iptables`. */
  readonly isLegacy: boolean | null;
  readonly table: string;
  readonly action: IptablesAction;
  /** Null: all chains, for -F, -Z, -X, -L and -S. */
  readonly chain: string | null;
  /** Position from 1; null when none was given. */
  readonly number: number | null;
  /** New name of -E, policy of -P. */
  readonly argument: string | null;
  /** Of -A, -I, -R, -D and -C by specification. */
  readonly rules: NormalisedRules | null;
}

const ACTIONS: Readonly<Record<string, IptablesAction>> = {
  '-A': 'append', '--append': 'append', '-I': 'insert', '--insert': 'insert', '-R': 'replace', '--replace': 'replace', '-D': 'delete', '--delete': 'delete',
  '-C': 'check', '--check': 'check', '-P': 'policy', '--policy': 'policy', '-F': 'flush', '--flush': 'flush', '-Z': 'zero', '--zero': 'zero',
  '-N': 'newChain', '--new-chain': 'newChain', '--new': 'newChain', '-X': 'deleteChain', '--delete-chain': 'deleteChain', '-E': 'renameChain',
  '--rename-chain': 'renameChain', '-L': 'list', '--list': 'list', '-S': 'listRules', '--list-rules': 'listRules',
};
const HAS_RULE: ReadonlySet<IptablesAction> = new Set(['append', 'insert', 'replace', 'delete', 'check']);
/** Options that change how the tool works or prints, not what it does. */
const IGNORED: ReadonlySet<string> = new Set(['-w', '--wait', '-n', '--numeric', '-v', '--verbose', '-x', '--exact', '--line-numbers', '-4', '--ipv4', '-6', '--ipv6', '-vn', '-nv', '-nvx', '-vnx', '--modprobe']);
const WITH_NUMBER: ReadonlySet<string> = new Set(['-w', '--wait', '-W', '--wait-interval']);

/** Reads what stands behind the tool's name. */
export function parseIptablesCommand(tool: string, words: readonly string[]): IptablesCommand | RuleFault {
  const family: Family = tool.startsWith('ip6') ? 6 : 4;
  const isLegacy = tool.includes('legacy') ? true : tool.includes('-nft') ? false : null;
  let table = 'filter';
  let action: IptablesAction | null = null;
  let chain: string | null = null;
  let number: number | null = null;
  let argument: string | null = null;
  const rule: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const next = words[i + 1];
    if (word === '-t' || word === '--table') {
      if (next === undefined) return { word, message: `option "${word}" requires an argument` };
      table = next;
      i++;
      continue;
    }
    if (word.startsWith('--table=')) {
      table = word.slice(8);
      continue;
    }
    const found = ACTIONS[word] ?? joinedAction(word);
    if (found !== undefined && action === null) {
      action = found;
      const values = takeValues(words, i + 1, action);
      i += values.length;
      if (word.length > 2 && ACTIONS[word] === undefined) values.unshift(word.slice(2));
      ({ chain, number, argument } = assign(action, values));
      continue;
    }
    if (IGNORED.has(word) || /^-[nvx]+$/.test(word) || WITH_NUMBER.has(word) || /^--?(wait|w)=?\d+$/.test(word)) {
      if (WITH_NUMBER.has(word) && next !== undefined && /^\d+$/.test(next)) i++;
      continue;
    }
    rule.push(word);
  }
  if (action === null) return { word: words[0] ?? tool, message: 'no command specified' };
  if (needsChain(action) && chain === null) return { word: words[0] ?? tool, message: `option "-${action}" requires a chain` };
  if (!HAS_RULE.has(action) || (action === 'delete' && number !== null)) {
    const stray = rule[0];
    if (stray !== undefined) return { word: stray, message: stray.startsWith('-') ? `unknown option "${stray}"` : `Bad argument \`${stray}'` };
    return { family, isLegacy, table, action, chain, number, argument, rules: null };
  }
  const rules = normaliseRule(rule, family);
  return isRuleFault(rules) ? rules : { family, isLegacy, table, action, chain, number, argument, rules };
}

/** `-AFORWARD`. */
function joinedAction(word: string): IptablesAction | undefined {
  return /^-[AIRDCPFZNXELS][A-Za-z]/.test(word) ? ACTIONS[word.slice(0, 2)] : undefined;
}

function takeValues(words: readonly string[], from: number, action: IptablesAction): string[] {
  const most = action === 'insert' || action === 'replace' || action === 'delete' || action === 'policy' || action === 'renameChain' || action === 'zero' || action === 'listRules' || action === 'list' ? 2 : 1;
  const values: string[] = [];
  while (values.length < most && from + values.length < words.length) {
    const word = words[from + values.length] as string;
    if (word.startsWith('-') || word === '!') break;
    if (values.length === 1 && action !== 'policy' && action !== 'renameChain' && !/^\d+$/.test(word)) break;
    values.push(word);
  }
  return values;
}

function assign(action: IptablesAction, [first, second]: readonly string[]): { chain: string | null; number: number | null; argument: string | null } {
  const isNumbered = action !== 'policy' && action !== 'renameChain' && second !== undefined;
  return { chain: first ?? null, number: isNumbered ? Number(second) : null, argument: isNumbered ? null : (second ?? null) };
}

function needsChain(action: IptablesAction): boolean {
  return HAS_RULE.has(action) || action === 'policy' || action === 'newChain' || action === 'renameChain';
}
