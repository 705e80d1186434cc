/**
 * Filters as SQL conditions. Aliases: `f` flow, `q` path, `p` packet, `e` path_entry, `v` path_visit. What `MemorySimulations` keeps and
 * what these conditions keep is the same: one conformance suite runs over both.
 */
import { endpointWord } from '@worldline/application';
import type { TraceFilter } from '@worldline/application';
import type { Value } from './database.js';

/** What is asked about; the aliases that it has: path `f q`, packet `f q p`, trace `f q p e`. */
export type Scope = 'path' | 'packet' | 'trace';

/** Values of a statement, collected while its text is written. */
export class Placeholders {
  readonly values: Value[] = [];

  add(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** A condition that holds for what the filter keeps. */
export function conditionOf(filter: TraceFilter, scope: Scope, parameters: Placeholders): string {
  const all = [
    ...wordsOf(filter, scope, parameters),
    ...packetWords(filter, scope, parameters),
    ...visitWords(filter, scope, parameters),
    ...(filter.and ?? []).map((one) => conditionOf(one, scope, parameters)),
    ...(filter.or ? [`(${filter.or.map((one) => conditionOf(one, scope, parameters)).join(' or ') || 'false'})`] : []),
    ...(filter.not ? [`not ${conditionOf(filter.not, scope, parameters)}`] : []),
  ];
  return all.length === 0 ? 'true' : `(${all.join(' and ')})`;
}

function wordsOf({ flow, what, disposition, protocol }: TraceFilter, scope: Scope, parameters: Placeholders): string[] {
  const words: string[] = [];
  if (flow !== undefined) words.push(`f.name = ${parameters.add(flow)}`);
  if (what) words.push(scope === 'trace' ? `e.what = any(${parameters.add(what)})` : `exists (select from path_entry x where (x.simulation, x.flow, x.path) = (q.simulation, q.flow, q.path) and x.what = any(${parameters.add(what)}))`);
  if (disposition) words.push(`${scope === 'trace' ? 'e' : 'q'}.disposition = any(${parameters.add(disposition)})`);
  // Null where nothing was sent: a filter that wants a protocol does not keep it, and one that excludes it does.
  if (protocol !== undefined) words.push(`coalesce(q.protocol = ${parameters.add(protocol)}, false)`);
  return words;
}

/** Words about single packets hold for one and the same packet. */
function packetWords({ layer, at, address, port }: TraceFilter, scope: Scope, parameters: Placeholders): string[] {
  const alias = scope === 'path' ? 'x' : 'p';
  const words: string[] = [];
  if (layer) words.push(`${alias}.layer = any(${parameters.add(layer)})`);
  if (at?.from !== undefined) words.push(`${alias}.at_us >= ${parameters.add(at.from)}`);
  if (at?.to !== undefined) words.push(`${alias}.at_us <= ${parameters.add(at.to)}`);
  if (address !== undefined || port !== undefined) words.push(`${parameters.add(endpointWord(address, port))} = any(${alias}.endpoints)`);
  if (scope !== 'path' || (words.length === 0 && !at)) return words;
  return [`exists (select from packet x where ${['(x.simulation, x.flow, x.path) = (q.simulation, q.flow, q.path)', ...words].join(' and ')})`];
}

/** Words about a visit hold for one and the same visit. */
function visitWords({ machine, hook, table, chain, rule, interface: name, deciding }: TraceFilter, scope: Scope, parameters: Placeholders): string[] {
  const words: string[] = [];
  const equal = (column: string, value: Value | undefined): void => {
    if (value !== undefined) words.push(`v.${column} = ${parameters.add(value)}`);
  };
  equal('machine', machine);
  equal('hook', hook);
  equal('"table"', table);
  equal('chain', chain);
  equal('rule', rule);
  equal('is_deciding', deciding);
  if (name !== undefined) words.push(`${parameters.add(name)} in (v.input_interface, v.output_interface)`);
  if (words.length === 0) return [];
  const of = ['(v.simulation, v.flow, v.path) = (q.simulation, q.flow, q.path)', ...(scope === 'trace' ? ['v.entry = e.entry'] : [])];
  return [`exists (select from path_visit v where ${[...of, ...words].join(' and ')})`];
}
