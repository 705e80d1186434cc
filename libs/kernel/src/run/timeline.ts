/**
 * What the scenario starts, in this order: at one instant events, then flows, connections and packets.
 *
 * All connections of a flow send at the same interval. So those that have begun stand in a queue that is in order of time by itself: each goes to its end when it has
 * sent. Together with the next connection to begin that gives the flow's next packet without any sorting; a small heap picks the flow.
 */
import type { ScenarioEvent } from '@worldline/model';
import type { Flow } from './traffic/flow.js';

/** Knows what becomes of packets that have not been run; cache/ is it. */
export interface KnownOutcomes {
  hit(connection: number, now: number): boolean;
}

/** The packets of one flow, in order. */
class FlowCursor {
  /** Connections that have begun and are not through, in order of their next packet, and that packet's number. */
  private readonly queue: Int32Array;
  private readonly numbers: Int32Array;
  private head = 0;
  private length = 0;
  private begun = 0;
  private isQueueNext = false;

  nextAt: number;
  /** When the last of the repeated packets was sent. */
  takenAt = 0;
  connection = 0;
  packet = 0;

  constructor(
    readonly flow: Flow,
    private readonly connections = flow.spec.connections,
  ) {
    this.queue = new Int32Array(flow.packets > 1 ? connections : 0);
    this.numbers = new Int32Array(flow.packets > 1 ? connections : 0);
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
    if (this.isQueueNext) {
      this.connection = this.queue[this.head];
      this.packet = this.numbers[this.head];
      if (++this.head === this.queue.length) this.head = 0;
      this.length--;
    } else {
      this.connection = this.begun++;
      this.packet = 0;
    }
    this.moveOn(this.connection, this.packet + 1);
    this.plan();
  }

  /** Takes packets that are due before `limit`, one after another, while `known` says what becomes of them; how many these were. */
  repeat(known: KnownOutcomes, limit: number): number {
    const { queue, numbers } = this;
    let count = 0;
    while (this.isQueueNext && this.nextAt < limit) {
      const { head } = this;
      const connection = queue[head];
      if (!known.hit(connection, this.nextAt)) break;
      this.takenAt = this.nextAt;
      count++;
      this.head = head + 1 === queue.length ? 0 : head + 1;
      this.length--;
      this.moveOn(connection, numbers[head] + 1);
      this.plan();
    }
    return count;
  }

  /** Puts a connection with the number of its next packet, if it has one, where it belongs. */
  private moveOn(connection: number, packet: number): void {
    const { flow, queue } = this;
    if (packet >= flow.packets) return;
    let place: number;
    if (flow.spec.interval === 0) {
      // all at once: this connection's next packet comes before any other connection's
      this.head = (this.head === 0 ? queue.length : this.head) - 1;
      place = this.head;
    } else {
      place = this.head + this.length;
      if (place >= queue.length) place -= queue.length;
    }
    queue[place] = connection;
    this.numbers[place] = packet;
    this.length++;
  }

  private plan(): void {
    const begin = this.begun < this.connections ? this.beginOf(this.begun) : Infinity;
    let again = Infinity;
    if (this.length > 0) again = this.beginOf(this.queue[this.head]) + this.numbers[this.head] * this.flow.spec.interval;
    // of one instant, what began earlier has the smaller number
    this.isQueueNext = again <= begin;
    this.nextAt = this.isQueueNext ? again : begin;
  }

  /** Whole microseconds; a rate may put connections between them. */
  private beginOf(connection: number): number {
    const { spec } = this.flow;
    return spec.at + Math.floor(connection * spec.connectionEvery);
  }
}

export class Timeline {
  private readonly cursors: FlowCursor[] = [];
  /** Cursors as a heap by time, then by flow. */
  private readonly heap: FlowCursor[] = [];
  private nextEvent = 0;

  /** When the last packet was sent that `repeat` took. */
  at = 0;
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

  /** Position of the flow that sends next. Only while there is one. */
  nextFlow(): number {
    return this.heap[0].flow.position;
  }

  /** Takes packets of the flow that sends next, all due before `limit`, while `known` says what becomes of them; how many these were. */
  repeat(known: KnownOutcomes, limit: number): number {
    const { heap } = this;
    const [cursor] = heap;
    // within an instant all of this flow come before those of the next
    const turn = Math.max(cursor.nextAt + 1, Math.min(heap.length > 1 ? heap[1].nextAt : Infinity, heap.length > 2 ? heap[2].nextAt : Infinity));
    const count = cursor.repeat(known, Math.min(limit, turn));
    if (count > 0) this.settle(cursor);
    this.at = cursor.takenAt;
    return count;
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
    this.settle(cursor);
  }

  /** The same events from here on, and of all packets only those of one connection that is about to begin. */
  forConnection(flow: Flow, connection: number): Timeline {
    const copy = new Timeline([], this.events);
    copy.nextEvent = this.nextEvent;
    copy.heap.push(FlowCursor.ofOne(flow, connection));
    return copy;
  }

  /** Puts the first cursor, which has moved on, where it belongs. */
  private settle(cursor: FlowCursor): void {
    if (cursor.nextAt === Infinity) {
      const last = this.heap.pop() as FlowCursor;
      if (this.heap.length === 0) return;
      this.heap[0] = last;
    }
    if (this.heap.length > 1) this.sink();
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
