import type { ReactElement } from 'react';
import { RequestProblem, placeOf } from '../query/index.js';

/** What went wrong, with a place for each wrong field. */
export function ProblemBox({ error }: { readonly error: Error }): ReactElement {
  const fields = error instanceof RequestProblem ? error.fields : [];
  return (
    <div className="problem" role="alert">
      <strong>{error.message}</strong>
      {fields.length > 0 && (
        <ul>
          {fields.map((field, i) => (
            <li key={i}>
              {placeOf(field) !== '' && <code>{placeOf(field)}</code>} {field.detail}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
