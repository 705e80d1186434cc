/** Two simulations side by side: what changed, and of the open change the two ways from where they part. */
import type { ComparisonAnswer } from '@worldline/contract';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { ProblemBox, Progress } from '../../components/index.js';
import { CHANGES, RequestProblem, useGraphql, useRest } from '../../query/index.js';
import type { ChangeAnswer, ComparisonDetail } from '../../query/index.js';
import { Link, navigate } from '../../routing/index.js';
import { FateLine, fateOf } from '../../way/index.js';
import { simulationUrl } from '../simulation/url.js';
import { Ways } from './ways.js';
import { comparisonUrl, readComparison } from './url.js';

const CHANGES_SHOWN = 200;
const EFFECTS = ['broken', 'fixed', 'moved', 'rerouted', 'appeared', 'disappeared', 'unchanged'] as const;
const POLL_MS = 1000;

export function ComparisonPage({ id, search }: { readonly id: string; readonly search: string }): ReactElement {
  const state = readComparison(search);
  const { data: comparison, error } = useComparison(id);
  const { data, error: failure } = useGraphql<{ comparison: ComparisonDetail | null }>(CHANGES, comparison?.status === 'succeeded' ? { id, first: CHANGES_SHOWN } : null);
  const detail = data?.comparison;
  const changes = detail?.changes.nodes ?? [];
  const open = changes[Math.min(state.change, changes.length - 1)];
  const problem = comparison?.problem;
  return (
    <main className="page comparison">
      <h1>
        {detail ? (
          <>
            <Link href={simulationUrl(detail.baseline.id)}>{detail.baseline.name || detail.baseline.id}</Link> <span className="arrow" aria-label="against" />{' '}
            <Link href={simulationUrl(detail.candidate.id)}>{detail.candidate.name || detail.candidate.id}</Link>
          </>
        ) : (
          'Comparison'
        )}
      </h1>
      {(error ?? failure) && <ProblemBox error={(error ?? failure) as Error} />}
      {problem && <ProblemBox error={new RequestProblem(problem.status, `${problem.title}: ${problem.detail ?? ''}`)} />}
      {comparison && (comparison.status === 'queued' || comparison.status === 'running') && <Progress progress={{ done: 0, of: 0 }} label={comparison.status} />}
      {comparison?.summary && <Summary summary={comparison.summary} />}
      {changes.length > 0 && <Changes changes={changes} open={open} onOpen={(change) => navigate(comparisonUrl(id, { ...state, change }))} />}
      {open && <Ways change={open} isDetailed={state.isDetailed} onDetail={(isDetailed) => navigate(comparisonUrl(id, { ...state, isDetailed }), { replace: true })} />}
    </main>
  );
}

/** There are no events of comparisons: one that is not done is asked for again. */
function useComparison(id: string): { readonly data: ComparisonAnswer | null; readonly error: Error | null } {
  const [version, setVersion] = useState(0);
  const asked = useRest<ComparisonAnswer>(`/comparisons/${encodeURIComponent(id)}`, version);
  const isUnderWay = asked.data?.status === 'queued' || asked.data?.status === 'running';
  useEffect(() => {
    if (!isUnderWay || asked.isLoading) return undefined;
    const timer = setTimeout(() => setVersion((before) => before + 1), POLL_MS);
    return () => clearTimeout(timer);
  }, [isUnderWay, asked.isLoading]);
  return asked;
}

function Summary({ summary }: { readonly summary: NonNullable<ComparisonAnswer['summary']> }): ReactElement {
  return (
    <p className="summary">
      <span>{summary.flows} flows:</span>
      {EFFECTS.filter((effect) => summary[effect] > 0).map((effect) => (
        <span key={effect} className={`chip chip-${effect}`}>
          {summary[effect]} {effect}
        </span>
      ))}
    </p>
  );
}

function Changes({ changes, open, onOpen }: { readonly changes: readonly ChangeAnswer[]; readonly open: ChangeAnswer | undefined; readonly onOpen: (change: number) => void }): ReactElement {
  return (
    <table className="rows changes">
      <thead>
        <tr>
          <th>flow</th>
          <th>effect</th>
          <th className="number">packets</th>
          <th>baseline</th>
          <th>candidate</th>
          <th>they part at</th>
        </tr>
      </thead>
      <tbody>
        {changes.map((change, i) => (
          <tr key={i} className={change === open ? 'row is-open' : 'row'} onClick={() => onOpen(i)}>
            <td>
              <button type="button" className="row-button" aria-current={change === open} aria-label={`${change.effect}: ${change.flow}`}>
                {change.flow}
              </button>
            </td>
            <td>
              <span className={`chip chip-${change.effect}`}>{change.effect}</span>
            </td>
            <td className="number mono">{change.count}</td>
            <td>{change.baseline && <FateLine fate={fateOf(change.baseline)} />}</td>
            <td>{change.candidate && <FateLine fate={fateOf(change.candidate)} />}</td>
            <td className="mono">{change.divergence && `${change.divergence.machine.name}, ${change.divergence.what}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
