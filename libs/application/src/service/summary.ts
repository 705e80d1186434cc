import type { Disposition, FlowTotals, Report } from '@worldline/model';
import type { BatchResult, Progress, SimulationSummary, Verdict } from './records.js';

/** A Report in one line. */
export function verdictOf({ expectations, findings }: Report): Verdict {
  const outcomes = (outcome: string): number => expectations.filter((one) => one.outcome === outcome).length;
  const severities = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return {
    passed: outcomes('passed'),
    failed: outcomes('failed'),
    undecided: outcomes('undecided'),
    findings: { error: severities('error'), warning: severities('warning'), info: severities('info') },
  };
}

/** What a Report says about the run as a whole; totals are over all flows. */
export function summaryOf({ flows, coverage, expectations, findings }: Report): SimulationSummary {
  const byDisposition: Partial<Record<Disposition, number>> = {};
  const totals = { sent: 0, delivered: 0, dropped: 0, rejected: 0, undecided: 0, replied: 0 };
  for (const { totals: flow } of flows) {
    for (const key of Object.keys(totals) as (keyof typeof totals)[]) totals[key] += flow[key];
    for (const [disposition, count] of Object.entries(flow.byDisposition) as [Disposition, number][]) byDisposition[disposition] = (byDisposition[disposition] ?? 0) + count;
  }
  return { totals: { ...totals, byDisposition } satisfies FlowTotals, coverage, expectations, findings };
}

/** Where a simulation stands at its end: all its packets are done. */
export function progressOfReport(report: Report): Progress {
  const packets = summaryOf(report).totals.sent;
  return { done: packets, of: packets };
}

/** Where a batch stands at its end: the base and every variant have run. */
export function progressOfBatch({ variants }: Pick<BatchResult, 'variants'>): Progress {
  const runs = 1 + variants.length;
  return { done: runs, of: runs };
}
