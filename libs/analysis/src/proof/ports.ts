/** Ports and ICMP ids that the kernel drew at random: another may stand in a Report, the same at every place. */
import type { Observed } from '@worldline/model';

const PORT_KEYS = ['sport', 'dport', 'localPort', 'peerPort', 'id'];

export class DrawnPorts {
  private readonly drawn: ReadonlySet<number>;
  private readonly fixed = new Set<number>();
  private known = new Map<number, number>();

  constructor(
    { randomPorts, flows }: Pick<Observed, 'randomPorts' | 'flows'>,
    private readonly ranges: readonly (readonly [number, number])[],
  ) {
    this.drawn = new Set(randomPorts ?? []);
    if (this.drawn.size > 0) this.collect(flows);
  }

  isDrawn(port: number | undefined): boolean {
    return port !== undefined && this.drawn.has(port);
  }

  /** Whether `got` may stand for `expected`; remembers what stood for a drawn one. */
  isSame(expected: number | null | undefined, got: number | null | undefined, isId = false): boolean {
    if (expected === null || expected === undefined) return got === null || got === undefined;
    if (!this.drawn.has(expected)) return expected === got;
    if (got === null || got === undefined) return false;
    const known = this.known.get(expected);
    if (known !== undefined) return known === got;
    if (!this.fits(expected, got, isId)) return false;
    this.known.set(expected, got);
    return true;
  }

  /** Runs `attempt` and forgets what it learnt unless it was true. */
  try(attempt: () => boolean): boolean {
    const before = new Map(this.known);
    const isGood = attempt();
    if (!isGood) this.known = before;
    return isGood;
  }

  private fits(expected: number, got: number, isId: boolean): boolean {
    if (!Number.isInteger(got) || got < 0 || got > 65535 || this.fixed.has(got)) return false;
    if (isId) return true;
    const range = this.ranges.find(([first, last]) => first <= expected && expected <= last);
    if (range) return range[0] <= got && got <= range[1];
    return portClass(expected) === portClass(got);
  }

  private collect(value: unknown): void {
    if (value === null || typeof value !== 'object') return;
    for (const [key, v] of Object.entries(value)) {
      if (!PORT_KEYS.includes(key) || typeof v !== 'number') this.collect(v);
      else if (!this.drawn.has(v)) this.fixed.add(v);
    }
  }
}

/** nf_nat_core.c nf_nat_l4proto_unique_tuple (6.18): a port is drawn from its own class. */
function portClass(port: number): number {
  return port < 1 ? 0 : port < 512 ? 1 : port < 1024 ? 2 : 3;
}
