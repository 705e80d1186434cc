/** All that was seen of one packet: its hops, where the kernel dropped it, the rules it met. */
import type { MachineName, ObservedHop, ObservedInner, RecordedStep } from '@worldline/model';
import type { Identity, PacketKind } from './identity.js';
import { flagNames } from './headers.js';
import type { Headers } from './headers.js';

export interface SeenDrop {
  readonly machine: MachineName;
  readonly reason: string;
  readonly caller: string;
}

export interface PacketGroup {
  readonly kind: PacketKind;
  /** A TCP segment that had been sent before. */
  readonly isAgain: boolean;
  readonly hops: ObservedHop[];
  readonly drops: SeenDrop[];
  readonly steps: RecordedStep[];
  /** When it was first seen. */
  readonly at: number;
}

interface OpenGroup extends PacketGroup {
  /** When it was first at each place. */
  readonly seen: Map<string, number>;
}

/** The same segment at the same place so long after the first time was sent again. */
const RESENT_NS = 50_000_000;

/** Groups of one recording, by flow and packet, in order of time. */
export class Groups {
  private readonly current = new Map<string, OpenGroup>();
  private readonly byProbe = new Map<string, OpenGroup[]>();

  /** The group of a packet; `place` where it was captured. */
  of(id: Identity, at: number, place: string | null): PacketGroup {
    let group = this.current.get(id.key);
    const isResent = group !== undefined && place !== null && id.kind.of === 'segment' && at - (group.seen.get(place) ?? at) > RESENT_NS;
    if (group === undefined || isResent) {
      group = { kind: id.kind, isAgain: isResent, hops: [], drops: [], steps: [], at, seen: new Map() };
      this.current.set(id.key, group);
      const probe = `${id.flow}/${id.index}`;
      const list = this.byProbe.get(probe);
      if (list) list.push(group);
      else this.byProbe.set(probe, [group]);
    }
    if (place !== null && !group.seen.has(place)) group.seen.set(place, at);
    return group;
  }

  find(id: Identity): PacketGroup | undefined {
    return this.current.get(id.key);
  }

  ofProbe(flow: number, index: number): readonly PacketGroup[] {
    return [...(this.byProbe.get(`${flow}/${index}`) ?? [])].sort((a, b) => a.at - b.at);
  }
}

/** A captured packet as `observed.json` has it. */
export function hopOf(h: Headers, { machine, device, way, kind }: { machine: MachineName; device: string; way: 'in' | 'out'; kind: number }): ObservedHop {
  const { icmp } = h;
  return {
    ns: machine,
    iface: device,
    dir: way,
    src: h.src,
    dst: h.dst,
    proto: h.name,
    ttl: h.ttl,
    ...(h.sport === undefined ? {} : { sport: h.sport, dport: h.dport }),
    ...(h.tcp ? { flags: flagNames(h.tcp.flags) } : {}),
    ...(icmp ? { type: icmp.type, code: icmp.code } : {}),
    ...(icmp?.id === undefined ? {} : { id: icmp.id }),
    ...(icmp?.mtu === undefined ? {} : { mtu: icmp.mtu }),
    ...(icmp?.pointer === undefined ? {} : { pointer: icmp.pointer }),
    ...(icmp?.type === 137 && icmp.target !== undefined ? { target: icmp.target } : {}),
    ...(icmp?.quoted ? { inner: innerOf(icmp.quoted, false) } : {}),
    ...(h.inside ? { inner: innerOf(h.inside, true) } : {}),
    ...(h.extensions.length > 0 && (h.extensions.join() !== 'fragment' || h.isAtomic) ? { extensions: h.extensions } : {}),
    ...(h.offset > 0 || h.isMore ? { frag: `${h.offset}${h.isMore ? '+' : ''}` } : {}),
    len: h.length,
    ...(kind === 3 ? { pkttype: 'otherhost' as const } : {}),
    ...(kind === 1 ? { pkttype: 'broadcast' as const } : {}),
  };
}

function innerOf(h: Headers, isTunnelled: boolean): ObservedInner {
  return {
    src: h.src,
    dst: h.dst,
    ...(h.sport === undefined ? {} : { sport: h.sport, dport: h.dport }),
    ...(!isTunnelled && h.icmp?.id !== undefined ? { icmpid: h.icmp.id } : {}),
    ...(isTunnelled ? { ttl: h.ttl } : {}),
    ...(isTunnelled && h.tcp ? { flags: h.tcp.flags } : {}),
  };
}
