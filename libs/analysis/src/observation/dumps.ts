/** What the tools print about rules' counts and connections, as recorded cases hold it. */
import type { ObservedChain, ObservedCount } from '@worldline/model';

export interface SavedChain {
  /** Null: a user's chain. */
  readonly policy: readonly [string, number, number] | null;
  /** Null where no count was printed. */
  readonly rules: readonly (ObservedCount | null)[];
  /** Lines without their counts. */
  readonly texts: readonly string[];
}

/** Table, chain. */
export type SavedTables = ReadonlyMap<string, ReadonlyMap<string, SavedChain>>;

/** `iptables-save -c` */
export function readSave(text: string): SavedTables {
  const tables = new Map<string, Map<string, { policy: SavedChain['policy']; rules: (ObservedCount | null)[]; texts: string[] }>>();
  let table: string | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
      if (!tables.has(table)) tables.set(table, new Map());
    }
    const chains = table === null ? undefined : tables.get(table);
    if (!chains) continue;
    const [, chain, policy = '-', packets = 0, bytes = 0] = /^:(\S+) (\S+)(?: \[(\d+):(\d+)\])?/.exec(line) ?? [];
    if (chain !== undefined) chains.set(chain, { policy: policy === '-' ? null : [policy, Number(packets), Number(bytes)], rules: [], texts: [] });
    const [, matched, size, owner] = /^(?:\[(\d+):(\d+)\] )?-A (\S+)/.exec(line) ?? [];
    if (owner === undefined) continue;
    const into = chains.get(owner) ?? { policy: null, rules: [], texts: [] };
    chains.set(owner, into);
    into.rules.push(matched === undefined ? null : [Number(matched), Number(size)]);
    into.texts.push(line.replace(/^\[\d+:\d+\] /, '').trimEnd());
  }
  return tables;
}

/** The counts of one dump; null where it has no table. */
export function countersIn(text: string): Record<string, Record<string, ObservedChain>> | null {
  const tables = readSave(text);
  if (tables.size === 0) return null;
  return Object.fromEntries([...tables].map(([table, chains]) => [table, Object.fromEntries([...chains].map(([name, { policy, rules }]) => [name, { policy, rules: rules.map((r) => r ?? ([0, 0] as const)) }]))]));
}

/** Lines of `conntrack -L -o extended` without times and use counts, in order. */
export function entriesIn(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => /^ipv[46]\s/.test(line))
    .map((line) => {
      const words = line.trim().split(/\s+/);
      if (/^\d+$/.test(words[4] ?? '')) words.splice(4, 1);
      return words.filter((w) => !w.startsWith('use=')).join(' ');
    })
    .sort();
}

/** Without the date that iptables-save writes into its comments. */
export function withoutDates(text: string): string {
  return text.replace(/^(# .*?) on [A-Z][a-z][a-z] .*$/gm, '$1');
}
