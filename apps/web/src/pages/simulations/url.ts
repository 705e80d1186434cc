import { oneOf, readWords, writeUrl } from '../../routing/index.js';

export const STATUS_CHOICES = ['', 'queued', 'running', 'succeeded', 'failed', 'canceled'] as const;

/** The list of simulations. */
export interface SimulationsState {
  /** Empty: all. */
  readonly status: (typeof STATUS_CHOICES)[number];
  readonly cursor: string;
  /** Chosen as the baseline of a comparison. */
  readonly baseline: string;
}

export function readSimulations(search: string): SimulationsState {
  const { status, cursor = '', baseline = '' } = readWords(search);
  return { status: oneOf(STATUS_CHOICES, status), cursor, baseline };
}

export function simulationsUrl({ status = '', cursor = '', baseline = '' }: Partial<SimulationsState> = {}): string {
  return writeUrl('/', { status, cursor, baseline });
}
