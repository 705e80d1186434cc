/** What several runs of one case agree upon: what chance decides is named, or makes the case worthless. */
import type { MachineName, Observation, ObservedCounters, Observed } from '@worldline/model';

const PORT_KEYS = new Set(['sport', 'dport', 'localPort', 'peerPort', 'id', 'icmpid']);
/** What the two sides of a TCP connection say after each other; FIN and ACK of both may cross. */
const TCP_ORDER = ['syn', 'synack', 'data', 'echo', 'rst', 'client-rst', 'icmp-error', 'fin', 'server-fin'];
/** Left out: what timing decides, and what is not compared. */
const LEFT_OUT = new Set(['function', 'rule', 'retransmissions', 'pureAcks', 'lastHop', 'text']);

type Value = string | number | boolean | null | undefined | readonly Value[] | { readonly [key: string]: Value };

/** Gives ports that the case does not name names in the order in which they appear. */
class Renamer {
  readonly names = new Map<number, string>();

  constructor(private readonly known: ReadonlySet<number>) {}

  name(port: number): number | string {
    if (this.known.has(port)) return port;
    const name = this.names.get(port) ?? `random#${this.names.size + 1}`;
    this.names.set(port, name);
    return name;
  }

  walk(value: Value): Value {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return (value as readonly Value[]).map((v) => this.walk(v));
    const fields = value as { readonly [key: string]: Value };
    // a tunnel's own source port is a hash of what it carries, with a key of that boot
    const isTunnel = (fields['inner'] as { readonly ttl?: Value } | undefined)?.ttl !== undefined;
    return Object.fromEntries(
      Object.entries(fields)
        .filter(([key]) => !LEFT_OUT.has(key) && !(isTunnel && key === 'sport'))
        .map(([key, v]) => [key, PORT_KEYS.has(key) && typeof v === 'number' ? this.name(v) : this.walk(v)]),
    );
  }
}

/** Every number that a case names: such a port was not drawn. */
export function numbersIn(texts: Iterable<string>): Set<number> {
  const out = new Set<number>();
  for (const text of texts) for (const [word] of text.matchAll(/\b\d{1,5}\b/g)) out.add(Number(word));
  return out;
}

/** Ports and ICMP ids that the kernel drew. */
function randomPorts({ flows }: Pick<Observation, 'flows'>, known: ReadonlySet<number>): number[] {
  const renamer = new Renamer(known);
  renamer.walk(flows as unknown as Value);
  return [...renamer.names.keys()].sort((a, b) => a - b);
}

/** The first difference of two runs that chance may not make; null: they agree. */
export function firstDifference(a: Observation, b: Observation, known: ReadonlySet<number>): string | null {
  return difference(canonical(a, known), canonical(b, known), '');
}

/** Rules that did not count the same in every run. */
function unstableCounters(runs: readonly (ObservedCounters | undefined)[]): string[] {
  const out = new Set<string>();
  const [first = {}, ...others] = runs;
  for (const other of others)
    for (const [machine, tables] of Object.entries(first))
      for (const [table, chains] of Object.entries(tables))
        for (const [chain, { rules }] of Object.entries(chains)) {
          const twin = other?.[machine]?.[table]?.[chain];
          rules.forEach((count, i) => {
            if (twin?.rules[i]?.join() !== count.join()) out.add(`${machine} ${table} ${chain} ${i + 1}`);
          });
        }
  return [...out].sort();
}

/** TCP entries that were in another state in another run. */
function unstableTcpStates(runs: readonly (Readonly<Record<MachineName, readonly string[]>> | undefined)[]): string[] {
  const statesOf = (entries: Readonly<Record<MachineName, readonly string[]>> = {}): Map<string, string> =>
    new Map(
      Object.entries(entries).flatMap(([machine, lines]) =>
        lines.flatMap((line): [string, string][] => {
          const words = line.split(' ');
          const [, , protocol, , state = ''] = words;
          if (protocol !== 'tcp') return [];
          const hasState = !state.startsWith('src=');
          return [[[machine, ...words.slice(hasState ? 5 : 4, hasState ? 9 : 8)].join(' '), hasState ? state : '']];
        }),
      ),
    );
  const [first, ...others] = runs.map(statesOf);
  return [...(first ?? [])].filter(([key, state]) => others.some((o) => o.get(key) !== state)).map(([key]) => key).sort();
}

/** What of a file's head follows from comparing its runs. */
export function agreement(runs: readonly [Observation, ...Observation[]], known: ReadonlySet<number>): Pick<Observed, 'randomPorts' | 'unstableCounters' | 'unstableCounters6' | 'unstableTcpStates'> {
  const ports = randomPorts(runs[0], known);
  const counters = unstableCounters(runs.map((r) => r.counters));
  const counters6 = unstableCounters(runs.map((r) => r.counters6));
  const states = unstableTcpStates(runs.map((r) => r.conntrack));
  return {
    ...(ports.length > 0 ? { randomPorts: ports } : {}),
    ...(counters.length > 0 ? { unstableCounters: counters } : {}),
    ...(counters6.length > 0 ? { unstableCounters6: counters6 } : {}),
    ...(states.length > 0 ? { unstableTcpStates: states } : {}),
  };
}

function canonical({ flows, conntrack, events }: Observation, known: ReadonlySet<number>): Value {
  const renamer = new Renamer(known);
  const orderOf = (what: string): number => TCP_ORDER.indexOf(what);
  const settled = flows.map((flow) => ({
    ...flow,
    at: 0,
    packets: flow.packets.map((p) => ({
      ...p,
      wire: flow.protocol === 'tcp' ? p.wire.filter(({ what }) => orderOf(what) >= 0).sort((a, b) => orderOf(a.what) - orderOf(b.what) || a.hops.length - b.hops.length) : p.wire,
    })),
  }));
  const walked = renamer.walk(settled as unknown as Value);
  const entries = Object.entries(conntrack ?? {}).map(([machine, lines]): [string, string[]] => {
    // the state of a TCP entry may hang on what was sent again after the client left
    const plain = lines.map((line) => line.replace(/^(ipv[46] \d+ tcp 6) [A-Z_0-9]+ /, '$1 ').replace(/\b(sport|dport|id)=(\d+)/g, (_, key: string, port: string) => `${key}=${renamer.name(Number(port))}`));
    return [machine, plain.sort()];
  });
  return { flows: walked, conntrack: Object.fromEntries(entries), events: events as unknown as Value };
}

function difference(a: Value, b: Value, path: string): string | null {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return `${path}: ${a.length} against ${b.length}`;
    for (const [i, v] of (a as readonly Value[]).entries()) {
      const found = difference(v, (b as readonly Value[])[i], `${path}[${nameOf(v) ?? i}]`);
      if (found !== null) return found;
    }
    return null;
  }
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a) && !Array.isArray(b)) {
    const [x, y] = [a as { readonly [key: string]: Value }, b as { readonly [key: string]: Value }];
    for (const key of new Set([...Object.keys(x), ...Object.keys(y)])) {
      const found = difference(x[key], y[key], `${path}.${key}`);
      if (found !== null) return found;
    }
    return null;
  }
  return a === b ? null : `${path}: ${JSON.stringify(a) ?? 'nothing'} against ${JSON.stringify(b) ?? 'nothing'}`;
}

function nameOf(value: Value): string | null {
  const name = (value as { name?: Value } | null)?.name;
  return typeof name === 'string' ? name : null;
}
