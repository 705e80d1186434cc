import type { ReactElement } from 'react';
import type { TotalsAnswer } from '../query/index.js';

const PARTS = ['delivered', 'dropped', 'undecided'] as const;

/** How many packets ended how: a bar for the eye, numbers for the rest. */
export function TotalsBar({ totals }: { readonly totals: TotalsAnswer }): ReactElement {
  const shown = PARTS.filter((part) => Number(totals[part]) > 0);
  return (
    <span className="totals" title={`${totals.sent} sent, ${totals.replied} answered`}>
      <span className="totals-bar" aria-hidden="true">
        {shown.map((part) => (
          <span key={part} className={`bar-${part}`} style={{ flexGrow: Number(totals[part]) }} />
        ))}
      </span>
      {shown.map((part) => (
        <span key={part} className={`total total-${part}`}>
          {totals[part]} {part}
        </span>
      ))}
    </span>
  );
}
