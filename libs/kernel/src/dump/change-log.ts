/** What commands change: the state before and after each, told apart. Only for who asks: nothing of a run is slower without it. */
import type { MachineCapture, MachineName, StateChange } from '@worldline/model';
import { execute, type CommandResult } from '../command/index.js';
import type { Machine } from '../machine/index.js';
import { factsOf, type Facts } from './machine-facts.js';
import { ebtablesLists, iptablesLists, ruleChanges, type RuleLists } from './rule-lists.js';

interface Stand {
  readonly machine: Machine;
  readonly facts: Facts;
  readonly rules: RuleLists;
}

export class ChangeLog {
  readonly changes: StateChange[] = [];

  constructor(private readonly captures: ReadonlyMap<MachineName, MachineCapture>) {}

  /** Carries out a command as `execute` does, and notes what it changed, on the machine and at the other ends of its links. */
  execute(m: Machine, words: readonly string[], input: string): CommandResult {
    const tool = toolOf(words);
    const before = this.stands(m, tool, words);
    const result = execute(m, words, input);
    const after = new Map(this.stands(m, tool, words).map((stand) => [stand.machine, stand]));
    const event = words.join(' ');
    for (const old of before) {
      const now = after.get(old.machine) ?? this.stand(old.machine, tool);
      const { name, environment } = old.machine;
      const changes = [...factChanges(old.facts, now.facts), ...ruleChanges(old.rules, now.rules)];
      for (const change of changes) this.changes.push({ at: environment.now, machine: name, ...change, event });
    }
    return result;
  }

  private stands(m: Machine, tool: string, words: readonly string[]): Stand[] {
    const machines = tool === 'ip' && words.some((word) => word.startsWith('l')) ? new Set([m, ...peersOf(m)]) : [m];
    return [...machines].map((one) => this.stand(one, tool));
  }

  private stand(machine: Machine, tool: string): Stand {
    const capture = this.captures.get(machine.name);
    return { machine, facts: capture === undefined ? new Map() : factsOf(tool, machine, capture), rules: tool === 'iptables' ? iptablesLists(machine) : tool === 'ebtables' ? ebtablesLists(machine) : new Map() };
  }
}

/** The tool whose words these are, in any of its forms: `/usr/sbin/ip6tables-restore` is iptables. */
function toolOf([first = '']: readonly string[]): string {
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (/^(x?tables-(nft-|legacy-)?multi|ip6?tables)/.test(name)) return 'iptables';
  return name.startsWith('ebtables') ? 'ebtables' : name;
}

/** Machines at the other ends of its veth pairs. */
function peersOf(m: Machine): Machine[] {
  return m.interfaces.list.flatMap(({ peerMachine }) => (peerMachine < 0 ? [] : [m.network.machines[peerMachine]]));
}

function factChanges(before: Facts, after: Facts): Pick<StateChange, 'kind' | 'ref' | 'before' | 'after'>[] {
  const changes: Pick<StateChange, 'kind' | 'ref' | 'before' | 'after'>[] = [];
  for (const [key, { kind, ref, text }] of before) if (!after.has(key)) changes.push({ kind, ref, before: text, after: null });
  for (const [key, { kind, ref, text }] of after) {
    const old = before.get(key);
    if (old?.text !== text) changes.push({ kind, ref, before: old?.text ?? null, after: text });
  }
  return changes;
}
