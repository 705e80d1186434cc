/** iptables-restore: whole tables, or with --noflush what is named. All of a table happens, or nothing does. */
import type { Family, Issue } from '@worldline/model';
import type { RestoreInput, RestoreLine, RestoreOptions } from '@worldline/language';
import { ACCEPT, DROP } from '../packet/index.js';
import { NewRules } from './chain-builder.js';
import { TableEditor, keptPieces, newTable, openTable, type KeptRules, type Piece, type Refusal } from './edit-table.js';
import type { NetfilterState } from './netfilter-state.js';
import type { TableState } from './table-state.js';

/** What was refused, and the line at fault. */
export interface RestoreRefusal {
  readonly refusal: Refusal | 'noTable' | 'command' | 'notUnderstood';
  readonly line: number;
  readonly word: string;
  /** Words that were not understood. */
  readonly issues: readonly Issue[];
}

/** Carries out one line that is neither a chain nor an appended rule; null, or why not. */
export type RunLine = (line: RestoreLine, table: TableState) => RestoreRefusal | null;

export interface RestoreTarget {
  readonly family: Family;
  readonly isLegacy: boolean;
  /** Rules that the input gives again and does not hold, by table and chain (`nat KUBE-SERVICES`). */
  readonly kept: ReadonlyMap<string, KeptRules>;
}

/** Carries out a restore; null when all of it was done. */
export function restoreTables(state: NetfilterState, input: RestoreInput, options: RestoreOptions, target: RestoreTarget, runLine: RunLine): RestoreRefusal | null {
  const rules = new NewRules(state.store, input.ruleSet);
  state.store.markTyped(input.ruleSet);
  const unknown = rules.issues[0];
  if (unknown) {
    return { refusal: 'notUnderstood', line: unknown.line ?? 0, word: unknown.word ?? '', issues: rules.issues.map((issue) => ({ ...issue, severity: 'error' })) };
  }
  const before = state.tables;
  for (let position = 0; position < input.ruleSet.tables.length; position++) {
    const { name } = input.ruleSet.tables[position];
    if (options.table !== null && options.table !== name) continue;
    state.tables = state.tables.slice();
    const refusal = restoreTable(state, input, rules, position, options, target, runLine);
    if (refusal === null && !options.isTest) continue;
    state.tables = before;
    return refusal;
  }
  return null;
}

function restoreTable(
  state: NetfilterState,
  input: RestoreInput,
  rules: NewRules,
  position: number,
  options: RestoreOptions,
  target: RestoreTarget,
  runLine: RunLine,
): RestoreRefusal | null {
  const { ruleSet } = input;
  const { name, chainStart } = ruleSet.tables[position];
  const line = ruleSet.chainLine[chainStart] ?? 1;
  const opened = openTable(state, target.family, name, target.isLegacy);
  if (opened === null) return { refusal: 'noTable', line, word: name, issues: [] };
  // A version of its own, so that a refusal leaves the old one
  const at = state.tables.indexOf(opened);
  const table = options.isFlushing ? emptied(state, opened) : opened.draft();
  state.tables[at] = table;
  const editor = new TableEditor(state.store, table);
  declareChains(editor, input, position, options, target);
  const own = input.lines.filter((l) => l.table === name);
  // A chain goes last: rules that are still to be replaced may name it
  const isEarly = (l: RestoreLine): boolean => l.isBeforeRules && l.words[0] !== '-X' && l.words[0] !== '--delete-chain';
  for (const l of own.filter(isEarly)) {
    const refusal = runLine(l, table);
    if (refusal) return refusal;
  }
  const refusal = appendRules(editor, input, rules, position, options, target);
  if (refusal) return refusal;
  for (const l of own.filter((x) => !isEarly(x))) {
    const refused = runLine(l, table);
    if (refused) return refused;
  }
  return null;
}

/** The table without rules and chains of its own; base chains of legacy keep their policies. */
function emptied(state: NetfilterState, old: TableState): TableState {
  const table = newTable(state.store, old.family, old.name, old.isLegacy) as TableState;
  old.policies.forEach((policy, hook) => {
    if (policy >= 0 && old.isLegacy) table.setPolicy(hook, policy);
  });
  return table;
}

/** `:CHAIN POLICY`: user chains are made or emptied, base chains get their policy. */
function declareChains(editor: TableEditor, input: RestoreInput, position: number, options: RestoreOptions, { kept }: RestoreTarget): void {
  const { ruleSet, undeclared } = input;
  const { table } = editor;
  const { chainStart, chainEnd } = ruleSet.tables[position];
  for (let c = chainStart; c < chainEnd; c++) {
    if (undeclared.has(c)) continue;
    const name = ruleSet.words.text(ruleSet.chainName[c]);
    const slot = table.slotOf(name);
    if (slot < 0) {
      editor.newChain(name);
      continue;
    }
    const hook = table.base.indexOf(slot);
    if (hook < 0) {
      // Rules that follow replace those that stand there; without any the chain is left empty
      if (ruleSet.chainRuleStart[c] === ruleSet.chainRuleStart[c + 1] && !kept.has(`${table.name} ${name}`)) editor.replaceRules(slot, []);
      continue;
    }
    if (ruleSet.chainPolicy[c] !== 0) table.setPolicy(hook, ruleSet.chainPolicy[c] === 2 ? DROP : ACCEPT);
    const memory = table.remembered(slot);
    const { ruleCount } = table.chainAt(slot);
    memory[2 * ruleCount] = options.hasCounters ? ruleSet.chainPackets[c] : 0;
    memory[2 * ruleCount + 1] = options.hasCounters ? ruleSet.chainBytes[c] : 0;
    table.remember(slot, memory);
  }
}

function appendRules(editor: TableEditor, input: RestoreInput, rules: NewRules, position: number, options: RestoreOptions, target: RestoreTarget): RestoreRefusal | null {
  const { ruleSet, undeclared } = input;
  const { table } = editor;
  const { chainStart, chainEnd } = ruleSet.tables[position];
  for (let c = chainStart; c < chainEnd; c++) {
    const from = ruleSet.chainRuleStart[c];
    const to = ruleSet.chainRuleStart[c + 1];
    const name = ruleSet.words.text(ruleSet.chainName[c]);
    const again = target.kept.get(`${table.name} ${name}`);
    if (from === to && !again) continue;
    const slot = table.slotOf(name);
    if (slot < 0) return { refusal: 'noChain', line: ruleSet.ruleLine[from], word: name, issues: [] };
    if (again) {
      const refusal = editor.giveAgain(slot, again, { rules, from, to });
      if (refusal) return { refusal, line: from < to ? ruleSet.ruleLine[from] : ruleSet.chainLine[c], word: name, issues: [] };
      continue;
    }
    const isKept = table.base.includes(slot) || undeclared.has(c);
    const pieces: Piece[] = isKept ? keptPieces(table.chainAt(slot)) : [];
    const kept = pieces.length;
    for (let r = from; r < to; r++) pieces.push({ rules, rule: r });
    const refusal = editor.replaceRules(slot, pieces);
    if (refusal) return { refusal, line: ruleSet.ruleLine[from], word: name, issues: [] };
    if (!options.hasCounters) table.remember(slot, table.remembered(slot).fill(0, 2 * kept, 2 * pieces.length));
  }
  return null;
}
