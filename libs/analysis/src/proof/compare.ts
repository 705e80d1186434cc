/** What the kernel was seen to do against what a Report says, packet by packet. */
import type { MachineName, Observed, Report } from '@worldline/model';
import type { CaseFacts } from './case.js';
import { deathOf, died, discord, error, fate, icmp, packetAt, reply } from './checks.js';
import type { Check, Discord, Eyes } from './checks.js';
import { DrawnPorts } from './ports.js';
import { compareShares } from './shares.js';
import { compareCounts, compareEntries } from './state.js';
import type { AfterDumps } from './state.js';
import { wire } from './wire.js';

export const FACETS = ['fate', 'error', 'reply', 'died', 'wire', 'icmp', 'counters', 'conntrack', 'distribution'] as const;
export type Facet = (typeof FACETS)[number];

/** One thing that the two sides say differently. */
export interface Mismatch extends Discord {
  readonly facet: Facet;
  /** Null: the state that the run leaves. */
  readonly flow: string | null;
  readonly packet: number | null;
}

export interface Proof {
  /** Things compared and found equal, by facet. */
  readonly facets: Readonly<Partial<Record<Facet, { readonly equal: number; readonly total: number }>>>;
  readonly mismatches: readonly Mismatch[];
  readonly packets: number;
  /** Deaths that the table does not know, so that any drop was taken for right. */
  readonly unknownDeaths: readonly string[];
}

export interface ProofInput {
  readonly observed: Observed;
  readonly report: Report;
  readonly facts: CaseFacts;
  /** The state that the prediction leaves, and the kernel's. */
  readonly predicted: ReadonlyMap<MachineName, AfterDumps>;
  readonly dumped: ReadonlyMap<MachineName, AfterDumps>;
}

const CHECKS: readonly (readonly [Facet, Check])[] = [
  ['fate', fate],
  ['error', error],
  ['reply', reply],
  ['died', died],
  ['wire', wire],
  ['icmp', icmp],
];

export function compareWithKernel(input: ProofInput): Proof {
  const { observed, report, facts } = input;
  const tally = new Tally();
  if (observed.distribution) {
    const discords = compareShares(observed.distribution, report.flows);
    tally.add('distribution', discords, report.flows.length + Object.keys(observed.distribution).length);
    return tally.proof(report.flows.length, []);
  }
  const eyes: Eyes = { observation: observed, facts, ports: new DrawnPorts(observed, facts.portRanges) };
  const unknownDeaths: string[] = [];
  let packets = 0;
  for (const flow of observed.flows) {
    const predicted = report.flows.find((f) => f.name === flow.name);
    for (const packet of flow.packets) {
      packets++;
      const got = packetAt(predicted, packet.n);
      for (const [facet, check] of CHECKS) {
        const discords = typeof got === 'string' ? [discord('one packet', got)] : check({ flow, packet, got }, eyes);
        tally.add(facet, discords, 1, { flow: flow.name, packet: packet.n });
      }
      if (typeof got !== 'string' && packet.died && deathOf({ flow, packet, got }, eyes).row === null) unknownDeaths.push(`${flow.name}/${packet.n}: ${packet.died.reason} in ${packet.died.function}`);
    }
  }
  for (const flow of report.flows) if (!observed.flows.some((f) => f.name === flow.name)) tally.add('fate', [discord('no such flow', flow.name)], 1);
  for (const family of [4, 6] as const) {
    const recorded = family === 4 ? observed.counters : observed.counters6;
    // (cases of IPv4 alone say nothing about ip6tables)
    if (family === 6 && !recorded) continue;
    const unstable = (family === 4 ? observed.unstableCounters : observed.unstableCounters6) ?? [];
    const { discords, compared } = compareCounts({ family, recorded, unstable, predicted: input.predicted, dumped: input.dumped });
    tally.add('counters', discords, compared);
  }
  const entries = compareEntries(observed, input.predicted, eyes.ports);
  tally.add('conntrack', entries.discords, entries.compared);
  return tally.proof(packets, unknownDeaths);
}

class Tally {
  private readonly facets = new Map<Facet, { equal: number; total: number }>();
  private readonly mismatches: Mismatch[] = [];

  /** `count` things were compared; each discord of the state is one of them, those of a packet are one together. */
  add(facet: Facet, discords: readonly Discord[], count: number, at: { readonly flow: string; readonly packet: number } | null = null): void {
    const sums = this.facets.get(facet) ?? { equal: 0, total: 0 };
    const wrong = at ? Math.min(1, discords.length) : discords.length;
    const total = Math.max(count, wrong);
    this.facets.set(facet, { equal: sums.equal + total - wrong, total: sums.total + total });
    for (const d of discords) this.mismatches.push({ facet, flow: at?.flow ?? null, packet: at?.packet ?? null, ...d });
  }

  proof(packets: number, unknownDeaths: readonly string[]): Proof {
    return { facets: Object.fromEntries(this.facets), mismatches: this.mismatches, packets, unknownDeaths };
  }
}
