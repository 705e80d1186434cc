import type { SimulationAnswer } from '@worldline/contract';
import type { SimulationRow } from '../../query/index.js';

/** Counts what REST counts for one simulation, of rows that GraphQL lists. */
export function verdictOf({ expectations, findings }: Pick<SimulationRow, 'expectations' | 'findings'>): NonNullable<SimulationAnswer['verdict']> {
  const expected = (outcome: string): number => expectations.filter((one) => one.outcome === outcome).length;
  const found = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return {
    passed: expected('passed'),
    failed: expected('failed'),
    undecided: expected('undecided'),
    findings: { error: found('error'), warning: found('warning'), info: found('info') },
  };
}
