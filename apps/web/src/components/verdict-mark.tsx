import type { SimulationAnswer } from '@worldline/contract';
import type { ReactElement } from 'react';

type Verdict = NonNullable<SimulationAnswer['verdict']>;

/** How the expectations of a simulation came out and what was found; nothing where nothing was expected or found. */
export function VerdictMark({ verdict: { passed, failed, undecided, findings } }: { readonly verdict: Verdict }): ReactElement | null {
  if (passed + failed + undecided + findings.error + findings.warning === 0) return null;
  return (
    <span className="verdict-mark">
      {failed > 0 && <span className="chip chip-dropped">{failed} failed</span>}
      {undecided > 0 && <span className="chip chip-undecided">{undecided} undecided</span>}
      {passed > 0 && <span className="chip chip-delivered">{passed} as expected</span>}
      {findings.error > 0 && <span className="chip chip-dropped">{findings.error} found</span>}
      {findings.warning > 0 && <span className="chip chip-undecided">{findings.warning} latent</span>}
    </span>
  );
}

export function Progress({ progress: { done, of }, label }: { readonly progress: SimulationAnswer['progress']; readonly label: string }): ReactElement {
  return (
    <span className="progress">
      <progress {...(of > 0 ? { value: done, max: of } : {})} aria-label={label} />
      <span>{of > 0 ? `${label}, ${done} of ${of}` : label}</span>
    </span>
  );
}
