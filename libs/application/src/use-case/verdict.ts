import { assertNever } from '@worldline/model';
import type { Report } from '@worldline/model';

export interface Gate {
  /** An undecided expectation does not fail the run. */
  readonly isUndecidedAllowed: boolean;
  /** Findings of this severity and above fail the run. */
  readonly failOn: 'error' | 'warning' | null;
}

/** Whether a run passes: all expectations hold and no finding is as bad as the gate forbids. */
export function isPassed(report: Pick<Report, 'expectations' | 'findings'>, gate: Gate): boolean {
  const areExpectationsMet = report.expectations.every(({ outcome }) => outcome === 'passed' || (outcome === 'undecided' && gate.isUndecidedAllowed));
  return areExpectationsMet && !report.findings.some(({ severity }) => isForbidden(severity, gate.failOn));
}

function isForbidden(severity: 'error' | 'warning' | 'info', failOn: Gate['failOn']): boolean {
  switch (failOn) {
    case null:
      return false;
    case 'error':
      return severity === 'error';
    case 'warning':
      return severity !== 'info';
    default:
      return assertNever(failOn);
  }
}
