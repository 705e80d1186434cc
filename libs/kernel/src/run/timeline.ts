/**
 * What the scenario starts, in this order: at one instant events, then flows, connections and packets.
 *
 * All connections of a flow send at the same interval. So those that have begun stand in a queue that is in order of time by itself: each goes to its end when it has
 * sent. Together with the next connection to begin that gives the flow's next packet without any sorting; a small heap picks the flow.
 */
import type { ScenarioEvent } from '@worldline/model';
import type { Flow } from './traffic/flow.js';

/** The packets of one flow, in order. */
class FlowCursor {
  /** Connections that have begun and are not through, in order of their next packet. */
  private readonly queue: Int32Array;
  private head = 0;
  private length = 0;
  private begun = 0;
  /** Packets that each connection has sent. */
  private readonly sent: Int32Array;
  private isQueueNext = false;

  nextAt: number;
  connection = 0;
  packet = 0;

  constructor(
    readonly flow: Flow,
    private readonly connections = flow.spec.connections,
  ) {
    this.queue = new Int32Array(flow.packets > 1 ? connections : 0);
    this.sent = new Int32Array(flow.packets > 1 ? connections : 0);
    this.nextAt = connections > 0 && flow.packets > 0 ? flow.spec.at : Infinity;
  }

  /** The packets of one connection alone. */
  static ofOne(flow: Flow, connection: number): FlowCursor {
    const cursor = new FlowCursor(flow, connection + 1);
    cursor.begun = connection;
    cursor.plan();
    return cursor;
  }

  /** Puts number and packet of what is due at `nextAt` into `connection` and `packet`, and moves on. */
  take(): void {
    const { flow, queue } = this;
    const { spec, packets } = flow;
    if (this.isQueueNext) {
      this.connection = queue[this.head];
      this.packet = this.sent[this.connection];
      if (++this.head === queue.length) this.head = 0;
      this.length--;
    } else {
      this.connection = this.begun++;
      this.packet = 0;
    }
    if (this.packet + 1 < packets) {
      this.sent[this.connection] = this.packet + 1;
      if (spec.interval === 0) {
        // all at once: this connection's next packet comes before any other connection's
        this.head = (this.head === 0 ? queue.length : this.head) - 1;
        queue[this.head] = this.connection;
      } else {
        const tail = this.head + this.length;
        queue[tail < queue.length ? tail : tail - queue.length] = this.connection;
      }
      this.length++;
    }
    this.plan();
  }

  /** Which connection goes on next, -1 when one begins. */
  nextConnection(): number {
    return this.isQueueNext ? this.queue[this.head] : -1;
  }

  private plan(): void {
    const { spec } = this.flow;
    const begin = this.begun < this.connections ? this.beginOf(this.begun) : Infinity;
    let again = Infinity;
    if (this.length > 0) {
      const connection = this.queue[this.head];
      again = this.beginOf(connection) + this.sent[connection] * spec.interval;
    }
    // of one instant, what began earlier has the smaller number
    this.isQueueNext = again <= begin;
    this.nextAt = this.isQueueNext ? again : begin;
  }

  /** Whole microseconds; a rate may put connections between them. */
  private beginOf(connection: number): number {
    return this.flow.spec.at + Math.floor(connection * this.flow.spec.connectionEvery);
  }
}

export class Timeline {
  private readonly cursors: FlowCursor[] = [];
  /** Cursors as a heap by time, then by flow. */
  private readonly heap: FlowCursor[] = [];
  private nextEvent = 0;

  /** What `takePacket` took. */
  flow!: Flow;
  connection = 0;
  packet = 0;

  constructor(
    flows: readonly Flow[],
    /** In order of time, those of one time as written. */
    private readonly events: readonly ScenarioEvent[],
  ) {
    for (const flow of flows) this.cursors.push(new FlowCursor(flow));
    for (const cursor of this.cursors) if (cursor.nextAt < Infinity) this.heap.push(cursor);
    this.heap.sort((a, b) => a.nextAt - b.nextAt || a.flow.position - b.flow.position);
  }

  eventAt(): number {
    return this.nextEvent < this.events.length ? this.events[this.nextEvent].at : Infinity;
  }

  packetAt(): number {
    return this.heap.length > 0 ? this.heap[0].nextAt : Infinity;
  }

  /** Flow and connection of the packet that `packetAt` speaks of; -1 where a connection begins with it. */
  nextFlow(): number {
    return this.heap[0].flow.position;
  }

  nextConnection(): number {
    return this.heap[0].nextConnection();
  }

  takeEvent(): ScenarioEvent {
    return this.events[this.nextEvent++];
  }

  takePacket(): void {
    const cursor = this.heap[0];
    cursor.take();
    this.flow = cursor.flow;
    this.connection = cursor.connection;
    this.packet = cursor.packet;
    if (cursor.nextAt === Infinity) {
      const last = this.heap.pop() as FlowCursor;
      if (this.heap.length === 0) return;
      this.heap[0] = last;
    }
    this.sink();
  }

  /** The same events from here on, and of all packets only those of one connection that is about to begin. */
  forConnection(flow: Flow, connection: number): Timeline {
    const copy = new Timeline([], this.events);
    copy.nextEvent = this.nextEvent;
    copy.heap.push(FlowCursor.ofOne(flow, connection));
    return copy;
  }

  private sink(): void {
    const { heap } = this;
    const cursor = heap[0];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1], heap[child])) child++;
      if (!isEarlier(heap[child], cursor)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = cursor;
  }
}

function isEarlier(a: FlowCursor, b: FlowCursor): boolean {
  return a.nextAt < b.nextAt || (a.nextAt === b.nextAt && a.flow.position < b.flow.position);
}
