/** Filters over the rows, each offering only what occurs, most frequent first. */
import type { ReactElement } from 'react';
import { CHOICES, useGraphql } from '../../query/index.js';
import type { BucketAnswer, FlowAnswer } from '../../query/index.js';
import { NO_FILTER, VIEWS, traceFilterOf } from './url.js';
import type { Filter, View } from './url.js';

interface Choices {
  readonly simulation: { readonly dispositions: readonly BucketAnswer[]; readonly machines: readonly BucketAnswer[]; readonly chains: readonly BucketAnswer[]; readonly rules: readonly BucketAnswer[] } | null;
}

export interface FilterBarProps {
  readonly id: string;
  readonly flows: readonly FlowAnswer[];
  readonly view: View;
  readonly filter: Filter;
  readonly onFilter: (filter: Partial<Filter>) => void;
  readonly onView: (view: View) => void;
}

export function FilterBar({ id, flows, view, filter, onFilter, onView }: FilterBarProps): ReactElement {
  const { data } = useGraphql<Choices>(CHOICES, { id, filter: filter.chain ? traceFilterOf({ ...NO_FILTER, chain: filter.chain }) : {} });
  const choices = data?.simulation;
  const isFiltered = Object.values(filter).some((word) => word !== '');
  const rules = (choices?.rules ?? []).map(optionOf).filter(({ value }) => filter.chain === '' || value.split(' ')[1] === filter.chain);
  return (
    <div className="filter-bar" role="search" aria-label="Filters">
      <div className="views" role="radiogroup" aria-label="Rows">
        {VIEWS.map((one) => (
          <button key={one} type="button" role="radio" aria-checked={view === one} onClick={() => onView(one)}>
            {one}
          </button>
        ))}
      </div>
      <Choice label="flow" value={filter.flow} options={flows.map(({ name, totals }) => ({ value: name, count: totals.sent }))} onChoose={(flow) => onFilter({ flow })} />
      <Choice label="disposition" value={filter.disposition} options={(choices?.dispositions ?? []).map(optionOf)} onChoose={(disposition) => onFilter({ disposition })} />
      <Choice label="machine" value={filter.machine} options={(choices?.machines ?? []).map(optionOf)} onChoose={(machine) => onFilter({ machine })} />
      <Choice label="chain" value={filter.chain} options={(choices?.chains ?? []).map(optionOf)} onChoose={(chain) => onFilter({ chain, rule: '' })} />
      <Choice label="rule" value={filter.rule} options={rules} onChoose={(rule) => onFilter({ rule })} />
      {isFiltered && (
        <button type="button" className="clear" onClick={() => onFilter(NO_FILTER)}>
          clear
        </button>
      )}
    </div>
  );
}

interface Option {
  readonly value: string;
  readonly count: string;
}

/** Of several dimensions one word after the other, as the URL has a rule; none where one of them has no value, as a policy has no number. */
function optionOf({ key, count }: BucketAnswer): Option {
  const words = key.map(({ value }) => value);
  return { value: words.includes(null) ? '' : words.join(' '), count };
}

function Choice({ label, value, options, onChoose }: { readonly label: string; readonly value: string; readonly options: readonly Option[]; readonly onChoose: (value: string) => void }): ReactElement {
  const isListed = value === '' || options.some((option) => option.value === value);
  return (
    <span className={value === '' ? 'field' : 'field is-set'}>
      <select aria-label={label} value={value} onChange={(event) => onChoose(event.target.value)}>
        <option value="">any {label}</option>
        {!isListed && <option value={value}>{value}</option>}
        {options
          .filter((option) => option.value !== '')
          .map((option) => (
            <option key={option.value} value={option.value}>
              {option.value} ({option.count})
            </option>
          ))}
      </select>
    </span>
  );
}
