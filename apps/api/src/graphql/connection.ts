/** Relay connections over the store's keyset pages. */
import type { Page, PageRequest } from '@worldline/application';
import { InvalidArgument } from './invalid-argument.js';

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface Connection<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean; readonly startCursor: string | null; readonly endCursor: string | null };
  /** Asked only when somebody wants to know. */
  readonly totalCount: () => Promise<number>;
}

const PAGE_LIMIT = 500;
const DEFAULT_FIRST = 50;

/** `last` or `before` mean backwards; `first` has a default, so it stands beside them without harm. */
export function pageRequest({ first, after, last, before }: ConnectionArguments): PageRequest {
  if (last == null && before == null) return { limit: sizeOf('first', first ?? DEFAULT_FIRST), cursor: after ?? null };
  if (after != null) throw new InvalidArgument('after', 'after goes with first, before with last');
  return { limit: sizeOf('last', last ?? DEFAULT_FIRST), cursor: before ?? null, isBackward: true };
}

export function connectionOf<R, T>(page: Page<R>, toNode: (item: R) => T, count: () => Promise<number>): Connection<T> {
  const edges = page.items.map(({ cursor, item }) => ({ cursor, node: toNode(item) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: page.hasNext, hasPreviousPage: page.hasPrevious, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: count,
  };
}

function sizeOf(name: string, size: number): number {
  if (size < 1 || size > PAGE_LIMIT) throw new InvalidArgument(name, `${name} is ${size}: a page has 1 to ${PAGE_LIMIT} items`);
  return size;
}
