/** One visit to one machine: the addresses it came with, what was decided, the addresses it left with. */
import type { ReactElement, ReactNode } from 'react';
import { StepLine } from './step-line.js';
import type { WayOrigin } from './trail-fold.js';
import type { Addresses, HopView } from './way-model.js';

export interface HopBlockProps {
  readonly hop: HopView;
  readonly origin: WayOrigin;
  /** Of the visit, as the picture has it. */
  readonly number?: number;
  readonly isDetailed: boolean;
  /** Position of the step at which this way parts from another. */
  readonly parting?: number;
  readonly children?: ReactNode;
}

export function HopBlock({ hop, origin, number, isDetailed, parting, children }: HopBlockProps): ReactElement {
  const { machine, inputInterface, outputInterface, entering, leaving, steps } = hop;
  const isChanged = entering !== null && leaving !== null && (entering.source !== leaving.source || entering.destination !== leaving.destination);
  const shown = isDetailed ? steps : steps.filter(({ index, isTelling }) => isTelling || index === parting);
  return (
    <li className="hop">
      <header>
        {number !== undefined && <span className="visit">{number}</span>}
        <h3>{machine}</h3>
        <span className="hop-interfaces mono">
          {inputInterface ?? ''} <span className="arrow" aria-label="to" /> {outputInterface ?? ''}
        </span>
      </header>
      {(entering ?? leaving) && <Seen label={entering ? 'arrives' : 'leaves'} addresses={(entering ?? leaving) as Addresses} other={null} />}
      <ol className="steps">
        {shown.map((step) => (
          <StepLine key={step.index} step={step} origin={origin} isParting={step.index === parting} />
        ))}
      </ol>
      {isChanged && <Seen label="leaves" addresses={leaving} other={entering} />}
      {children}
    </li>
  );
}

/** Addresses as they were on the wire; what is not as before stands out. */
function Seen({ label, addresses, other }: { readonly label: string; readonly addresses: Addresses; readonly other: Addresses | null }): ReactElement {
  return (
    <p className="seen">
      <span className="step-label">{label}</span>
      <span className="mono">
        <span className={other && other.source !== addresses.source ? 'changed' : ''}>{addresses.source}</span> <span className="arrow" aria-label="to" />{' '}
        <span className={other && other.destination !== addresses.destination ? 'changed' : ''}>{addresses.destination}</span>
      </span>
    </p>
  );
}
