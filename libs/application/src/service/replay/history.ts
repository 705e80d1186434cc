/** Which changes are meant, and whose they are. */
import { isOwnedBy, ownerOf } from '@worldline/analysis';
import type { Owner } from '@worldline/analysis';
import type { Json, StateChange } from '@worldline/model';
import type { StateFilter } from './replays.js';

/** Whose rule it is that was changed; null for everything else. */
export function ownerOfChange({ kind, ref, before, after }: StateChange): Owner | null {
  return kind === 'rule' ? ownerOf(String(wordOf(ref, 'chain')), after ?? before ?? '') : null;
}

export function isWantedChange(change: StateChange, filter: StateFilter): boolean {
  const { at, machine, kind, ref, before, after } = change;
  const { from = -Infinity, to = Infinity } = filter.at ?? {};
  const texts = [before ?? '', after ?? ''];
  const words: readonly (readonly [Json | undefined, readonly (string | readonly string[])[]])[] = [
    [filter.tool, ['tool']],
    [filter.table, ['table']],
    [filter.chain, ['chain']],
    [filter.rule, ['number']],
    [filter.name, ['name', 'set', 'interface']],
    [filter.protocol, ['protocol']],
    [filter.address, ['ip', 'address', 'entry', 'destination', ['source', 'ip'], ['destination', 'ip']]],
    [filter.port, [['source', 'port'], ['destination', 'port']]],
  ];
  return (
    at >= from &&
    at <= to &&
    (filter.kind === undefined || filter.kind.includes(kind)) &&
    (filter.machine === undefined || filter.machine === machine) &&
    (filter.text === undefined || texts.some((text) => text.includes(filter.text as string))) &&
    (filter.owner === undefined || isOwnedBy(ownerOfChange(change), filter.owner)) &&
    words.every(([asked, places]) => asked === undefined || places.some((place) => wordOf(ref, ...(typeof place === 'string' ? [place] : place)) === asked))
  );
}

function wordOf(ref: Json, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, word) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: Json })[word] : undefined), ref);
}
