/** What filters ask about, drawn from paths and packets once, when a result is stored. */
import type { ExchangeWhat, Json, MachineName, PacketReport, PathReport, SocketView, Step } from '@worldline/model';

/** A place that a path comes by: an interface of a machine, or a rule (number null: the policy) that matched there. */
export interface Visit {
  /** Entry of the exchange. */
  readonly entry: number;
  readonly what: ExchangeWhat;
  readonly machine: MachineName;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly hook: string | null;
  readonly table: string | null;
  readonly chain: string | null;
  readonly rule: number | null;
  readonly isDeciding: boolean;
}

/** Every different visit of a path, in order of the first time. */
export function visitsOf(path: PathReport): readonly Visit[] {
  const visits = new Map<string, Visit>();
  path.exchange.forEach(({ what, trace }, entry) => {
    for (const hop of trace.hops ?? []) {
      const place = { entry, what, machine: hop.machine, inputInterface: hop.inputInterface, outputInterface: hop.outputInterface };
      const isDeciding = hop.steps.some((step) => step.isDeciding);
      keep(visits, { ...place, hook: null, table: null, chain: null, rule: null, isDeciding });
      for (const step of hop.steps) for (const rule of rulesOf(step)) keep(visits, { ...place, ...rule, isDeciding: step.isDeciding });
    }
  });
  return [...visits.values()];
}

function keep(visits: Map<string, Visit>, visit: Visit): void {
  const key = JSON.stringify(Object.values(visit));
  if (!visits.has(key)) visits.set(key, visit);
}

function rulesOf({ kind, detail }: Step): Pick<Visit, 'hook' | 'table' | 'chain' | 'rule'>[] {
  if (kind !== 'Filter' || !Array.isArray(detail['rules'])) return [];
  const [hook, table] = [textOf(detail['hook']), textOf(detail['table'])];
  return (detail['rules'] as readonly { readonly chain?: Json; readonly number?: Json }[]).map(({ chain, number }) => ({ hook, table, chain: textOf(chain), rule: typeof number === 'number' ? number : null }));
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** Words for the endpoints of a packet and of all that travelled because of it: `IP`, `:PORT` and `IP:PORT` of each. */
export function endpointWords(packet: PacketReport): readonly string[] {
  const words = new Set<string>();
  const add = ({ ip, port }: { readonly ip: string; readonly port?: number }): void => {
    words.add(ip);
    if (port === undefined) return;
    words.add(`:${port}`);
    words.add(`${ip}:${port}`);
  };
  add(packet.sent.source);
  add(packet.sent.destination);
  for (const view of [...viewsOf(packet.delivered), ...viewsOf(packet.reply)]) {
    add(view.local);
    add(view.peer);
  }
  for (const { wire } of packet.exchange) {
    for (const { source, destination } of wire) {
      add(source);
      add(destination);
    }
  }
  return [...words].sort();
}

/** The word that finds an address, a port, or both at one endpoint. */
export function endpointWord(address: string | undefined, port: number | undefined): string {
  return `${address ?? ''}${port === undefined ? '' : `:${port}`}`;
}

function viewsOf(views: SocketView | readonly SocketView[] | null): readonly SocketView[] {
  return views === null ? [] : Array.isArray(views) ? (views as readonly SocketView[]) : [views as SocketView];
}

/** A path as it is stored, and a packet without the hops, which its path has. */
export function withoutHops(packet: PacketReport): PacketReport {
  return { ...packet, exchange: packet.exchange.map(({ trace, ...entry }) => ({ ...entry, trace: { disposition: trace.disposition, reason: trace.reason, probability: trace.probability } })) };
}
