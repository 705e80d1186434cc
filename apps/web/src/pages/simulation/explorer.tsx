/** The network on top, rows below it, and beside both the way of the open row. */
import { useCallback, useEffect, useMemo } from 'react';
import type { ReactElement } from 'react';
import { ProblemBox } from '../../components/index.js';
import { EXCHANGE, useGraphql } from '../../query/index.js';
import type { ExchangeAnswer, SimulationDetail } from '../../query/index.js';
import { navigate } from '../../routing/index.js';
import { Topology } from '../../topology/index.js';
import { Exchange, wayOf } from '../../way/index.js';
import { FilterBar } from './filter-bar.js';
import { Rows } from './rows.js';
import { simulationUrl, viewOf } from './url.js';
import type { SimulationState } from './url.js';
import { useRows } from './use-rows.js';

export interface ExplorerProps {
  readonly id: string;
  readonly mode: string;
  readonly detail: SimulationDetail;
  readonly state: SimulationState;
}

export function Explorer({ id, mode, detail, state }: ExplorerProps): ReactElement {
  const view = viewOf(state.view, mode);
  const rows = useRows(id, view, state);
  const open = state.open || (rows.data?.rows[0]?.id ?? '');
  const { data: asked, error } = useGraphql<{ node: ExchangeAnswer | null }>(EXCHANGE, open === '' ? null : { id: open });
  const isFiltered = Object.values(state.filter).some((word) => word !== '');
  const exchange = open === '' ? null : (asked?.node ?? null);
  const ways = useMemo(() => exchange?.exchange.map(wayOf) ?? [], [exchange]);
  const entry = Math.min(state.entry, Math.max(0, ways.length - 1));
  const go = useCallback((change: Partial<SimulationState>, replace = false) => navigate(simulationUrl(id, { ...state, ...change }), { replace }), [id, state]);
  const refilter = useCallback((filter: Partial<SimulationState['filter']>) => go({ filter: { ...state.filter, ...filter }, open: '', entry: 0, after: '' }), [go, state.filter]);
  const chooseMachine = useCallback((machine: string) => refilter({ machine: state.filter.machine === machine ? '' : machine }), [refilter, state.filter.machine]);
  useArrowKeys(rows.data?.rows.map((row) => row.id) ?? [], open, (chosen) => go({ open: chosen, entry: 0 }, true));
  return (
    <div className="explorer">
      <div className="explorer-main">
        <Topology topology={detail.topology} way={ways[entry] ?? null} onChooseMachine={chooseMachine} />
        <FilterBar id={id} flows={detail.flows.nodes} view={view} filter={state.filter} onFilter={refilter} onView={(chosen) => go({ view: chosen, open: '', entry: 0, after: '' })} />
        {rows.error && <ProblemBox error={rows.error} />}
        {rows.data && (
          <Rows
            page={rows.data}
            flows={detail.flows.nodes}
            unlisted={isFiltered || mode === 'explore' ? 0 : Number(detail.totals.sent) - Number(rows.data.total)}
            open={open}
            onOpen={(chosen) => go({ open: chosen, entry: 0 })}
            onOlder={(after) => go({ after, open: '', entry: 0 })}
          />
        )}
      </div>
      <aside className="explorer-side">
        {error && <ProblemBox error={error} />}
        {exchange && (
          <Exchange
            exchange={exchange}
            ways={ways}
            entry={entry}
            isDetailed={state.isDetailed}
            onChooseEntry={(chosen) => go({ open, entry: chosen }, true)}
            onDetail={(isDetailed) => go({ open, isDetailed }, true)}
          />
        )}
        {!exchange && rows.data && rows.data.rows.length === 0 && <p className="empty">No packet is like that.</p>}
      </aside>
    </div>
  );
}

/** `j` and `k`, or the arrows, walk through the rows from anywhere but a field. */
function useArrowKeys(ids: readonly string[], open: string, onOpen: (id: string) => void): void {
  useEffect(() => {
    const walk = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, [role=tab]')) return;
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      const next = step === undefined ? undefined : ids[ids.indexOf(open) + step];
      if (next === undefined) return;
      event.preventDefault();
      onOpen(next);
    };
    window.addEventListener('keydown', walk);
    return () => window.removeEventListener('keydown', walk);
  });
}
