/** Where two paths first part. */
import { canonicalJson } from '@worldline/model';
import type { ExchangeWhat, Json, MachineName, PathReport, Step } from '@worldline/model';

export interface Divergence {
  /** Which packet of the exchange: `request`, `synack`... */
  readonly what: ExchangeWhat;
  readonly machine: MachineName;
  /** Position of the step in the way of that packet, from 0. */
  readonly index: number;
  /** Null: that way has ended there. */
  readonly baseline: Step | null;
  readonly candidate: Step | null;
}

interface PlacedStep {
  readonly machine: MachineName;
  readonly step: Step;
}

/** The first steps in which two paths differ; null where they do not, or where no steps are recorded. */
export function divergenceOf(baseline: PathReport, candidate: PathReport): Divergence | null {
  for (let i = 0; i < Math.max(baseline.exchange.length, candidate.exchange.length); i++) {
    const [a, b] = [baseline.exchange[i], candidate.exchange[i]];
    const [left, right] = [stepsOf(a), stepsOf(b)];
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      const [was, is] = [left[index], right[index]];
      if (was && is && stepKey(was) === stepKey(is)) continue;
      const placed = (was ?? is) as PlacedStep;
      return { what: (a ?? b)?.what as ExchangeWhat, machine: placed.machine, index, baseline: was?.step ?? null, candidate: is?.step ?? null };
    }
  }
  return null;
}

/** Equal for paths that take the same way: machines, interfaces, decisions and fates; the client's address and port are not part. */
export function pathKey(path: PathReport): string {
  const ways = path.exchange.map(({ what, trace }) => [what, trace.disposition, ...(trace.hops ?? []).map((hop) => [hop.machine, hop.inputInterface, hop.outputInterface, ...hop.steps.map((step) => identityOf(step))])]);
  return canonicalJson([path.disposition, ways] as Json);
}

function stepsOf(entry: PathReport['exchange'][number] | undefined): PlacedStep[] {
  return (entry?.trace.hops ?? []).flatMap((hop) => hop.steps.map((step) => ({ machine: hop.machine, step })));
}

function stepKey({ machine, step }: PlacedStep): string {
  return canonicalJson([machine, identityOf(step)]);
}

function identityOf(step: Step): Json {
  // A conntrack entry's tuples hold the client's port, which differs between equal paths.
  return step.kind === 'Conntrack' ? [step.kind, step.action] : [step.kind, step.action, step.text];
}
