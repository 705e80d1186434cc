/**
 * One run: the machines, the sockets' timers, the questions and how far the scenario has come. All that changes stands here, so a run can be forked.
 *
 * Within one instant frames move first (softirq), then one process after another gets its turn; each with all that it causes.
 */
import { PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../packet/index.js';
import { OutcomeCache, type OutcomeListener } from '../cache/index.js';
import type { Environment } from '../record/index.js';
import { EventRunner } from './event/event-runner.js';
import type { ExecuteCommand } from './event/script-run.js';
import { Fifo } from './fifo.js';
import { MAX_MOVES_PER_INSTANT, SETTLE_TIME } from './limits.js';
import type { NetworkListener, RunNetwork } from './network.js';
import { KIND_CONNECTION, KIND_DATAGRAM } from './question/death.js';
import type { Listing } from './question/flow-tally.js';
import { QuestionBook, type QuestionOwner } from './question/question-book.js';
import type { Question } from './question/question.js';
import { CLIENT_NONE, type TcpBlock } from './tcp/block.js';
import { receiveSegment } from './tcp/receive.js';
import { TcpStack, type TcpProcesses } from './tcp/stack.js';
import type { Timeline } from './timeline.js';
import { TimerHeap } from './timer-heap.js';
import type { Clients } from './traffic/clients.js';
import { destinationNumber, type Flow } from './traffic/flow.js';
import { hearIcmp, type HearingHost } from './traffic/hearing.js';
import { fillAnswer } from './traffic/make-packet.js';
import { Requests } from './traffic/requests.js';
import { TIMER_CLIENT, acceptServer, clientTimerDue, serve, startClient, wakeClient, type ProcessHost } from './traffic/tcp-process.js';

/** What a run is made of that does not change in it. */
export interface RunPlan {
  readonly flows: readonly Flow[];
  readonly clients: Clients;
  /** Of all flows together. */
  readonly questions: number;
  readonly seed: number;
  /** Microseconds; null: as long as it takes. */
  readonly duration: number | null;
  readonly listing: Listing;
  readonly isWireKept: boolean;
  /** Packets whose outcome is known are not run again; see cache/. */
  readonly isCached: boolean;
  readonly execute: ExecuteCommand;
  readonly onProgress: ((done: number, of: number) => void) | null;
}

const PROGRESS_STEP = 0xffff;

/** A packet whose outcome the cache wants to know. */
interface Watched {
  readonly flow: Flow;
  readonly connection: number;
  readonly packetsBefore: number;
  /** Questions of the flow that were over. */
  readonly sentBefore: number;
}

export class RunState implements NetworkListener, OutcomeListener, TcpProcesses, QuestionOwner, ProcessHost, HearingHost {
  readonly environment: Environment;
  readonly timers = new TimerHeap();
  readonly stack: TcpStack;
  readonly book: QuestionBook;
  readonly events: EventRunner;
  /** Called before a connection of the scenario sends its first packet; explore forks there. */
  onConnection: ((flow: Flow, connection: number) => void) | null = null;
  private readonly requests: Requests;
  private readonly outcomes: OutcomeCache | null;
  /** Processes that can go on: connections to accept, sockets that woke up, datagrams to read. In order. */
  private readonly accepting = new Fifo<TcpBlock>();
  private readonly woken = new Fifo<TcpBlock>();
  private readonly readable = new Fifo<PacketContext>();
  private watched: Watched | null = null;
  private activeClients = 0;
  private lastActivity = 0;
  private started = 0;
  /** Only one connection is played: nothing else of the scenario keeps the run going. */
  private isAlone = false;

  constructor(
    readonly plan: RunPlan,
    readonly network: RunNetwork,
    readonly timeline: Timeline,
  ) {
    this.environment = network.environment;
    network.listener = this;
    this.stack = new TcpStack(network, this.timers, this);
    this.book = new QuestionBook(plan.flows.length, plan.listing, this, plan.isWireKept);
    this.requests = new Requests(network, this.book);
    this.events = new EventRunner(network, plan.execute);
    this.outcomes = plan.isCached ? new OutcomeCache(this.environment.effects, this) : null;
  }

  /** Packets, as machines' stacks sent them, that were answered without being run. */
  get cacheHits(): number {
    return this.outcomes === null ? 0 : this.outcomes.packets;
  }

  /** Runs the scenario to its end, or until there is enough of it. */
  run(isEnough: (() => boolean) | null = null): void {
    while (!this.events.isBroken && this.step() && !(isEnough !== null && isEnough()));
    this.outcomes?.settle();
    const { duration } = this.plan;
    this.environment.now = duration ?? Math.max(this.environment.now, this.lastActivity + SETTLE_TIME);
    this.network.endHeld();
    this.drain();
    this.book.closeAll();
  }

  /** A copy that has only these packets before it, and nothing of what else is under way but the state it has left behind. */
  forkAlone(timeline: Timeline, network: RunNetwork): RunState {
    const fork = new RunState(this.plan, network, timeline);
    fork.stack.adopt(this.stack);
    fork.book.skipSlots(this.book);
    fork.lastActivity = this.environment.now;
    fork.isAlone = true;
    return fork;
  }

  flowAt(position: number): Flow {
    return this.plan.flows[position];
  }

  /** One thing that is due: an event, a packet, a timer. False when the run is over. */
  private step(): boolean {
    if (this.outcomes !== null) this.repeatKnown(this.outcomes);
    const { timeline, environment, network, timers, events } = this;
    const { isBusy } = events;
    const scriptAt = isBusy ? events.nextAt() : Infinity;
    const eventAt = isBusy ? Infinity : timeline.eventAt();
    const packetAt = isBusy ? Infinity : timeline.packetAt();
    const at = Math.max(environment.now, Math.min(Math.min(scriptAt, eventAt), Math.min(packetAt, Math.min(timers.nextAt(), network.nextTimer()))));
    if (at === Infinity || at > this.endAt()) return false;
    environment.now = at;
    if (scriptAt <= at) this.proceedEvents();
    else if (eventAt <= at) {
      events.start(timeline.takeEvent());
      this.proceedEvents();
    } else if (packetAt <= at) this.startPacket();
    else if (timers.nextAt() <= at) this.fireTimer();
    else network.advance();
    this.drain();
    this.stack.owned = -1;
    this.book.settle();
    if (this.watched !== null) this.keepOutcome(this.watched);
    return true;
  }

  /** Whether it pays to know what becomes of a packet: a datagram of a connection that has more of them. */
  private mayComeAgain(flow: Flow, packet: number): boolean {
    return flow.kind === KIND_DATAGRAM && flow.protocol === PROTOCOL_UDP && packet + 1 < flow.packets && this.outcomes !== null && this.outcomes.isWorthWatching(flow.position);
  }

  /** The instant is over; so is the question, unless something of it waits. */
  private keepOutcome({ flow, connection, packetsBefore, sentBefore }: Watched): void {
    this.watched = null;
    const tally = this.book.tallies[flow.position];
    const isOver = tally.sent === sentBefore + 1;
    const place = { flow: flow.position, connection, connections: flow.spec.connections };
    this.outcomes?.keep(place, isOver ? tally.last : -1, this.network.packetsSent - packetsBefore, this.environment.now);
  }

  repeated(flow: number, path: number, packets: number, times: number): void {
    this.book.tallies[flow].repeat(path, times);
    this.network.packetsSent += packets * times;
  }

  /** Counts packets whose outcome is known, up to the next thing that has to be run. */
  private repeatKnown(outcomes: OutcomeCache): void {
    const { timeline, timers, network, environment, plan } = this;
    const others = Math.min(Math.min(timeline.eventAt(), timers.nextAt()), network.nextTimer());
    const limit = Math.min(others, (plan.duration ?? Infinity) + 1);
    // what a sleeping event has held up is sent now, not when it was to be
    while (timeline.packetAt() < limit && timeline.packetAt() >= environment.now) {
      const known = outcomes.of(timeline.nextFlow());
      const count = known === undefined ? 0 : timeline.repeat(known, limit);
      if (count === 0) break;
      environment.now = timeline.at;
      this.lastActivity = timeline.at;
      this.progress(count);
    }
    outcomes.flush();
  }

  private progress(count: number): void {
    const before = this.started;
    this.started += count;
    if (((before ^ this.started) & ~PROGRESS_STEP) !== 0) this.plan.onProgress?.(this.started, this.plan.questions);
  }

  /** When the run is over; the last instant still belongs to it. */
  private endAt(): number {
    const { duration } = this.plan;
    if (duration !== null) return duration;
    const isOpen = this.activeClients > 0 || this.events.isBusy || this.timeline.packetAt() < Infinity || (!this.isAlone && this.timeline.eventAt() < Infinity);
    return isOpen ? Infinity : this.lastActivity + SETTLE_TIME;
  }

  // --- what the scenario starts -------------------------------------------------------------------------------------------------------------

  private proceedEvents(): void {
    this.lastActivity = this.environment.now;
    this.outcomes?.settle();
    this.events.proceed(this);
  }

  private startPacket(): void {
    const { timeline, environment, plan } = this;
    timeline.takePacket();
    const { flow, connection, packet } = timeline;
    this.lastActivity = environment.now;
    this.progress(1);
    if (packet === 0 && this.onConnection !== null) this.onConnection(flow, connection);
    const question = this.book.open(flow.position, connection, connection * flow.packets + packet, environment.now);
    if (this.outcomes !== null && this.mayComeAgain(flow, packet)) this.watched = { flow, connection, packetsBefore: this.network.packetsSent, sentBefore: this.book.tallies[flow.position].sent };
    if (this.watched !== null) this.outcomes?.watch();
    const number = destinationNumber(flow, connection, plan.seed);
    if (flow.kind === KIND_CONNECTION) {
      this.activeClients++;
      startClient(this, flow, question, number);
    } else this.requests.send(flow, question, packet, number);
  }

  // --- what moves by itself -----------------------------------------------------------------------------------------------------------------

  private fireTimer(): void {
    const { timers, stack } = this;
    timers.pop();
    const { kind, owner, time } = timers;
    if (kind !== TIMER_CLIENT) {
      stack.timerDue(kind, owner, time);
      return;
    }
    const block = stack.blocks[owner];
    if (block.isFree || block.clientAt !== time) return;
    clientTimerDue(this, block);
    stack.releaseIfOver(block);
  }

  /** Lets everything happen that happens at this instant. */
  drain(): void {
    const { network } = this;
    let moves = 0;
    for (;;) {
      while (network.deliverNext()) {
        if (network.inbox.length > 0) this.takeFromMachines();
        if (++moves > MAX_MOVES_PER_INSTANT) network.abandon();
      }
      if (network.inbox.length > 0) this.takeFromMachines();
      else if (!this.takeTurn()) return;
      if (++moves > MAX_MOVES_PER_INSTANT) network.abandon();
    }
  }

  /** What sockets took: segments are for the protocol, datagrams wait for their process. */
  private takeFromMachines(): void {
    const { inbox } = this.network;
    for (let i = 0; i < inbox.length; i++) {
      const p = inbox[i];
      if (p.protocol === PROTOCOL_TCP) {
        receiveSegment(this.stack, p);
        this.end(p);
      } else this.readable.push(p);
    }
    // popping keeps the array's room, setting its length does not
    while (inbox.length > 0) inbox.pop();
  }

  /** One process's turn; false when none has anything to do. */
  private takeTurn(): boolean {
    const datagram = this.readable.shift();
    if (datagram !== null) {
      this.readDatagram(datagram);
      return true;
    }
    const block = this.accepting.shift();
    if (block !== null) {
      acceptServer(this, block);
      return true;
    }
    const woken = this.woken.shift();
    if (woken === null) return false;
    woken.isWakePending = false;
    if (woken.isServer) serve(this, woken);
    else wakeClient(this, woken);
    this.stack.releaseIfOver(woken);
    return true;
  }

  private readDatagram(p: PacketContext): void {
    const { environment, book, network } = this;
    const machine = network.machines[p.machine];
    const question = book.of(p.question);
    const isAnswer = p.about === 2;
    if (question !== null) {
      if (isAnswer) question.addReply(p.machine, p, environment.now);
      else question.addDelivery(p.machine, p, environment.now);
    }
    const isAnswered = !isAnswer && machine.sockets.socket(p.socket)?.isServer === true && !(question !== null && this.flowAt(question.flow).spec.isServerSilent);
    if (!isAnswered) {
      this.end(p);
      return;
    }
    const q = environment.pool.take();
    fillAnswer(q, p, environment.addresses);
    this.end(p);
    machine.send(q);
  }

  private end(p: PacketContext): void {
    this.packetEnded(p);
    this.environment.pool.give(p);
  }

  // --- what the machines tell ---------------------------------------------------------------------------------------------------------------

  packetEnded(p: PacketContext): void {
    if (p.question < 0) return;
    this.book.ended(p, this.environment.recorder.commit(p));
  }

  packetHeld(p: PacketContext): void {
    this.book.hold(p.question);
  }

  icmpReceived(p: PacketContext): void {
    hearIcmp(this, p);
  }

  // --- what sockets tell --------------------------------------------------------------------------------------------------------------------

  wake(block: TcpBlock): void {
    if (block.isWakePending || (!block.isServer && block.clientState === CLIENT_NONE)) return;
    block.isWakePending = true;
    this.woken.push(block);
  }

  acceptable(block: TcpBlock): void {
    this.accepting.push(block);
  }

  opened(block: TcpBlock): void {
    this.book.hold(block.question);
  }

  ended(block: TcpBlock): void {
    this.book.release(block.question);
  }

  clientEnded(): void {
    this.activeClients--;
    this.lastActivity = this.environment.now;
  }

  // --- what the book asks -------------------------------------------------------------------------------------------------------------------

  kindOf(flow: number): number {
    return this.plan.flows[flow].kind;
  }

  complete(question: Question): void {
    const flow = this.plan.flows[question.flow];
    if (flow.kind !== KIND_CONNECTION) this.requests.complete(question, flow);
  }
}
