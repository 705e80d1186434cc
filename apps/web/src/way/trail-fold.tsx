/** Every rule that a filter step looked at, folded away: only who opens it has the simulation run again. */
import { Fragment, useState } from 'react';
import type { ReactElement } from 'react';
import { ProblemBox } from '../components/index.js';
import { TRAIL, useGraphql } from '../query/index.js';
import type { TrailAnswer, TrailRuleAnswer } from '../query/index.js';
import { clausePartsOf } from './way-model.js';

/** Whose way it is: a packet's or path's id, and the packet's place in the exchange. */
export interface WayOrigin {
  readonly id: string;
  readonly entry: number;
}

interface Answer {
  readonly node: (Partial<Step> & { readonly path?: Step }) | null;
}

interface Step {
  readonly step: TrailAnswer | null;
}

const PAGE = 200;

export function TrailFold({ origin, index }: { readonly origin: WayOrigin; readonly index: number }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const [offset, setOffset] = useState(0);
  const { data, error, isLoading } = useGraphql<Answer>(TRAIL, isOpen ? { ...origin, index, first: PAGE, offset } : null);
  const step = data?.node?.step ?? data?.node?.path?.step ?? null;
  return (
    <details className="trail" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{isOpen && step ? `${step.lookedAt} ${step.lookedAt === 1 ? 'rule' : 'rules'} looked at` : 'every rule looked at'}</summary>
      {error && <ProblemBox error={error} />}
      {isLoading && !step && <p className="quiet">asking the simulation again</p>}
      {step && (
        <ol className="rules" start={offset + 1}>
          {step.trail.map((one, i) => (
            <TrailLine key={offset + i} looked={one} />
          ))}
        </ol>
      )}
      {step && step.lookedAt > PAGE && (
        <p className="trail-pages">
          <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE))}>
            before
          </button>
          {offset + 1} to {Math.min(offset + PAGE, step.lookedAt)}
          <button type="button" disabled={offset + PAGE >= step.lookedAt} onClick={() => setOffset(offset + PAGE)}>
            after
          </button>
        </p>
      )}
    </details>
  );
}

function TrailLine({ looked: { matched, failedClause, rule } }: { readonly looked: TrailRuleAnswer }): ReactElement {
  const owner = [rule.owner?.component, rule.owner?.object].filter((word) => word).join(', ');
  return (
    <li className={`rule ${matched ? 'is-matched' : 'is-missed'}`} {...(owner && { title: owner })}>
      <span className="rule-verdict" role="img" aria-label={matched ? 'matched' : 'did not match'} />
      <span className="rule-place">
        {rule.chain}
        <span className="rule-number"> {rule.number}</span>
      </span>
      <code className="rule-text">
        {clausePartsOf(rule.text, failedClause).map(({ role, text }, i) => (
          <Fragment key={i}>
            <span className={`rule-${role}`}>{text}</span>{' '}
          </Fragment>
        ))}
      </code>
    </li>
  );
}
