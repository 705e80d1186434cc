/** The hops of every packet of an exchange. */
import type { ExchangeEntry, ObservedHop, WireHop } from '@worldline/model';
import { discord, plainAddress, plainWhat, show } from './checks.js';
import type { Discord, Eyes, Pair } from './checks.js';

/** One hop in the form that both sides are brought to. */
interface Hop {
  readonly machine: string;
  readonly interface: string;
  readonly direction: string;
  readonly protocol: string;
  readonly src: string | null;
  readonly dst: string | null;
  /** Of ICMP the id of an echo. */
  readonly sport: number | undefined;
  readonly dport: number | undefined;
  readonly ttl: number;
  readonly length: number;
  readonly flags: string | undefined;
  readonly type: number | undefined;
  readonly code: number | undefined;
  readonly mtu: number | undefined;
  readonly offset: number | undefined;
  readonly more: boolean | undefined;
  readonly extensions: string | undefined;
  readonly inner: Inner | undefined;
}

interface Inner {
  readonly src: string | null;
  readonly dst: string | null;
  readonly sport: number | undefined;
  readonly dport: number | undefined;
  readonly ttl: number | undefined;
  readonly flags: string | undefined;
}

interface Entry {
  readonly what: string;
  readonly about: string | undefined;
  readonly hops: Hop[];
  /** The second sending of a segment, within the entry of the first. */
  readonly resent?: readonly Hop[];
}

interface Exchange {
  readonly plain: readonly Entry[];
  /** By way and offset. */
  readonly fragments: ReadonlyMap<string, readonly Hop[]>;
}

const FIELDS = ['machine', 'interface', 'direction', 'protocol', 'src', 'dst', 'ttl', 'length', 'flags', 'type', 'code', 'mtu', 'offset', 'more', 'extensions'] as const;
/** A later fragment can be recorded with addresses and TTL of a later hop, where conntrack reassembles. */
const UNSURE = ['src', 'dst', 'ttl'];

const flagSet = (flags: string | undefined): string | undefined => (flags === undefined || flags === '' ? undefined : [...new Set(flags.split(','))].sort().join());
const isEcho = (protocol: string): boolean => protocol === 'icmp' || protocol === 'icmpv6';

function fromObserved(h: ObservedHop): Hop {
  const fragment = /^(\d+)(\+?)$/.exec(h.frag ?? '');
  const { inner } = h;
  return {
    machine: h.ns,
    interface: h.iface,
    direction: h.dir,
    protocol: h.proto,
    src: plainAddress(h.src),
    dst: plainAddress(h.dst),
    sport: h.sport ?? h.id,
    dport: h.dport,
    ttl: h.ttl,
    length: h.len,
    flags: flagSet(h.flags),
    type: h.type,
    code: h.code,
    mtu: h.mtu,
    offset: fragment ? Number(fragment[1]) : undefined,
    more: fragment ? fragment[2] === '+' : undefined,
    extensions: h.extensions?.join(),
    inner: inner && { src: plainAddress(inner.src), dst: plainAddress(inner.dst), sport: inner.sport ?? inner.icmpid, dport: inner.dport, ttl: inner.ttl, flags: inner.flags === undefined ? undefined : String(inner.flags) },
  };
}

function fromReport(h: WireHop): Hop {
  const { inner } = h;
  return {
    machine: h.machine,
    interface: h.interface,
    direction: h.direction,
    protocol: h.protocol,
    src: plainAddress(h.source.ip),
    dst: plainAddress(h.destination.ip),
    sport: h.source.port,
    dport: isEcho(h.protocol) ? undefined : h.destination.port,
    ttl: h.ttl,
    length: h.length,
    flags: flagSet(h.flags),
    type: h.icmp?.type,
    code: h.icmp?.code,
    mtu: h.icmp?.mtu,
    offset: h.fragment?.offset,
    more: h.fragment?.more,
    extensions: h.extensions && h.extensions.length > 0 ? h.extensions.join() : undefined,
    inner: inner && { src: plainAddress(inner.source.ip), dst: plainAddress(inner.destination.ip), sport: inner.source.port, dport: inner.destination.port, ttl: inner.ttl, flags: inner.flags === undefined ? undefined : String(inner.flags) },
  };
}

export function wire({ flow, packet, got }: Pair, eyes: Eyes): Discord[] {
  const isTcp = flow.protocol === 'tcp';
  const seen = exchangeOf(packet.wire.map((e) => ({ ...e, hops: e.hops.map(fromObserved) })), isTcp);
  const said = exchangeOf(got.exchange.filter((e) => e.retransmission !== true).map((e: ExchangeEntry) => ({ ...e, hops: e.wire.map(fromReport) })), isTcp);
  const plain = seen.plain.map(withoutResend);
  const predicted = plain.some((p) => p.resent) ? foldResends(plain, said.plain) : said.plain;
  const words = (list: readonly Entry[]): string => list.map((p) => p.what).join(' ') || 'nothing';
  if (words(plain) !== words(predicted)) return [discord(words(plain), words(predicted))];
  const out: Discord[] = [];
  for (const [i, p] of plain.entries()) {
    const twin = predicted[i] as Entry;
    if (p.about !== twin.about) out.push(discord(`${p.what} about ${p.about}`, twin.about));
    out.push(...samePath(eyes, p.what, { seen: p.hops, said: twin.hops, first: null }));
  }
  const keys = (e: Exchange): string => [...e.fragments.keys()].sort().join(' ') || 'no fragments';
  if (keys(seen) !== keys(said)) return [...out, discord(keys(seen), keys(said))];
  for (const [key, hops] of seen.fragments) {
    const first = key.endsWith('@0') ? null : (seen.fragments.get(key.replace(/@\d+$/, '@0')) ?? []);
    out.push(...samePath(eyes, key, { seen: hops, said: said.fragments.get(key) ?? [], first }));
  }
  return out;
}

/** Plain entries in order, fragments by direction and offset. Of pure ACKs only the client's first counts. */
function exchangeOf(entries: readonly { readonly what: string; readonly about?: string; readonly hops: readonly Hop[] }[], isTcp: boolean): Exchange {
  const plain: Entry[] = [];
  const fragments = new Map<string, Hop[]>();
  let isAcked = false;
  for (const e of entries) {
    const what = plainWhat(e.what);
    const hops = e.hops.filter((h) => !/^fabric(\/|$)/.test(h.machine));
    if (hops.length === 0 || (isTcp && (what === 'server-ack' || (what === 'ack' && isAcked)))) continue;
    isAcked ||= what === 'ack';
    const about = what === 'fragment' ? e.about : what;
    for (const h of hops.filter(({ offset }) => offset !== undefined)) {
      const key = `${about}@${h.offset}`;
      fragments.set(key, [...(fragments.get(key) ?? []), h]);
    }
    const rest = hops.filter(({ offset }) => offset === undefined);
    if (rest.length === 0) continue;
    // a tunnel's own packets are whole, whatever they carry
    const named = what === 'fragment' ? (e.about ?? what) : what;
    // (ICMP errors of one kind about one direction are one entry of a recording)
    const twin = what === 'icmp-error' ? plain.find((p) => p.what === what && p.about === e.about && p.hops[0]?.type === rest[0]?.type && p.hops[0]?.code === rest[0]?.code) : undefined;
    if (twin) twin.hops.push(...rest);
    else plain.push({ what: named, about: what === 'icmp-error' ? e.about : undefined, hops: rest });
  }
  return { plain, fragments };
}

/** A segment that was sent again within 50 ms is one entry: its hops start over. */
function withoutResend(entry: Entry): Entry {
  const start = entry.hops[0] as Hop;
  const again = entry.hops.findIndex((h, i) => {
    const before = entry.hops[i - 1];
    const isRoutedAgain = before?.machine === h.machine && before.direction === 'in';
    return i > 0 && !isRoutedAgain && h.direction === 'out' && start.direction === 'out' && wayOf(h, false) === wayOf(start, false);
  });
  return again < 0 || (entry.what !== 'data' && entry.what !== 'echo') ? entry : { ...entry, hops: entry.hops.slice(0, again), resent: entry.hops.slice(again) };
}

const wayOf = (h: Hop, hasPorts: boolean): string => [h.machine, h.interface, h.direction, h.src, h.dst, ...(hasPorts ? [h.sport, h.dport] : []), h.ttl].join(' ');

/** A Report may list the second sending as hops of the same entry, as one of its own, or as several smaller segments. */
function foldResends(seen: readonly Entry[], said: readonly Entry[]): Entry[] {
  let out = [...said];
  for (const { what, hops, resent } of seen) {
    if (!resent) continue;
    const at = out.findIndex((g) => g.what === what);
    if (at < 0) continue;
    const all = out.filter((g) => g.what === what).flatMap((g) => g.hops);
    const rest = all.slice(hops.length);
    const isGood = rest.length >= resent.length && rest.length % resent.length === 0 && rest.every((h, i) => wayOf(h, true) === wayOf(resent[i % resent.length] as Hop, true));
    out = out.filter((g, i) => i <= at || g.what !== what);
    out[at] = { what: isGood ? what : `${what} (sent again in another way)`, about: undefined, hops: all.slice(0, hops.length) };
  }
  return out;
}

const lineOf = (h: Hop): string => `${h.machine} ${h.interface} ${h.direction}`;

function samePath(eyes: Eyes, what: string, { seen, said, first }: { seen: readonly Hop[]; said: readonly Hop[]; first: readonly Hop[] | null }): Discord[] {
  const a = settle(eyes, seen);
  const b = settle(eyes, said);
  const path = (hops: readonly Hop[]): string => hops.map(lineOf).join(', ');
  if (path(a) !== path(b)) return [discord(`${what}: ${path(a)}`, path(b))];
  for (const [i, h] of a.entries()) {
    const wrong = sameHop(eyes, { seen: h, said: b[i] as Hop, isLater: first !== null || h.protocol === 'fragment', twin: first?.find((f) => lineOf(f) === lineOf(h)) });
    if (wrong) return [{ kernel: `${what} at ${lineOf(h)}: ${wrong.kernel}`, predicted: wrong.predicted }];
  }
  return [];
}

function sameHop({ ports }: Eyes, { seen, said, isLater, twin }: { seen: Hop; said: Hop; isLater: boolean; twin: Hop | undefined }): Discord | null {
  for (const field of FIELDS) {
    if (isLater && field === 'protocol') continue;
    if (isLater && twin && UNSURE.includes(field) && said[field] === twin[field]) continue;
    if ((seen[field] ?? null) !== (said[field] ?? null)) return discord(`${field} ${show(seen[field])}`, said[field]);
  }
  const isSamePorts = (a: Pick<Hop, 'sport' | 'dport'>, b: Pick<Hop, 'sport' | 'dport'>, isId: boolean): boolean =>
    (a.sport === undefined || ports.isSame(a.sport, b.sport, isId || a.dport === undefined)) && (a.dport === undefined || ports.isSame(a.dport, b.dport));
  if (!isLater && !isSamePorts(seen, said, isEcho(seen.protocol))) return discord(`ports ${seen.sport} ${seen.dport ?? ''}`, `${said.sport} ${said.dport ?? ''}`);
  if (!seen.inner || !said.inner) return (seen.inner === undefined) === (said.inner === undefined) ? null : discord(`inner ${show(seen.inner)}`, said.inner);
  for (const field of ['src', 'dst', 'ttl', 'flags'] as const) {
    if (seen.inner[field] !== undefined && seen.inner[field] !== said.inner[field]) return discord(`inner ${field} ${seen.inner[field]}`, said.inner[field]);
  }
  return isSamePorts(seen.inner, said.inner, false) ? null : discord(`inner ports ${seen.inner.sport} ${seen.inner.dport}`, `${said.inner.sport} ${said.inner.dport}`);
}

/**
 * Takes out what chance decides: the bridge's own `out` of a packet that is translated while it is bridged (seen only while the neighbour's header
 * cache is empty), and the order of the two copies that a promiscuous bridge makes of one frame.
 */
function settle({ facts }: Eyes, hops: readonly Hop[]): Hop[] {
  const isBridge = (h: Hop): boolean => facts.bridges.has(`${h.machine} ${h.interface}`);
  const out: Hop[] = [];
  for (const h of hops) {
    const port = h.direction === 'out' && isBridge(h) ? lastPort(out, h.machine, isBridge) : null;
    if (!port || port.ttl !== h.ttl || port.dst === h.dst) out.push(h);
  }
  for (const [i, h] of [...out.entries()].slice(1)) {
    if (h.direction !== 'in' || !isBridge(h)) continue;
    const j = out.slice(0, i).findLastIndex((p) => p.machine === h.machine && p.direction === 'in' && !isBridge(p));
    const isCopy = j >= 0 && out[j]?.ttl === h.ttl && out.slice(j + 1, i).some((k) => k.machine === h.machine && k.direction === 'out' && k.ttl === h.ttl && !isBridge(k));
    if (isCopy) out.splice(j + 1, 0, ...out.splice(i, 1));
  }
  return out;
}

function lastPort(hops: readonly Hop[], machine: string, isBridge: (h: Hop) => boolean): Hop | null {
  const last = hops.findLast((h) => h.machine !== machine || (h.direction === 'in' && !isBridge(h)));
  return last?.machine === machine ? last : null;
}

