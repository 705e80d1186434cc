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

/** Details of the packet at hand, which differ between packets of one path: the client's addresses, the rules that did not match. */
const OF_THE_PACKET = new Set(['trail', 'lookedAt', 'original', 'reply', 'before', 'after', 'source', 'destination', 'address', 'mac', 'lladdr']);

function identityOf({ kind, action, detail }: Step): Json {
  const kept = Object.entries(detail).filter(([key]) => !OF_THE_PACKET.has(key));
  return [kind, action, Object.fromEntries(kept), kind === 'Transformation' ? targetOf(action, detail) : null];
}

/** What a translation is to: not where an answer goes back to, nor a port that the client or chance chose. */
function targetOf(action: string, { cause, after, isDrawn }: Step['detail']): string {
  const place = typeof after === 'string' && cause !== 'reverse' ? after : '';
  return action === 'source' || isDrawn === true ? place.replace(/:\d+$/, '') : place;
}
