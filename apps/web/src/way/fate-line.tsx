import type { Outcome as OutcomeWord } from '@worldline/model';
import type { ReactElement, ReactNode } from 'react';
import type { Fate } from './fate.js';

const SPOKEN: Readonly<Record<OutcomeWord, string>> = { delivered: 'delivered', dropped: 'dropped', undecided: 'undecided' };

/** A state by shape as well as by colour: a tick, a cross, a question mark. */
export function Outcome({ outcome }: { readonly outcome: OutcomeWord }): ReactElement {
  return <span className={`mark mark-${outcome}`} role="img" aria-label={SPOKEN[outcome]} />;
}

export function FateLine({ fate, children }: { readonly fate: Fate; readonly children?: ReactNode }): ReactElement {
  return (
    <p className={`fate fate-${fate.outcome}`}>
      <Outcome outcome={fate.outcome} />
      <strong>{fate.disposition}</strong>
      {fate.where !== '' && (
        <span>
          {fate.outcome === 'delivered' ? 'by' : 'at'} <span className="mono">{fate.where}</span>
        </span>
      )}
      {children}
      {fate.because.map((cause) => (
        <span key={cause} className="cause mono">
          {cause}
        </span>
      ))}
    </p>
  );
}
