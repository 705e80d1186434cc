/** What the use cases say of a request, as answers. */
import type { Submission } from '@worldline/application';
import type { ProblemKind } from '@worldline/contract';
import { ProblemException } from './problem-exception.js';

/** The record that a submission made or found; everything else ends the request. */
export function accepted<T>(submission: Submission<T>): { readonly record: T; readonly isNew: boolean } {
  switch (submission.kind) {
    case 'created':
    case 'existing':
      return { record: submission.record, isNew: submission.kind === 'created' };
    case 'conflict':
      throw new ProblemException('idempotency-mismatch', { detail: 'this Idempotency-Key came with another body before', errors: [{ code: 'IdempotencyMismatch', detail: 'Idempotency-Key: came with another body before', word: 'Idempotency-Key' }] });
    case 'unknown':
      throw notFound(submission.what, submission.id, submission.pointer);
    case 'refused':
      throw new ProblemException(submission.problem.code as ProblemKind, { detail: submission.problem.detail, errors: submission.problem.errors });
  }
}

/** `what` is a word such as `simulation`. */
export function notFound(what: string, id: string, pointer?: string): ProblemException {
  const detail = `there is no ${what} ${id.slice(0, 100)}`;
  return new ProblemException('not-found', { detail, errors: [{ code: `Unknown${what.charAt(0).toUpperCase()}${what.slice(1)}`, detail, word: id.slice(0, 100), ...(pointer === undefined ? {} : { pointer }) }] });
}
