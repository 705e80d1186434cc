import { readWords, writeUrl } from '../../routing/index.js';

/** Two simulations side by side. */
export interface ComparisonState {
  /** Position of the change that is open. */
  readonly change: number;
  readonly isDetailed: boolean;
}

/** What to compare, before it is compared. */
export interface CompareState {
  readonly baseline: string;
  readonly candidate: string;
}

export const COMPARE_PATH = '/explorer/comparisons';

export function readComparisonId(path: string): string | null {
  const [, id] = /^\/explorer\/comparisons\/([^/]+)$/.exec(path) ?? [];
  return id === undefined ? null : decodeURIComponent(id);
}

export function readComparison(search: string): ComparisonState {
  const { change = '', steps } = readWords(search);
  return { change: /^\d{1,6}$/.test(change) ? Number(change) : 0, isDetailed: steps === 'all' };
}

export function comparisonUrl(id: string, { change = 0, isDetailed = false }: Partial<ComparisonState> = {}): string {
  return writeUrl(`${COMPARE_PATH}/${encodeURIComponent(id)}`, { change: change === 0 ? '' : String(change), steps: isDetailed ? 'all' : '' });
}

export function readCompare(search: string): CompareState {
  const { baseline = '', candidate = '' } = readWords(search);
  return { baseline, candidate };
}

export function compareUrl({ baseline = '', candidate = '' }: Partial<CompareState> = {}): string {
  return writeUrl(COMPARE_PATH, { baseline, candidate });
}
