/** All simulations, newest first, with their verdicts at a glance. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { ProblemBox, Progress, TotalsBar, VerdictMark } from '../../components/index.js';
import { SIMULATIONS, useGraphql } from '../../query/index.js';
import type { Connection, SimulationRow } from '../../query/index.js';
import { Link, navigate } from '../../routing/index.js';
import { compareUrl } from '../comparison/url.js';
import { simulationUrl } from '../simulation/url.js';
import { SUBMISSION_PATH } from '../submission/url.js';
import { STATUS_CHOICES, readSimulations, simulationsUrl } from './url.js';
import type { SimulationsState } from './url.js';
import { verdictOf } from './verdict.js';

const ROWS = 50;
const POLL_MS = 2000;

export function SimulationsPage({ search }: { readonly search: string }): ReactElement {
  const state = readSimulations(search);
  const { data, error } = useSimulations(state);
  const items = data?.nodes ?? [];
  return (
    <main className="page">
      <div className="page-head">
        <h1>Simulations</h1>
        <label className="field">
          status
          <select value={state.status} onChange={(event) => navigate(simulationsUrl({ ...state, cursor: '', status: event.target.value as SimulationsState['status'] }))}>
            {STATUS_CHOICES.map((status) => (
              <option key={status} value={status}>
                {status || 'any'}
              </option>
            ))}
          </select>
        </label>
        <Link href={SUBMISSION_PATH} className="button is-primary">
          New simulation
        </Link>
      </div>
      {error && <ProblemBox error={error} />}
      {data && items.length === 0 && <Empty />}
      {items.length > 0 && <Table items={items} state={state} />}
      {data?.pageInfo.hasNextPage && data.pageInfo.endCursor !== null && (
        <Link className="button" href={simulationsUrl({ ...state, cursor: data.pageInfo.endCursor })}>
          Older
        </Link>
      )}
    </main>
  );
}

/** A page of them; asked for again while one of them is under way. */
function useSimulations({ status, cursor }: SimulationsState): { readonly data: Connection<SimulationRow> | null; readonly error: Error | null } {
  const [version, setVersion] = useState(0);
  const variables = { first: ROWS, ...(status && { filter: { status: [status] } }), ...(cursor && { after: cursor }) };
  const { data, error, isLoading } = useGraphql<{ simulations: Connection<SimulationRow> }>(SIMULATIONS, variables, version);
  const isUnderWay = data?.simulations.nodes.some((one) => one.status === 'queued' || one.status === 'running') ?? false;
  useEffect(() => {
    if (!isUnderWay || isLoading) return undefined;
    const timer = setTimeout(() => setVersion((before) => before + 1), POLL_MS);
    return () => clearTimeout(timer);
  }, [isUnderWay, isLoading]);
  return { data: data?.simulations ?? null, error };
}

function Table({ items, state }: { readonly items: readonly SimulationRow[]; readonly state: SimulationsState }): ReactElement {
  return (
    <table className="rows simulations">
      <thead>
        <tr>
          <th>scenario</th>
          <th>packets</th>
          <th>verdict</th>
          <th>mode</th>
          <th className="number">seed</th>
          <th>asked</th>
          <th>
            <span className="spoken">compare</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((simulation) => (
          <tr key={simulation.id}>
            <td>
              <Link href={simulationUrl(simulation.id)} className="row-link">
                {simulation.name || 'unnamed'}
              </Link>
              <span className="quiet mono">{simulation.id}</span>
            </td>
            <td>{simulation.status === 'succeeded' ? <TotalsBar totals={simulation.totals} /> : <Status simulation={simulation} />}</td>
            <td>{simulation.status === 'succeeded' && <Verdict simulation={simulation} />}</td>
            <td>{simulation.mode}</td>
            <td className="number">{simulation.seed}</td>
            <td>
              <time dateTime={simulation.createdAt}>{simulation.createdAt.slice(0, 19).replace('T', ' ')}</time>
            </td>
            <td>{simulation.status === 'succeeded' && <CompareLink id={simulation.id} state={state} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What was expected and found, and the first finding in words. */
function Verdict({ simulation }: { readonly simulation: SimulationRow }): ReactElement {
  const [first] = simulation.findings;
  if (simulation.expectations.length === 0 && !first) return <span className="quiet">nothing was expected</span>;
  return (
    <>
      <VerdictMark verdict={verdictOf(simulation)} />
      {first && <p className="finding">{first.title}</p>}
    </>
  );
}

function Status({ simulation: { status, progress } }: { readonly simulation: SimulationRow }): ReactElement {
  if (status === 'queued' || status === 'running') return <Progress progress={{ done: Math.round(progress * 100), of: progress > 0 ? 100 : 0 }} label={status} />;
  return <span className={`chip chip-${status}`}>{status}</span>;
}

/** First the baseline, then what it is compared with. */
function CompareLink({ id, state }: { readonly id: string; readonly state: SimulationsState }): ReactElement {
  if (state.baseline === '') return <Link href={simulationsUrl({ ...state, baseline: id })}>compare…</Link>;
  if (state.baseline === id) return <Link href={simulationsUrl({ ...state, baseline: '' })}>baseline ×</Link>;
  return <Link href={compareUrl({ baseline: state.baseline, candidate: id })}>with this</Link>;
}

function Empty(): ReactElement {
  return (
    <div className="empty">
      <p>Nothing has been simulated yet.</p>
      <p>
        <Link href={SUBMISSION_PATH}>Drop a bundle and a scenario</Link> to see where each packet goes.
      </p>
    </div>
  );
}
