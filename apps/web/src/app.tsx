/** The frame around every page, and which page an address means. */
import type { ReactElement } from 'react';
import { ThemeSwitch } from './components/index.js';
import { COMPARE_PATH, ComparePage, ComparisonPage, readComparisonId } from './pages/comparison/index.js';
import { SimulationPage, readSimulationId } from './pages/simulation/index.js';
import { SimulationsPage } from './pages/simulations/index.js';
import { SUBMISSION_PATH, SubmissionPage } from './pages/submission/index.js';
import { Link, useLocation } from './routing/index.js';
import type { Location } from './routing/index.js';

const PAGES = [
  { path: '/', label: 'Simulations' },
  { path: COMPARE_PATH, label: 'Compare' },
  { path: SUBMISSION_PATH, label: 'New' },
] as const;

export function App(): ReactElement {
  const location = useLocation();
  return (
    <>
      <nav className="top-bar" aria-label="Pages">
        <Link href="/" className="brand">
          <svg viewBox="0 0 26 22" width="22" height="19" aria-hidden="true">
            <path d="M3 18 L11 10 L11 3 M11 10 L23 17" />
            <circle cx="3" cy="18" r="2.4" />
            <circle cx="11" cy="10" r="2.4" />
            <circle cx="23" cy="17" r="2.4" />
          </svg>
          Worldline
        </Link>
        {PAGES.map(({ path, label }) => (
          <Link key={path} href={path} aria-current={location.path === path ? 'page' : undefined}>
            {label}
          </Link>
        ))}
        <span className="spacer" />
        <a href="/docs">API</a>
        <ThemeSwitch />
      </nav>
      <Page location={location} />
    </>
  );
}

function Page({ location: { path, search } }: { readonly location: Location }): ReactElement {
  const simulation = readSimulationId(path);
  if (simulation !== null) return <SimulationPage key={simulation} id={simulation} search={search} />;
  const comparison = readComparisonId(path);
  if (comparison !== null) return <ComparisonPage key={comparison} id={comparison} search={search} />;
  if (path === COMPARE_PATH) return <ComparePage search={search} />;
  if (path === SUBMISSION_PATH) return <SubmissionPage />;
  if (path === '/') return <SimulationsPage search={search} />;
  return (
    <main className="page">
      <h1>Nothing is here</h1>
      <p>
        <Link href="/">All simulations</Link>
      </p>
    </main>
  );
}
