import { InvalidCursor } from '@worldline/application';
import type { Replayed } from '@worldline/application';
import { ProblemException } from '../http/index.js';

/** The answer, or the problem that there is none. */
export function answered<T>(replayed: Replayed<T>): T {
  if (replayed.kind === 'answer') return replayed.value;
  const { kind, detail } = replayed;
  if (kind === 'invalid-cursor') throw new InvalidCursor(detail);
  throw new ProblemException(kind, { detail, ...(kind === 'not-finished' ? { retryAfter: 1 } : {}) });
}
