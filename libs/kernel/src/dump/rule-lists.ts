/** The chains of a machine as they stand between two commands. Programs of chains never change, so that what is equal is told by looking at it. */
import { ACCEPT } from '../packet/index.js';
import type { Json, StateChange } from '@worldline/model';
import { printRule, type ChainProgram, type NetfilterState, type TableState } from '../netfilter/index.js';
import type { Machine } from '../machine/index.js';
import { listChanges } from './list-changes.js';

type Change = Pick<StateChange, 'kind' | 'ref' | 'before' | 'after'>;

interface Chain {
  readonly place: { readonly tool: string; readonly table: string; readonly chain: string };
  /** ACCEPT or DROP; null: no base chain. */
  readonly policy: string | null;
  /** Equal only where nothing has changed. */
  readonly identity: unknown;
  rules(): readonly string[];
}

/** By tool, table and chain. */
export type RuleLists = ReadonlyMap<string, Chain>;

export function iptablesLists({ netfilter }: Machine): RuleLists {
  const lists = new Map<string, Chain>();
  for (const table of netfilter.tables) for (const slot of table.listedSlots()) add(lists, iptablesChain(netfilter, table, slot));
  return lists;
}

function iptablesChain({ store }: NetfilterState, table: TableState, slot: number): Chain {
  const program: ChainProgram = table.peek(slot);
  const hook = table.base.indexOf(slot);
  return {
    place: { tool: `${table.family === 4 ? 'iptables' : 'ip6tables'}${table.isLegacy ? '-legacy' : ''}`, table: table.name, chain: program.name },
    policy: hook < 0 ? null : table.policies[hook] === ACCEPT ? 'ACCEPT' : 'DROP',
    identity: program,
    rules: () => Array.from({ length: program.ruleCount }, (_, r) => printRule(store, program, r)),
  };
}

export function ebtablesLists({ ebtables }: Machine): RuleLists {
  const lists = new Map<string, Chain>();
  for (const { name: table, chains } of ebtables.capture().tables) {
    for (const { name, policy, rules } of chains) {
      add(lists, { place: { tool: 'ebtables', table, chain: name }, policy, identity: null, rules: () => rules.map(({ text }) => `-A ${name} ${text}`) });
    }
  }
  return lists;
}

/** Chains that went and came, policies, and rule by rule what is not as before. */
export function ruleChanges(before: RuleLists, after: RuleLists): Change[] {
  const changes: Change[] = [];
  for (const [key, chain] of before) if (!after.has(key)) changes.push(...chainChanges(chain, null));
  for (const [key, chain] of after) changes.push(...chainChanges(before.get(key) ?? null, chain));
  return changes;
}

function chainChanges(before: Chain | null, after: Chain | null): Change[] {
  const { place } = (after ?? before) as Chain;
  const changes: Change[] = [];
  const isBase = (before ?? after)?.policy !== null;
  if ((before === null || after === null) && !isBase) changes.push({ kind: 'chain', ref: place, before: before && `-N ${place.chain}`, after: after && `-N ${place.chain}` });
  if (before && after && before.policy !== after.policy) changes.push({ kind: 'policy', ref: place, before: before.policy, after: after.policy });
  if (before && after && before.identity !== null && before.identity === after.identity) return changes;
  const [old, now] = [before?.rules() ?? [], after?.rules() ?? []];
  for (const change of listChanges(old, now)) {
    const number = 1 + (change.after >= 0 ? change.after : change.before);
    const ref: Json = { ...place, number };
    changes.push({ kind: 'rule', ref, before: old[change.before] ?? null, after: now[change.after] ?? null });
  }
  return changes;
}

function add(lists: Map<string, Chain>, chain: Chain): void {
  const { tool, table, chain: name } = chain.place;
  lists.set(`${tool} ${table} ${name}`, chain);
}
