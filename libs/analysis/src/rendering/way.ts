/** A packet's way as text: machines joined by the interfaces it left and came in by. */
import { outcomeOf } from '@worldline/model';
import type { Hop, Step, TraceReport } from '@worldline/model';
import type { Palette } from './palette.js';

/** `pod/default/a eth0 → vetha node/n1 eth0 → eth0 node/n2 ✗` */
export function wayText(trace: TraceReport, palette: Palette): string {
  const hops = trace.hops ?? [];
  const machines = hops.map((hop, i) => hopText(hop, i === 0, i === hops.length - 1, palette));
  const isLost = outcomeOf(trace.disposition) === 'dropped';
  return machines.join(palette.dim(' → ')) + (isLost ? palette.bad(' ✗') : '');
}

/** The same way without emphasis, to tell ways apart. */
export function wayKey(trace: TraceReport): string {
  return (trace.hops ?? []).map((hop) => `${hop.inputInterface ?? ''}>${hop.machine}>${hop.outputInterface ?? ''}`).join(' ');
}

function hopText(hop: Hop, isFirst: boolean, isLast: boolean, palette: Palette): string {
  const input = hop.inputInterface === null || isFirst ? '' : `${palette.dim(hop.inputInterface)} `;
  const output = hop.outputInterface === null || (isLast && hop.outputInterface === hop.inputInterface) ? '' : ` ${palette.dim(hop.outputInterface)}`;
  return `${input}${palette.strong(hop.machine)}${output}`;
}

export interface PlacedStep {
  readonly machine: string;
  readonly step: Step;
}

/**
 * Steps that decided the packet's fate or changed it, in order. Of one that arrived, neither how a bridge passed it on nor that a socket
 * took it: its way and its fate say so. Of one that was lost, also the entry that a translation obeyed.
 */
export function decidingSteps(trace: TraceReport): PlacedStep[] {
  const hasArrived = outcomeOf(trace.disposition) === 'delivered';
  return (trace.hops ?? []).flatMap(({ machine, steps }) => {
    const isBound = steps.some(({ detail }) => detail['cause'] === 'binding');
    const isTold = ({ kind, action, isDeciding }: Step): boolean => {
      if (hasArrived) return isDeciding && kind !== 'Inbound' && kind !== 'Bridge';
      return isDeciding || (isBound && kind === 'Conntrack' && action === 'found');
    };
    return steps.filter(isTold).map((step) => ({ machine, step }));
  });
}
