/** Connections that connlimit rules have seen (net/netfilter/nf_conncount.c; 6.18): per rule and key, those still in the table and not closed. */
import { DIRECTION_ORIGINAL, TCP_CLOSE, TCP_TIME_WAIT, Tuple } from '../../conntrack/index.js';
import { NO_CONNTRACK, PROTOCOL_TCP, type PacketContext } from '../../packet/index.js';
import type { NetfilterMachine } from '../machine-view.js';

interface SeenConnection {
  readonly tuple: Tuple;
  readonly zone: number;
}

export class ConnectionCounts {
  private counts: Map<string, SeenConnection[]>[] = [];

  /** A new place for a rule; never 0. */
  add(): number {
    return this.counts.push(new Map());
  }

  /** Notes the packet's connection and counts all with this key. */
  count(m: NetfilterMachine, p: PacketContext, place: number, key: string): number {
    const counts = this.counts[place - 1];
    const list = counts.get(key) ?? [];
    counts.set(key, list);
    const own = ownConnection(m, p);
    let hasOwn = false;
    for (let i = list.length - 1; i >= 0; i--) {
      const seen = list[i];
      const isOwn = seen.tuple.isEqual(own.tuple) && seen.zone === own.zone;
      if (isOwn) hasOwn = true;
      else if (!isAlive(m, seen)) list.splice(i, 1);
    }
    if (!hasOwn) list.push(own);
    return list.length;
  }

  fork(): ConnectionCounts {
    const copy = new ConnectionCounts();
    copy.counts = this.counts.map((map) => new Map([...map].map(([key, list]) => [key, list.slice()])));
    return copy;
  }
}

function ownConnection(m: NetfilterMachine, p: PacketContext): SeenConnection {
  const tuple = new Tuple();
  if (p.conntrack !== NO_CONNTRACK) {
    m.conntrack.tuple(p.conntrack, DIRECTION_ORIGINAL, tuple);
    return { tuple, zone: m.conntrack.zone(p.conntrack, DIRECTION_ORIGINAL) };
  }
  tuple.family = p.family;
  tuple.protocol = p.protocol;
  tuple.source = p.source;
  tuple.destination = p.destination;
  tuple.sourcePort = p.sourcePort;
  tuple.destinationPort = p.destinationPort;
  return { tuple, zone: 0 };
}

/** nf_conncount: an entry that is gone, or a TCP connection that is closed, counts no longer. */
function isAlive(m: NetfilterMachine, seen: SeenConnection): boolean {
  const reference = m.conntrack.findInZones(seen.tuple, seen.zone | (seen.zone << 16));
  if (reference < 0) return false;
  if (seen.tuple.protocol !== PROTOCOL_TCP) return true;
  const state = m.conntrack.protocolState(reference >> 1);
  return state !== TCP_TIME_WAIT && state !== TCP_CLOSE;
}
