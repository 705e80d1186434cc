/** The two ways of one change: together as far as they are alike, then side by side. */
import type { ReactElement } from 'react';
import { ProblemBox } from '../../components/index.js';
import { EXCHANGE, useGraphql } from '../../query/index.js';
import type { Asked, ChangeAnswer, ComparedPathAnswer, ExchangeAnswer } from '../../query/index.js';
import { FateLine, HopBlock, WayEnd, fateOf, wayOf } from '../../way/index.js';
import type { HopView, WayOrigin, WayView } from '../../way/index.js';
import { partingOf } from './parting.js';

interface Node {
  readonly node: ExchangeAnswer | null;
}

export interface WaysProps {
  readonly change: ChangeAnswer;
  readonly isDetailed: boolean;
  readonly onDetail: (isDetailed: boolean) => void;
}

export function Ways({ change, isDetailed, onDetail }: WaysProps): ReactElement {
  const { divergence, baseline, candidate } = change;
  const [left, right] = [useExchange(baseline), useExchange(candidate)];
  const [leftSide, rightSide] = [wayFor(left.data, divergence?.what), wayFor(right.data, divergence?.what)];
  const [leftWay, rightWay] = [leftSide?.way, rightSide?.way];
  const parting = partingOf(leftWay, rightWay, divergence?.index ?? null);
  const error = left.error ?? right.error;
  return (
    <section className="ways" aria-label={`The ways of ${change.flow}`}>
      <header>
        <h2>{change.flow}</h2>
        <label className="detail-switch">
          <input type="checkbox" checked={isDetailed} onChange={(event) => onDetail(event.target.checked)} />
          every step
        </label>
      </header>
      {error && <ProblemBox error={error} />}
      {parting.common.length > 0 && leftSide && (
        <div className="common">
          <p className="quiet">Alike on both sides</p>
          <Hops hops={parting.common} origin={leftSide.origin} isDetailed={isDetailed} />
        </div>
      )}
      {divergence && (leftWay ?? rightWay) && (
        <p className="parting-line">
          <span>
            Here they part: <span className="mono">{divergence.machine.name}</span>, {divergence.what}, step {divergence.index + 1}
          </span>
        </p>
      )}
      <div className="sides">
        <Side label="baseline" path={baseline} side={leftSide} hops={parting.baseline} at={divergence?.index} isDetailed={isDetailed} />
        <Side label="candidate" path={candidate} side={rightSide} hops={parting.candidate} at={divergence?.index} isDetailed={isDetailed} />
      </div>
    </section>
  );
}

interface SideProps {
  readonly label: string;
  readonly path: ComparedPathAnswer | null;
  readonly side: SideWay | undefined;
  readonly hops: readonly HopView[];
  readonly at: number | undefined;
  readonly isDetailed: boolean;
}

function Side({ label, path, side, hops, at, isDetailed }: SideProps): ReactElement {
  return (
    <section className="side" aria-label={label}>
      <header>
        <h3>{label}</h3>
        {path ? <FateLine fate={fateOf(path)} /> : <p className="quiet">no such packet</p>}
      </header>
      {side && <Hops hops={hops} origin={side.origin} isDetailed={isDetailed} {...(at === undefined ? {} : { parting: at })} />}
      {side && hops.length === 0 && <p className="quiet">Its way has ended here.</p>}
      {side && <WayEnd way={side.way} />}
    </section>
  );
}

function Hops({ hops, origin, isDetailed, parting }: { readonly hops: readonly HopView[]; readonly origin: WayOrigin; readonly isDetailed: boolean; readonly parting?: number }): ReactElement {
  return (
    <ol className="hops">
      {hops.map((hop, i) => (
        <HopBlock key={i} hop={hop} origin={origin} isDetailed={isDetailed} {...(parting === undefined ? {} : { parting })} />
      ))}
    </ol>
  );
}

function useExchange(path: ComparedPathAnswer | null): { readonly data: ExchangeAnswer | null; readonly error: Error | null } {
  const { data, error }: Asked<Node> = useGraphql<Node>(EXCHANGE, path && { id: path.id });
  return { data: data?.node?.id === path?.id ? (data?.node ?? null) : null, error };
}

interface SideWay {
  readonly way: WayView;
  readonly origin: WayOrigin;
}

/** The packet of the exchange in which the ways part; of one that is not there, the first. */
function wayFor(exchange: ExchangeAnswer | null, what: string | undefined): SideWay | undefined {
  if (exchange === null) return undefined;
  const entry = Math.max(0, exchange.exchange.findIndex((one) => one.what === what));
  const trace = exchange.exchange[entry];
  return trace && { way: wayOf(trace), origin: { id: exchange.id, entry } };
}
