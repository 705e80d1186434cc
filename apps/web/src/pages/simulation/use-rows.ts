/** The rows that the URL asks for: packets one by one, or equal ways once. */
import { PACKETS, PATHS, useGraphql } from '../../query/index.js';
import type { Asked, Connection, PacketRow, PathRow } from '../../query/index.js';
import { traceFilterOf } from './url.js';
import type { SimulationState, View } from './url.js';

export type RowPage = { readonly total: string; readonly next: string | null } & ({ readonly view: 'packets'; readonly rows: readonly PacketRow[] } | { readonly view: 'paths'; readonly rows: readonly PathRow[] });

interface Answer {
  readonly simulation: { readonly packets?: Connection<PacketRow>; readonly paths?: Connection<PathRow> } | null;
}

const ROWS = 100;

export function useRows(id: string, view: View, { filter, after }: SimulationState): Asked<RowPage> {
  const variables = { id, filter: traceFilterOf(filter), first: ROWS, ...(after && { after }) };
  const asked = useGraphql<Answer>(view === 'packets' ? PACKETS : PATHS, variables);
  return { ...asked, data: asked.data && pageOf(asked.data) };
}

function pageOf({ simulation }: Answer): RowPage | null {
  const { packets, paths } = simulation ?? {};
  if (packets) return { view: 'packets', rows: packets.nodes, ...endOf(packets) };
  if (paths) return { view: 'paths', rows: paths.nodes, ...endOf(paths) };
  return null;
}

function endOf({ totalCount, pageInfo }: Connection<unknown>): Pick<RowPage, 'total' | 'next'> {
  return { total: totalCount, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}
