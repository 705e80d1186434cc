/** A query's TraceFilter as the store takes it. The words are the same; nulls are left out, times become numbers. */
import { parseDuration } from '@worldline/model';
import type { TraceFilter } from '@worldline/application';
import { EXCHANGE_WHATS } from '@worldline/model';
import type { ExchangeWhat } from '@worldline/model';
import { InvalidArgument } from './invalid-argument.js';

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };
export type TraceFilterInput = Nullable<Omit<TraceFilter, 'at' | 'what' | 'and' | 'or' | 'not'>> & {
  readonly what?: readonly string[] | null;
  readonly at?: { readonly from?: string | null; readonly to?: string | null } | null;
  readonly and?: readonly TraceFilterInput[] | null;
  readonly or?: readonly TraceFilterInput[] | null;
  readonly not?: TraceFilterInput | null;
};

/** Filters in a filter, all together: each is a part of one statement. */
const PARTS_LIMIT = 50;

export function traceFilter(input: TraceFilterInput | null | undefined): TraceFilter {
  const budget = { parts: PARTS_LIMIT };
  return input == null ? {} : read(input, budget);
}

function read(input: TraceFilterInput, budget: { parts: number }): TraceFilter {
  if (--budget.parts < 0) throw new InvalidArgument('filter', `a filter has at most ${PARTS_LIMIT} parts`);
  const { at, and, or, not, what, ...words } = input;
  const said = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== null && value !== undefined)) as Omit<TraceFilter, 'at' | 'and' | 'or' | 'not' | 'what'>;
  return {
    ...said,
    ...(what == null ? {} : { what: what.map(exchangeWhat) }),
    ...(at == null ? {} : { at: { ...moment('from', at.from), ...moment('to', at.to) } }),
    ...(and == null ? {} : { and: and.map((one) => read(one, budget)) }),
    ...(or == null ? {} : { or: or.map((one) => read(one, budget)) }),
    ...(not == null ? {} : { not: read(not, budget) }),
  };
}

function exchangeWhat(word: string): ExchangeWhat {
  const found = EXCHANGE_WHATS.find((one) => one === word);
  if (found === undefined) throw new InvalidArgument('filter.what', `'${word}' is none of ${EXCHANGE_WHATS.join(', ')}`);
  return found;
}

function moment(name: 'from' | 'to', text: string | null | undefined): { from?: number; to?: number } {
  return text == null ? {} : { [name]: parseDuration(text) as number };
}
