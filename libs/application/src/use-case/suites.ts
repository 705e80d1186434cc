import type { Suite } from '@worldline/analysis';
import type { WhatIfOutcome } from './what-if.js';

/** A what-if as build servers see it. The base is no suite: that it is broken is why one asks. */
export function suitesOf({ name, variants }: WhatIfOutcome, file: string): Suite[] {
  return variants.map(({ name: variant, report, expectations, failures }) => ({
    name: `${name}: ${variant}`,
    file,
    results: expectations,
    issues: report.coverage.issues,
    report,
    tolerated: expectations.map((one) => one.name).filter((one) => !failures.includes(one)),
  }));
}
