/** One simulation: while it runs, how far it is; then the network, its packets, and the way of the one that is chosen. */
import type { SimulationAnswer } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { ReactElement } from 'react';
import { ProblemBox, Progress, TotalsBar, VerdictMark } from '../../components/index.js';
import { RequestProblem, SIMULATION, useGraphql } from '../../query/index.js';
import type { SimulationDetail } from '../../query/index.js';
import { Link } from '../../routing/index.js';
import { simulationsUrl } from '../simulations/url.js';
import { Explorer } from './explorer.js';
import { readSimulation } from './url.js';
import { useSimulation } from './use-simulation.js';

export function SimulationPage({ id, search }: { readonly id: string; readonly search: string }): ReactElement {
  const { data: simulation, error } = useSimulation(id);
  if (error) {
    return (
      <main className="page">
        <ProblemBox error={error} />
      </main>
    );
  }
  if (!simulation) return <main className="page is-waiting" aria-busy="true" />;
  if (simulation.status !== 'succeeded') return <Unfinished simulation={simulation} />;
  return <Finished simulation={simulation} search={search} />;
}

function Unfinished({ simulation }: { readonly simulation: SimulationAnswer }): ReactElement {
  const { name, status, progress, problem } = simulation;
  return (
    <main className="page unfinished">
      <h1>{name || 'unnamed'}</h1>
      {(status === 'queued' || status === 'running') && <Progress progress={progress} label={status} />}
      {status === 'canceled' && <p>Canceled before its end.</p>}
      {problem && <ProblemBox error={new RequestProblem(problem.status, [problem.title, problem.detail].filter(Boolean).join(': '), problem.errors as RequestProblem['fields'])} />}
    </main>
  );
}

function Finished({ simulation, search }: { readonly simulation: SimulationAnswer; readonly search: string }): ReactElement {
  const { data, error } = useGraphql<{ simulation: SimulationDetail | null }>(SIMULATION, { id: simulation.id });
  const detail = data?.simulation;
  return (
    <main className="workbench">
      <header className="workbench-head">
        <h1>{simulation.name || 'unnamed'}</h1>
        {detail && descriptionOf(detail.scenario) && <p className="description">{descriptionOf(detail.scenario)}</p>}
        {detail && <TotalsBar totals={detail.totals} />}
        {simulation.verdict && <VerdictMark verdict={simulation.verdict} />}
        {detail && <Trouble detail={detail} />}
        <span className="quiet mono run-words">
          seed {simulation.seed} · {simulation.mode} · engine {simulation.engineVersion}
        </span>
        <span className="head-links">
          <a href={simulation.links.report}>report</a>
          <Link href={simulationsUrl({ baseline: simulation.id })}>compare</Link>
        </span>
      </header>
      {error && <ProblemBox error={error} />}
      {detail && <Explorer id={simulation.id} mode={simulation.mode} detail={detail} state={readSimulation(search)} />}
    </main>
  );
}

function descriptionOf(scenario: Json): string {
  const { metadata } = (scenario ?? {}) as { readonly metadata?: { readonly description?: Json } };
  return typeof metadata?.description === 'string' ? metadata.description : '';
}

/** Expectations that do not hold, findings, and what could not be modelled: only where there are some. */
function Trouble({ detail: { expectations, findings, coverage } }: { readonly detail: SimulationDetail }): ReactElement | null {
  const broken = expectations.filter(({ outcome }) => outcome !== 'passed');
  const issues = coverage.issues.filter(({ severity }) => severity !== 'info');
  const count = broken.length + findings.length + issues.length;
  if (count === 0) return null;
  return (
    <details className="trouble">
      <summary>{count} to read</summary>
      <ul>
        {broken.map(({ name, outcome, detail }) => (
          <li key={`expect ${name}`}>
            <span className={`chip chip-${outcome === 'failed' ? 'dropped' : 'undecided'}`}>{outcome}</span> {name}: {detail}
          </li>
        ))}
        {findings.map(({ kind, severity, title }, i) => (
          <li key={`finding ${i}`}>
            <span className={`chip chip-${severity === 'error' ? 'dropped' : 'undecided'}`}>{kind}</span> {title}
          </li>
        ))}
        {issues.map(({ code, message, file, line }, i) => (
          <li key={`issue ${i}`}>
            <span className="chip chip-undecided">{code}</span> {file && <code>{[file, line].filter((part) => part != null).join(':')}</code>} {message}
          </li>
        ))}
      </ul>
    </details>
  );
}
