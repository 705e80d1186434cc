/** Chooses two simulations, asks for their comparison and goes there. */
import type { ComparisonAnswer, SimulationAnswer } from '@worldline/contract';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { ProblemBox } from '../../components/index.js';
import { postJson, useRest } from '../../query/index.js';
import { navigate } from '../../routing/index.js';
import { compareUrl, comparisonUrl, readCompare } from './url.js';

export function ComparePage({ search }: { readonly search: string }): ReactElement {
  const state = readCompare(search);
  const { data, error } = useRest<{ readonly items: readonly SimulationAnswer[] }>('/simulations?status=succeeded&limit=200');
  const [problem, setProblem] = useState<Error | null>(null);
  const compare = (): void => {
    setProblem(null);
    const sides = { baseline: { simulation: state.baseline }, candidate: { simulation: state.candidate } };
    postJson<ComparisonAnswer>('/comparisons', sides, { Prefer: 'wait=30' }).then(
      ({ id }) => navigate(comparisonUrl(id)),
      (cause: unknown) => setProblem(cause instanceof Error ? cause : new Error(String(cause))),
    );
  };
  const items = data?.items ?? [];
  return (
    <main className="page">
      <h1>Compare two simulations</h1>
      <p className="lead">Which packets fare otherwise, and the first step at which their ways part.</p>
      {(error ?? problem) && <ProblemBox error={(error ?? problem) as Error} />}
      <form
        className="compare-form"
        onSubmit={(event) => {
          event.preventDefault();
          compare();
        }}
      >
        <Side label="baseline" value={state.baseline} items={items} onChoose={(baseline) => navigate(compareUrl({ ...state, baseline }), { replace: true })} />
        <span className="arrow" aria-label="against" />
        <Side label="candidate" value={state.candidate} items={items} onChoose={(candidate) => navigate(compareUrl({ ...state, candidate }), { replace: true })} />
        <button type="submit" className="button is-primary" disabled={state.baseline === '' || state.candidate === ''}>
          Compare
        </button>
      </form>
    </main>
  );
}

function Side({ label, value, items, onChoose }: { readonly label: string; readonly value: string; readonly items: readonly SimulationAnswer[]; readonly onChoose: (id: string) => void }): ReactElement {
  return (
    <label className="field">
      {label}
      <select value={value} onChange={(event) => onChoose(event.target.value)}>
        <option value="">choose…</option>
        {value !== '' && !items.some(({ id }) => id === value) && <option value={value}>{value}</option>}
        {items.map(({ id, name, createdAt }) => (
          <option key={id} value={id}>
            {name || 'unnamed'} · {createdAt.slice(0, 19).replace('T', ' ')}
          </option>
        ))}
      </select>
    </label>
  );
}
