/** A flow's part of a report. */
import { DISPOSITIONS, outcomeOf, type Disposition, type FlowReport, type FlowTotals, type PathReport } from '@worldline/model';
import { formatFraction, fraction, multiply, toNumber, type Fraction } from '../question/fraction.js';
import type { FlowTally } from '../question/flow-tally.js';
import type { Flow } from '../traffic/flow.js';
import type { PacketReporter } from './packet-report.js';

/** What a sample run saw: counts, and the packets that are asked for. */
export function sampleReport(flow: Flow, tally: FlowTally, reporter: PacketReporter, hasAllHops: boolean): FlowReport {
  const firsts = new Set(tally.firsts);
  const share = (path: number): number => tally.counts[path] / tally.sent;
  const listed = tally.listed.map((number) => ({ number, question: tally.archive.get(number) })).sort((a, b) => a.question.index - b.question.index);
  return {
    name: flow.spec.name,
    totals: totalsOf(tally),
    paths: tally.firsts.map((_, path) => pathReport(flow, tally, path, reporter, share(path))),
    packets: listed.map(({ number, question }) => reporter.packet(question, flow, hasAllHops || firsts.has(number), share(question.path))),
  };
}

/** What explore found: every path with its exact share. Totals are those of the sample run. */
export function exploreReport(flow: Flow, sample: FlowTally, branches: FlowTally, reporter: PacketReporter): FlowReport {
  const sent = fraction(BigInt(sample.sent), 1n);
  return {
    name: flow.spec.name,
    totals: totalsOf(sample),
    paths: branches.firsts.map((_, path) => {
      const weight = branches.weights[path];
      return { ...pathReport(flow, branches, path, reporter, toNumber(weight)), count: countOf(weight, sent), weight: formatFraction(weight) };
    }),
    packets: [],
  };
}

/** Its exchange is put into words when it is looked at: a flow to many services has thousands of paths, and few are read. */
function pathReport(flow: Flow, tally: FlowTally, path: number, reporter: PacketReporter, probability: number): PathReport {
  const first = tally.archive.get(tally.firsts[path]);
  let exchange: PathReport['exchange'] | null = null;
  return {
    id: path,
    count: tally.counts[path],
    probability,
    disposition: DISPOSITIONS[first.disposition],
    delivered: reporter.delivered(first),
    died: reporter.died(first, flow),
    sent: reporter.sent(first, flow),
    reply: reporter.reply(first),
    error: reporter.error(first),
    get exchange() {
      return (exchange ??= reporter.ways(first, probability));
    },
  };
}

function totalsOf(tally: FlowTally): FlowTotals {
  const byDisposition: Partial<Record<Disposition, number>> = {};
  const outcomes = { delivered: 0, dropped: 0, undecided: 0 };
  DISPOSITIONS.forEach((disposition, i) => {
    const count = tally.byDisposition[i];
    if (count === 0) return;
    byDisposition[disposition] = count;
    outcomes[outcomeOf(disposition)] += count;
  });
  return { sent: tally.sent, ...outcomes, rejected: byDisposition.Rejected ?? 0, replied: tally.replied, byDisposition };
}

/** How many of the flow's packets that is, where it is a whole number; else the nearest. */
function countOf(weight: Fraction, sent: Fraction): number {
  return Math.round(toNumber(multiply(weight, sent)));
}
