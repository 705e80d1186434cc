import type { Meter } from '../ports/index.js';
import type { EngineFigures, MeasureEvent } from './engine.js';

export type Phase = 'load' | 'compile' | 'run' | 'report';

export interface Cost {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** One command that an event ran, on one machine: all that was done because of it before the next packet. */
export interface EventCost {
  /** Milliseconds of simulated time. */
  readonly at: number;
  readonly kind: string;
  readonly cpuMs: number;
}

/** What `--stats` writes. */
export type Stats = Readonly<Record<Phase, Cost>> & EngineFigures & { readonly events: readonly EventCost[]; readonly peakRssMiB: number };

/** Adds up what each phase costs; a phase may be entered several times. */
export class PhaseMeter {
  private readonly costs: Record<Phase, { cpuMs: number; wallMs: number }> = {
    load: { cpuMs: 0, wallMs: 0 },
    compile: { cpuMs: 0, wallMs: 0 },
    run: { cpuMs: 0, wallMs: 0 },
    report: { cpuMs: 0, wallMs: 0 },
  };

  private readonly events: EventCost[] = [];

  constructor(private readonly meter: Meter) {}

  readonly measureEvent: MeasureEvent = (event, work) => {
    const cpuMs = this.meter.cpuMs();
    const result = work();
    this.events.push({ ...event, cpuMs: round(this.meter.cpuMs() - cpuMs) });
    return result;
  };

  measure<T>(phase: Phase, work: () => T): T {
    const stop = this.start(phase);
    const result = work();
    stop();
    return result;
  }

  async measureAsync<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    const stop = this.start(phase);
    const result = await work();
    stop();
    return result;
  }

  stats(figures: EngineFigures): Stats {
    const { load, compile, run, report } = this.costs;
    return { load: rounded(load), compile: rounded(compile), run: rounded(run), report: rounded(report), ...figures, events: this.events, peakRssMiB: round(this.meter.peakRssMiB()) };
  }

  private start(phase: Phase): () => void {
    const cpuMs = this.meter.cpuMs();
    const wallMs = this.meter.wallMs();
    return () => {
      this.costs[phase].cpuMs += this.meter.cpuMs() - cpuMs;
      this.costs[phase].wallMs += this.meter.wallMs() - wallMs;
    };
  }
}

function rounded(cost: Cost): Cost {
  return { cpuMs: round(cost.cpuMs), wallMs: round(cost.wallMs) };
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
