/** One step of a way: a rule with its text, a translation with the address before and after, a conntrack entry, or a line of text. */
import type { ReactElement } from 'react';
import { TrailFold } from './trail-fold.js';
import type { WayOrigin } from './trail-fold.js';
import type { RuleView, StepView } from './way-model.js';

export function StepLine({ step, origin, isParting = false }: { readonly step: StepView; readonly origin: WayOrigin; readonly isParting?: boolean }): ReactElement {
  const classes = ['step', `step-${step.form}`, step.isDeciding ? 'is-deciding' : '', step.ending ? `is-end end-${step.ending}` : '', isParting ? 'is-parting' : ''];
  return (
    <li className={classes.join(' ')} data-step={step.index}>
      <span className="step-label">{step.label}</span>
      <StepBody step={step} origin={origin} />
    </li>
  );
}

function StepBody({ step, origin }: { readonly step: StepView; readonly origin: WayOrigin }): ReactElement {
  switch (step.form) {
    case 'filter':
      return step.isDeciding || step.ending ? (
        <div className="step-body">
          <FilterHead step={step} />
          <Rules rules={step.rules} />
          <TrailFold key={`${origin.id} ${origin.entry}`} origin={origin} index={step.index} />
        </div>
      ) : (
        <details className="step-body">
          <summary>
            <FilterHead step={step} />
            <PassedBy rules={step.rules} />
          </summary>
          <Rules rules={step.rules} />
          <TrailFold key={`${origin.id} ${origin.entry}`} origin={origin} index={step.index} />
        </details>
      );
    case 'translation':
      return (
        <div className="step-body translation">
          <span className="step-head">{step.side}</span>
          <del className="mono">{step.before}</del>
          <span className="arrow" aria-label="becomes" />
          <ins className="mono">{step.after}</ins>
          <span className="step-note">{step.cause === 'reverse' ? 'as the entry says, backwards' : `by the ${step.cause}`}</span>
        </div>
      );
    case 'entry':
      return (
        <div className="step-body entry">
          <span className="step-head">
            entry {step.action} <span className="state">{step.state}</span>
          </span>
          <dl className="mono">
            <dt>orig</dt>
            <dd>
              {step.protocol} {step.original}
            </dd>
            <dt>reply</dt>
            <dd>
              {step.protocol} {step.reply}
            </dd>
          </dl>
        </div>
      );
    case 'plain':
      return <div className="step-body mono">{step.text}</div>;
  }
}

function FilterHead({ step: { hook, verdict } }: { readonly step: Extract<StepView, { form: 'filter' }> }): ReactElement {
  return (
    <span className="step-head">
      <span className="hook">{hook}</span>
      <span className={`verdict verdict-${verdict}`}>{verdict}</span>
    </span>
  );
}

/** Of a table that changed nothing: by which rule it was left. */
function PassedBy({ rules }: { readonly rules: readonly RuleView[] }): ReactElement {
  const last = rules.at(-1);
  const others = rules.length - 1;
  return (
    <span className="passed-by mono">
      {last && `${last.chain} ${last.number ?? 'policy'}`}
      {others > 0 && ` after ${others} matched`}
    </span>
  );
}

function Rules({ rules }: { readonly rules: readonly RuleView[] }): ReactElement {
  return (
    <ol className="rules">
      {rules.map((rule, i) => (
        <RuleLine key={i} rule={rule} isLast={i === rules.length - 1} />
      ))}
    </ol>
  );
}

function RuleLine({ rule, isLast }: { readonly rule: RuleView; readonly isLast: boolean }): ReactElement {
  const classes = ['rule', isLast ? 'is-last' : ''];
  return (
    <li className={classes.join(' ')}>
      <span className="rule-place">
        {rule.chain}
        <span className="rule-number">{rule.number === null ? '' : ` ${rule.number}`}</span>
      </span>
      <code className="rule-text">
        {rule.parts.map(({ role, text }, i) => (
          <span key={i} className={`rule-${role}`}>
            {text}{' '}
          </span>
        ))}
      </code>
    </li>
  );
}
