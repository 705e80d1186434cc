import { problemOf } from '@worldline/contract';
import type { Problem, ProblemError, ProblemKind } from '@worldline/contract';

/** Ends a request with a problem. */
export class ProblemException extends Error {
  override readonly name = 'ProblemException';
  readonly problem: Problem;
  /** Seconds after which to try again. */
  readonly retryAfter: number | null;

  constructor(
    readonly kind: ProblemKind,
    options: { readonly detail: string; readonly errors?: readonly ProblemError[]; readonly retryAfter?: number },
  ) {
    super(options.detail);
    this.problem = problemOf(kind, options);
    this.retryAfter = options.retryAfter ?? null;
  }
}
