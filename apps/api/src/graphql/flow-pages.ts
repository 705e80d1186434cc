/**
 * The first page of paths, or of packets, of many flows at once: one question for all flows of a page. Where a flow's share was not in the
 * answer, it is asked for alone.
 */
import type { Page, PageRequest, TraceFilter } from '@worldline/application';
import { Loader } from './loader.js';

interface FlowKey {
  readonly simulation: string;
  readonly flow: string;
  readonly limit: number;
}

export interface FlowPage<R> extends FlowKey {
  readonly page: Page<R>;
  /** Null: there are more than were looked at. */
  readonly total: number | null;
}

export type FlowPages<R> = Loader<FlowKey, FlowPage<R>>;
type Ask<R> = (simulation: string, filter: TraceFilter, page: PageRequest) => Promise<Page<R>>;

const keyOf = ({ simulation, flow, limit }: FlowKey): string => JSON.stringify([simulation, flow, limit]);

export function flowPages<R extends { readonly flowName: string }>(ask: Ask<R>): FlowPages<R> {
  return new Loader({ keyOf, valueKey: keyOf, fetch: async (keys) => (await Promise.all(groupsOf(keys).map((group) => pagesOfGroup(group, ask)))).flat() });
}

/** Keys of one simulation and one page size. */
function groupsOf(keys: readonly FlowKey[]): FlowKey[][] {
  const groups = new Map<string, FlowKey[]>();
  for (const key of keys) {
    const name = JSON.stringify([key.simulation, key.limit]);
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return [...groups.values()];
}

async function pagesOfGroup<R extends { readonly flowName: string }>(group: readonly FlowKey[], ask: Ask<R>): Promise<FlowPage<R>[]> {
  const [{ simulation, limit }] = group as [FlowKey];
  const all = await ask(simulation, { or: group.map(({ flow }) => ({ flow })) }, { limit: group.length * (limit + 1), cursor: null });
  const items = new Map<string, Page<R>['items'][number][]>();
  for (const one of all.items) items.set(one.item.flowName, [...(items.get(one.item.flowName) ?? []), one]);
  return Promise.all(
    group.map(async (key): Promise<FlowPage<R>> => {
      const own = items.get(key.flow) ?? [];
      if (all.hasNext && own.length <= limit) return { ...key, page: await ask(simulation, { flow: key.flow }, { limit, cursor: null }), total: null };
      return { ...key, page: { items: own.slice(0, limit), hasNext: own.length > limit, hasPrevious: false }, total: all.hasNext ? null : own.length };
    }),
  );
}
