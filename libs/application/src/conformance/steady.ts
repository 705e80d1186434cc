import type { Surroundings } from '../service/index.js';

/** A clock that goes on by a second each time, and ids in order. */
export function steadySurroundings(prefix = 'id'): Surroundings {
  let seconds = 0;
  let ids = 0;
  return { now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, ++seconds)).toISOString(), newId: () => `${prefix}-${String(++ids).padStart(4, '0')}` };
}
