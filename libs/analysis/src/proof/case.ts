/** What the comparison wants to know of a case besides what was seen: which devices are bridges, where an `unreachable` route or rule stands, what ports translations may draw. */
import type { MachineName, Observed, ObservedTrace, Snapshot } from '@worldline/model';

export interface CaseFacts {
  readonly trace: ObservedTrace | null;
  /** `MACHINE INTERFACE` */
  readonly bridges: ReadonlySet<string>;
  readonly unreachable: ReadonlySet<MachineName>;
  readonly unreachable6: ReadonlySet<MachineName>;
  readonly portRanges: readonly (readonly [number, number])[];
  /** Dumps of rules by machine, of both families. */
  readonly saves: readonly string[];
}

/** `saves`: the text of every rule dump of the bundle. */
export function factsOf(snapshot: Snapshot, { saves, trace, events }: { saves: readonly string[]; trace: ObservedTrace | null; events: Observed['events'] }): CaseFacts {
  const bridges = new Set<string>();
  const [unreachable, unreachable6] = [new Set<MachineName>(), new Set<MachineName>()];
  for (const { machine, links, routingRules, routes } of snapshot.machines) {
    for (const link of links) if (link.kind === 'bridge') bridges.add(`${machine} ${link.name}`);
    for (const rule of routingRules) if (rule.action === 'unreachable') (rule.family === 4 ? unreachable : unreachable6).add(machine);
    // (IPv6 answers an unreachable route like an unreachable rule)
    if (routes.some((r) => r.family === 6 && r.type === 'unreachable')) unreachable6.add(machine);
  }
  for (const { ns, run } of events ?? []) {
    if (/ip rule add .*unreachable/.test(run)) unreachable.add(ns);
    if (/ip -6 (rule|route) .*unreachable/.test(run)) unreachable6.add(ns);
  }
  const ranges = /-j (?:SNAT|MASQUERADE|DNAT|REDIRECT) .*?(?::|--to-ports )(\d+)-(\d+)/g;
  const portRanges = saves.flatMap((text) => [...text.matchAll(ranges)].map((m) => [Number(m[1]), Number(m[2])] as const));
  return { trace, bridges, unreachable, unreachable6, portRanges, saves };
}
