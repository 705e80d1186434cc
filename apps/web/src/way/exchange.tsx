/** One packet or path: what was asked, what became of it, and the way of each packet that travelled because of it. */
import type { ReactElement } from 'react';
import { socketText } from '../query/index.js';
import type { ExchangeAnswer } from '../query/index.js';
import { FateLine, Outcome } from './fate-line.js';
import { fateOf } from './fate.js';
import { HopBlock } from './hop-block.js';
import type { WayOrigin } from './trail-fold.js';
import type { WayView } from './way-model.js';

export interface ExchangeProps {
  readonly exchange: ExchangeAnswer;
  readonly ways: readonly WayView[];
  /** Position of the packet whose way is shown. */
  readonly entry: number;
  readonly isDetailed: boolean;
  readonly onChooseEntry: (entry: number) => void;
  readonly onDetail: (isDetailed: boolean) => void;
}

export function Exchange({ exchange, ways, entry, isDetailed, onChooseEntry, onDetail }: ExchangeProps): ReactElement {
  const way = ways[entry];
  return (
    <section className="exchange" aria-label="The way of the chosen packet">
      <header>
        <h2>
          {exchange.flow.name}
          <span className="quiet">{exchange.__typename === 'Packet' ? `packet ${exchange.index}, ${exchange.at}` : `path ${exchange.number}, taken by ${exchange.count}`}</span>
        </h2>
        {exchange.sent && <Question sent={exchange.sent} />}
        <FateLine fate={fateOf(exchange)}>{exchange.reply && <span>and answered</span>}</FateLine>
      </header>
      <div className="entries" role="tablist" aria-label="Packets that travelled">
        {ways.map(({ what, outcome }, i) => (
          <button key={i} type="button" role="tab" aria-selected={i === entry} className={`entry-tab is-${outcome}`} onClick={() => onChooseEntry(i)}>
            <Outcome outcome={outcome} />
            {what}
          </button>
        ))}
        <label className="detail-switch">
          <input type="checkbox" checked={isDetailed} onChange={(event) => onDetail(event.target.checked)} />
          every step
        </label>
      </div>
      {way && <Way way={way} origin={{ id: exchange.id, entry }} isDetailed={isDetailed} />}
    </section>
  );
}

function Question({ sent: { protocol, machine, source, destination } }: { readonly sent: NonNullable<ExchangeAnswer['sent']> }): ReactElement {
  return (
    <p className="question mono">
      <span className="protocol">{protocol}</span> {machine} {socketText(source)} <span className="arrow" aria-label="to" /> {socketText(destination)}
    </p>
  );
}

function Way({ way, origin, isDetailed }: { readonly way: WayView; readonly origin: WayOrigin; readonly isDetailed: boolean }): ReactElement {
  return (
    <ol className="hops">
      {way.hops.map((hop, i) => (
        <HopBlock key={i} hop={hop} origin={origin} number={i + 1} isDetailed={isDetailed}>
          {i === way.hops.length - 1 && <WayEnd way={way} />}
        </HopBlock>
      ))}
    </ol>
  );
}

export function WayEnd({ way }: { readonly way: WayView }): ReactElement {
  return (
    <p className={`way-end fate fate-${way.outcome}`}>
      <Outcome outcome={way.outcome} />
      <strong>{way.disposition}</strong>
      {way.reason && <span className="cause mono">{way.reason}</span>}
    </p>
  );
}
