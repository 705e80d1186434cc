/**
 * What became of the last datagram of each connection, for the next one: the only room that may answer a packet without running it.
 *
 * A datagram's outcome is kept if all that it did can be repeated (record/effects.ts). It holds as long as the network's generation is the same, the entries that it
 * refreshed are the ones they were, and their time is not over. Hits are only counted. `flush` refreshes what they would have, and must come before a packet is run or
 * a timer fires; so between two flushes nothing can change, and an outcome that was found valid once since the last one needs no second look. `settle` does the
 * rest (counters of rules, totals), which nothing but commands and the end of a run looks at.
 *
 * Outcomes of connections that went the same way are alike but for their entries: these parts are kept once.
 */
import { SequenceTable, type Counters, type Effects, type Refreshed } from '../record/index.js';

/** Doubles per connection: the flush after which it was last looked at, until when it holds, its last hit, and hits since the last flush. */
const CELL = 4;
const CELL_LOOKED = 0;
const CELL_UNTIL = 1;
const CELL_LAST = 2;
const CELL_HITS = 3;

/** Integers per refreshed entry: owner, entry, detail, version. */
const TOUCH = 4;

/** After this many outcomes of a flow that could not be kept, only every RETRY-th is watched until one can. */
const PATIENCE = 64;
const RETRY = 32;

/** Who counts what became of packets that were not run. */
export interface OutcomeListener {
  /** `times` packets of a flow went by `path`, and machines sent `packets` packets for each. */
  repeated(flow: number, path: number, packets: number, times: number): void;
}

/** What many connections share. */
interface Outcome {
  readonly flow: number;
  readonly path: number;
  readonly packets: number;
  readonly counted: readonly Counters[];
  readonly places: Int32Array;
  readonly lengths: Int32Array;
  hits: number;
}

/** The connections of one flow. */
class FlowOutcomes {
  readonly cells: Float64Array;
  /** Position in `outcomes`, -1 for none. */
  readonly outcomes: Int32Array;
  readonly generations: Int32Array;
  /** First of its touches, and how many. */
  readonly touches: Int32Array;
  readonly touchCounts: Int32Array;
  /** Until when it holds whatever comes; how long after a hit it still holds. */
  readonly limits: Float64Array;
  readonly leases: Float64Array;
  /** Hits that were flushed and are not settled. */
  readonly flushed: Float64Array;

  constructor(
    private readonly cache: OutcomeCache,
    readonly flow: number,
    connections: number,
  ) {
    this.cells = new Float64Array(CELL * connections);
    this.outcomes = new Int32Array(connections).fill(-1);
    this.generations = new Int32Array(connections);
    this.touches = new Int32Array(connections);
    this.touchCounts = new Int32Array(connections);
    this.limits = new Float64Array(connections);
    this.leases = new Float64Array(connections);
    this.flushed = new Float64Array(connections);
  }

  /** Whether the packet that a connection sends at `now` does what its last one did; if so it is counted. */
  hit(connection: number, now: number): boolean {
    const { cells } = this;
    const at = CELL * connection;
    if (cells[at + CELL_LOOKED] !== this.cache.epoch && !this.cache.lookAgain(this, connection)) return false;
    if (now >= cells[at + CELL_UNTIL] && !this.extend(connection, now)) return false;
    cells[at + CELL_LAST] = now;
    cells[at + CELL_HITS]++;
    return true;
  }

  /** What it refreshed lives on from hit to hit. */
  private extend(connection: number, now: number): boolean {
    const at = CELL * connection;
    const until = Math.min(this.limits[connection], this.cells[at + CELL_LAST] + this.leases[connection]);
    if (now >= until) return false;
    this.cells[at + CELL_UNTIL] = until;
    return true;
  }
}

export class OutcomeCache {
  /** Packets that were answered from here, as machines' stacks sent them. Exact after `settle`. */
  packets = 0;
  /** Counts flushes. */
  epoch = 0;
  private readonly flows: (FlowOutcomes | undefined)[] = [];
  private readonly misses: number[] = [];
  private readonly outcomes: Outcome[] = [];
  private readonly identities = new SequenceTable();
  private readonly countedIds = new Map<Counters, number>();
  private readonly owners: Refreshed[] = [];
  private readonly ownerIds = new Map<Refreshed, number>();
  private touches = new Int32Array(64 * TOUCH);
  private touchEnd = 0;
  private key = new Int32Array(64);
  /** Connections with hits since the last flush, and those with flushed ones since the last settlement. */
  private readonly touched = new ConnectionList();
  private readonly unsettled = new ConnectionList();
  private readonly pending: Outcome[] = [];

  constructor(
    private readonly effects: Effects,
    private readonly listener: OutcomeListener,
  ) {}

  /** Whether the next packet's outcome is worth being watched for. */
  isWorthWatching(flow: number): boolean {
    const misses = this.misses[flow] ?? 0;
    return misses < PATIENCE || misses % RETRY === 0;
  }

  /** What is known of a flow's connections; undefined as long as that is nothing. */
  of(flow: number): FlowOutcomes | undefined {
    return this.flows[flow];
  }

  /** A packet is about to be run. */
  watch(): void {
    this.effects.watch();
  }

  /** The packet has been run at `now` and its question is over (`path` -1: it is not). Keeps its outcome if it can. */
  keep(place: { readonly flow: number; readonly connection: number; readonly connections: number }, path: number, packets: number, now: number): void {
    const { flow, connection, connections } = place;
    const isRepeatable = this.effects.unwatch() && path >= 0;
    if (!isRepeatable) {
      this.misses[flow] = (this.misses[flow] ?? 0) + 1;
      return;
    }
    this.misses[flow] = 0;
    const lines = (this.flows[flow] ??= new FlowOutcomes(this, flow, connections));
    const { until, lease } = this.effects;
    this.bank(lines, connection);
    lines.outcomes[connection] = this.outcomeOf(flow, path, packets);
    lines.generations[connection] = this.effects.generation;
    lines.limits[connection] = until;
    lines.leases[connection] = lease;
    this.keepTouches(lines, connection);
    const at = CELL * connection;
    lines.cells[at + CELL_UNTIL] = Math.min(until, now + lease);
  }

  /** Refreshes what all hits since the last time would have refreshed. */
  flush(): void {
    this.epoch++;
    const { touched, touches, owners } = this;
    for (let i = 0; i < touched.length; i++) {
      const lines = this.flows[touched.flow(i)] as FlowOutcomes;
      const connection = touched.connection(i);
      const at = CELL * connection;
      const hits = lines.cells[at + CELL_HITS];
      const first = lines.touches[connection];
      for (let t = first; t < first + TOUCH * lines.touchCounts[connection]; t += TOUCH) {
        owners[touches[t]].repeat(touches[t + 1], touches[t + 2], hits, lines.cells[at + CELL_LAST]);
      }
      lines.cells[at + CELL_HITS] = 0;
      if (lines.flushed[connection] === 0) this.unsettled.add(lines.flow, connection);
      lines.flushed[connection] += hits;
    }
    touched.length = 0;
  }

  /** Does everything that hits stand for. */
  settle(): void {
    this.flush();
    const { unsettled, pending } = this;
    for (let i = 0; i < unsettled.length; i++) this.bank(this.flows[unsettled.flow(i)] as FlowOutcomes, unsettled.connection(i));
    unsettled.length = 0;
    for (const outcome of pending) {
      const { hits, counted, places, lengths } = outcome;
      for (let i = 0; i < counted.length; i++) {
        const { values } = counted[i];
        values[places[i]] += hits;
        values[places[i] + 1] += hits * lengths[i];
      }
      this.packets += hits * outcome.packets;
      this.listener.repeated(outcome.flow, outcome.path, outcome.packets, hits);
      outcome.hits = 0;
    }
    pending.length = 0;
  }

  /** The first look since something else moved: whether all is still as it was when the outcome was kept. */
  lookAgain(lines: FlowOutcomes, connection: number): boolean {
    if (lines.outcomes[connection] < 0) return false;
    let isSame = lines.generations[connection] === this.effects.generation;
    const first = lines.touches[connection];
    for (let t = first; isSame && t < first + TOUCH * lines.touchCounts[connection]; t += TOUCH) {
      isSame = this.owners[this.touches[t]].versionOf(this.touches[t + 1]) === this.touches[t + 3];
    }
    if (!isSame) {
      this.bank(lines, connection);
      lines.outcomes[connection] = -1;
      return false;
    }
    lines.cells[CELL * connection + CELL_LOOKED] = this.epoch;
    this.touched.add(lines.flow, connection);
    return true;
  }

  /** Adds a connection's flushed hits to its outcome's. */
  private bank(lines: FlowOutcomes, connection: number): void {
    const hits = lines.flushed[connection];
    if (hits === 0) return;
    lines.flushed[connection] = 0;
    const outcome = this.outcomes[lines.outcomes[connection]];
    if (outcome.hits === 0) this.pending.push(outcome);
    outcome.hits += hits;
  }

  /** Position of the outcome that is equal to what the effects say, made if there is none. */
  private outcomeOf(flow: number, path: number, packets: number): number {
    const { counted, countedCount, places, lengths } = this.effects;
    const length = 3 + 3 * countedCount;
    while (this.key.length < length) this.key = wider(this.key);
    const { key } = this;
    key[0] = flow;
    key[1] = path;
    key[2] = packets;
    for (let i = 0; i < countedCount; i++) {
      key[3 + 3 * i] = numberOf(this.countedIds, counted[i]);
      key[4 + 3 * i] = places[i];
      key[5 + 3 * i] = lengths[i];
    }
    const id = this.identities.intern(key, length);
    if (id === this.outcomes.length) {
      const [ownPlaces, ownLengths] = [places.slice(0, countedCount), lengths.slice(0, countedCount)];
      this.outcomes.push({ flow, path, packets, counted: counted.slice(0, countedCount), places: ownPlaces, lengths: ownLengths, hits: 0 });
    }
    return id;
  }

  /** Keeps what was refreshed, in the place that the connection has already if it is large enough. */
  private keepTouches(lines: FlowOutcomes, connection: number): void {
    const { refreshed, refreshedCount, entries, details } = this.effects;
    if (lines.touchCounts[connection] < refreshedCount) {
      lines.touches[connection] = this.touchEnd;
      this.touchEnd += TOUCH * refreshedCount;
      while (this.touches.length < this.touchEnd) this.touches = wider(this.touches);
    }
    lines.touchCounts[connection] = refreshedCount;
    for (let i = 0, t = lines.touches[connection]; i < refreshedCount; i++, t += TOUCH) {
      const owner = numberOf(this.ownerIds, refreshed[i]);
      this.owners[owner] = refreshed[i];
      this.touches[t] = owner;
      this.touches[t + 1] = entries[i];
      this.touches[t + 2] = details[i];
      this.touches[t + 3] = refreshed[i].versionOf(entries[i]);
    }
  }
}

/** Pairs of flow and connection. */
class ConnectionList {
  length = 0;
  private pairs = new Int32Array(128);

  add(flow: number, connection: number): void {
    const at = 2 * this.length++;
    if (at === this.pairs.length) this.pairs = wider(this.pairs);
    this.pairs[at] = flow;
    this.pairs[at + 1] = connection;
  }

  flow(i: number): number {
    return this.pairs[2 * i];
  }

  connection(i: number): number {
    return this.pairs[2 * i + 1];
  }
}

/** Numbers things in the order in which they are met. */
function numberOf<T>(numbers: Map<T, number>, thing: T): number {
  let number = numbers.get(thing);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(thing, number);
  }
  return number;
}

function wider(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * array.length);
  copy.set(array);
  return copy;
}
