/** Packets that wait for a neighbour's answer (neigh->arp_queue), by entry of the neighbour table. */
import type { PacketContext, PacketPool } from '../packet/index.js';

/** What a small packet and a full frame take of `unres_qlen_bytes`: skb->truesize. */
const SMALL_BYTES = 768;
const LARGE_BYTES = 2304;
const SMALL_LENGTH = 256;

export class WaitingPackets {
  private readonly queues = new Map<number, PacketContext[]>();

  /** Puts a packet last; the oldest, when there is no room for it, is given back. */
  add(entry: number, p: PacketContext, limitBytes: number): PacketContext | null {
    const queue = this.queues.get(entry) ?? [];
    this.queues.set(entry, queue);
    queue.push(p);
    const bytes = queue.reduce((sum, q) => sum + truesize(q), 0);
    return bytes > limitBytes && queue.length > 1 ? (queue.shift() ?? null) : null;
  }

  /** Takes the oldest packet of an entry, null when none is left. */
  take(entry: number): PacketContext | null {
    const queue = this.queues.get(entry);
    const first = queue?.shift() ?? null;
    if (queue?.length === 0) this.queues.delete(entry);
    return first;
  }

  /** The packet that asked first: its source address is put into the question. */
  first(entry: number): PacketContext | null {
    return this.queues.get(entry)?.[0] ?? null;
  }

  /** Entries that something waits for, in order. */
  get entries(): readonly number[] {
    return [...this.queues.keys()].sort((a, b) => a - b);
  }

  fork(pool: PacketPool): WaitingPackets {
    const copy = new WaitingPackets();
    for (const [entry, queue] of this.queues) {
      copy.queues.set(entry, queue.map((p) => twinOf(p, pool)));
    }
    return copy;
  }
}

/** The same packet in another run. */
export function twinOf(p: PacketContext, pool: PacketPool): PacketContext {
  const twin = pool.take();
  twin.copy(p, pool);
  twin.serial = p.serial;
  twin.stage = p.stage;
  return twin;
}

function truesize(p: PacketContext): number {
  return p.length <= SMALL_LENGTH ? SMALL_BYTES : LARGE_BYTES;
}
