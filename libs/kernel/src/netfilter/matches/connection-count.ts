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

  /**
   * Counts the connections with this key, the packet's among them. The list is looked through in the order in which they came, up to the packet's own:
   * what is gone or closed before it goes, and so does its own when closed.
   */
  count(m: NetfilterMachine, p: PacketContext, place: number, key: string): number {
    const counts = this.counts[place - 1];
    const own = ownConnection(m, p);
    const list = counts.get(key);
    if (list === undefined) {
      counts.set(key, [own]);
      return 1;
    }
    for (let i = 0; i < list.length; ) {
      const seen = list[i];
      const isOwn = seen.tuple.isEqual(own.tuple) && seen.zone === own.zone;
      if (isAlive(m, seen)) i++;
      else list.splice(i, 1);
      // An own entry that is not there yet has not been confirmed, and is counted anew
      if (isOwn && referenceOf(m, seen) >= 0) return list.length;
    }
    return list.push(own);
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

function referenceOf(m: NetfilterMachine, seen: SeenConnection): number {
  return m.conntrack.findInZones(seen.tuple, seen.zone | (seen.zone << 16));
}

/** nf_conncount: an entry that is gone, or a TCP connection that is closed, counts no longer. */
function isAlive(m: NetfilterMachine, seen: SeenConnection): boolean {
  const reference = referenceOf(m, seen);
  if (reference < 0) return false;
  if (seen.tuple.protocol !== PROTOCOL_TCP) return true;
  const state = m.conntrack.protocolState(reference >> 1);
  return state !== TCP_TIME_WAIT && state !== TCP_CLOSE;
}
