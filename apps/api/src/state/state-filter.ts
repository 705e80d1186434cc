/** A query's StateFilter as replays take it. */
import type { StateFilter } from '@worldline/application';
import { STATE_CHANGE_KINDS, parseDuration } from '@worldline/model';
import { InvalidArgument } from '../graphql/index.js';

export type StateFilterInput = { readonly [K in keyof Omit<StateFilter, 'at'>]: StateFilter[K] | null } & { readonly at?: { readonly from?: string | null; readonly to?: string | null } | null };

export function stateFilter(input: StateFilterInput | null | undefined): StateFilter {
  const { at, kind, ...words } = input ?? {};
  const unknown = kind?.find((word) => !STATE_CHANGE_KINDS.some((one) => one === word));
  if (unknown !== undefined) throw new InvalidArgument('filter.kind', `'${unknown}' is none of ${STATE_CHANGE_KINDS.join(', ')}`);
  const said = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== null && value !== undefined)) as Omit<StateFilter, 'at' | 'kind'>;
  const moment = (name: 'from' | 'to', text: string | null | undefined): { from?: number; to?: number } => (text == null ? {} : { [name]: parseDuration(text) as number });
  return { ...said, ...(kind == null ? {} : { kind }), ...(at == null ? {} : { at: { ...moment('from', at.from), ...moment('to', at.to) } }) };
}
