/**
 * One run: the machines, the sockets' timers, the questions and how far the scenario has come. All that changes stands here, so a run can be forked.
 *
 * Within one instant frames move first (softirq), then one process after another gets its turn; each with all that it causes.
 */
import type { Issue, ScenarioEvent } from '@worldline/model';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, type PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import { ScriptRun, type ExecuteCommand } from './event/script-run.js';
import { errnoOfIcmp, isEchoReply, isEchoRequest, isTooBig } from './icmp-meaning.js';
import { Fifo } from './fifo.js';
import { MAX_MOVES_PER_INSTANT, SETTLE_TIME } from './limits.js';
import type { NetworkListener, RunNetwork } from './network.js';
import { KIND_CONNECTION, KIND_SEGMENT } from './question/death.js';
import { QuestionBook, type QuestionOwner } from './question/question-book.js';
import { WHEN_ASYNC, WHEN_SEND, type Question } from './question/question.js';
import type { Listing } from './question/flow-tally.js';
import { CLIENT_NONE, type TcpBlock } from './tcp/block.js';
import { receiveIcmpError, receiveSegment } from './tcp/receive.js';
import { TcpStack, type TcpProcesses } from './tcp/stack.js';
import type { Timeline } from './timeline.js';
import { TimerHeap } from './timer-heap.js';
import type { Clients } from './traffic/clients.js';
import { addressAt, destinationNumber, portAt, type Flow } from './traffic/flow.js';
import { fillAnswer, fillRequest } from './traffic/make-packet.js';
import { TIMER_CLIENT, acceptServer, clientTimerDue, serve, startClient, wakeClient, type ProcessHost } from './traffic/tcp-process.js';

/** What a run is made of that does not change in it. */
export interface RunPlan {
  readonly flows: readonly Flow[];
  readonly clients: Clients;
  readonly seed: number;
  /** Microseconds; null: as long as it takes. */
  readonly duration: number | null;
  readonly listing: Listing;
  readonly isWireKept: boolean;
  readonly execute: ExecuteCommand;
  readonly onProgress: ((done: number, of: number) => void) | null;
}

const PROGRESS_STEP = 0xffff;

export class RunState implements NetworkListener, TcpProcesses, QuestionOwner, ProcessHost {
  readonly environment: Environment;
  readonly timers = new TimerHeap();
  readonly stack: TcpStack;
  readonly book: QuestionBook;
  readonly issues: Issue[] = [];
  /** Called before a connection of the scenario sends its first packet; explore forks there. */
  onConnection: ((flow: Flow, connection: number) => void) | null = null;
  /** The first question of each conversation of hand-made segments. */
  private readonly conversations = new Map<number, number>();
  private readonly scripts: ScriptRun[] = [];
  /** Processes that can go on: connections to accept, sockets that woke up, datagrams to read. In order. */
  private readonly accepting = new Fifo<TcpBlock>();
  private readonly woken = new Fifo<TcpBlock>();
  private readonly readable = new Fifo<PacketContext>();
  private activeClients = 0;
  private lastActivity = 0;
  private started = 0;
  private isBroken = false;

  constructor(
    readonly plan: RunPlan,
    readonly network: RunNetwork,
    readonly timeline: Timeline,
  ) {
    this.environment = network.environment;
    network.listener = this;
    this.stack = new TcpStack(network, this.timers, this);
    this.book = new QuestionBook(plan.flows.length, plan.listing, this, plan.isWireKept);
  }

  /** Runs the scenario to its end. */
  run(): void {
    while (!this.isBroken && this.step());
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
    return fork;
  }

  flowAt(position: number): Flow {
    return this.plan.flows[position];
  }

  /** One thing that is due: an event, a packet, a timer. False when the run is over. */
  private step(): boolean {
    const { timeline, environment, network, timers } = this;
    const isBusy = this.scripts.length > 0;
    const scriptAt = isBusy ? this.scriptAt() : Infinity;
    const eventAt = isBusy ? Infinity : timeline.eventAt();
    const packetAt = isBusy ? Infinity : timeline.packetAt();
    const at = Math.max(environment.now, Math.min(Math.min(scriptAt, eventAt), Math.min(packetAt, Math.min(timers.nextAt(), network.nextTimer()))));
    if (at === Infinity || at > this.endAt()) return false;
    environment.now = at;
    if (scriptAt <= at) this.proceedScripts();
    else if (eventAt <= at) this.startEvent(timeline.takeEvent());
    else if (packetAt <= at) this.startPacket();
    else if (timers.nextAt() <= at) this.fireTimer();
    else network.advance();
    this.drain();
    this.stack.owned = -1;
    this.book.settle();
    return true;
  }

  /** When the run is over; the last instant still belongs to it. */
  private endAt(): number {
    const { duration } = this.plan;
    if (duration !== null) return duration;
    const isOpen = this.activeClients > 0 || this.scripts.length > 0 || this.timeline.eventAt() < Infinity || this.timeline.packetAt() < Infinity;
    return isOpen ? Infinity : this.lastActivity + SETTLE_TIME;
  }

  // --- what the scenario starts -------------------------------------------------------------------------------------------------------------

  private startEvent(event: ScenarioEvent): void {
    this.lastActivity = this.environment.now;
    if (event.kind !== 'run') {
      const word = event.kind === 'object' || event.kind === 'process' ? event.verb : 'fabric';
      this.break({ code: 'UnmodelledEvent', severity: 'error', message: `events of kind ${event.kind} are not modelled`, word });
      return;
    }
    for (const name of event.machines) {
      const position = this.network.machinePosition(name);
      if (position < 0) {
        this.break({ code: 'UnknownMachine', severity: 'error', message: `there is no machine ${name} to run a command on`, word: name });
        return;
      }
      this.scripts.push(new ScriptRun(this.network.machines[position], event.run, event.stdin, `event at ${event.at / 1000}ms on ${name}`));
    }
    for (const script of this.scripts) script.wakeAt = this.environment.now;
    this.proceedScripts();
  }

  /** While an event sleeps nothing else of the scenario starts. */
  private proceedScripts(): void {
    const { now } = this.environment;
    this.lastActivity = now;
    for (const script of this.scripts) {
      if (script.wakeAt <= now && !script.hasEnded) script.proceed(now, this.plan.execute);
      this.drain();
      if (!script.hasEnded) continue;
      for (const issue of script.issues) {
        if (issue.severity === 'error') this.break(issue);
        else this.issues.push(issue);
      }
    }
    const rest = this.scripts.filter((script) => !script.hasEnded);
    this.scripts.splice(0, this.scripts.length, ...rest);
  }

  private scriptAt(): number {
    return this.scripts.reduce((earliest, { wakeAt }) => Math.min(earliest, wakeAt), Infinity);
  }

  private break(issue: Issue): void {
    this.issues.push(issue);
    this.isBroken = true;
  }

  private startPacket(): void {
    const { timeline, environment, plan } = this;
    timeline.takePacket();
    const { flow, connection, packet } = timeline;
    this.lastActivity = environment.now;
    if ((++this.started & PROGRESS_STEP) === 0) plan.onProgress?.(this.started, 0);
    if (packet === 0 && this.onConnection !== null) this.onConnection(flow, connection);
    const question = this.book.open(flow.position, connection, connection * flow.packets + packet, environment.now);
    const number = destinationNumber(flow, connection, plan.seed);
    if (flow.kind === KIND_CONNECTION) {
      this.activeClients++;
      startClient(this, flow, question, number);
    } else this.sendRequest(flow, question, packet, number);
  }

  private sendRequest(flow: Flow, question: Question, packet: number, number: number): void {
    const { environment } = this;
    const { addresses, pool } = environment;
    const { connection } = question;
    const machine = this.network.machines[flow.machine];
    const p = pool.take();
    fillRequest(p, flow, packet);
    p.source = addressAt(flow.source, connection, addresses);
    p.sourcePort = flow.chosenPorts === null ? portAt(flow.source, connection) : flow.chosenPorts[connection];
    p.destination = addressAt(flow.destination, number, addresses);
    if (flow.protocol === PROTOCOL_UDP || flow.protocol === PROTOCOL_TCP) p.destinationPort = portAt(flow.destination, number);
    question.machine = flow.machine;
    question.family = flow.family;
    question.source = p.source;
    question.sourcePort = p.sourcePort;
    question.destination = p.destination;
    question.destinationPort = p.destinationPort;
    p.question = flow.kind === KIND_SEGMENT ? this.conversationOf(flow, question, packet) : question.slot;
    let error: number;
    if (flow.isRaw) {
      if (!flow.hasSourceAddress) this.chooseRawSource(p, flow);
      question.source = p.source;
      error = machine.sendRaw(p);
    } else {
      const socket = flow.sockets === null ? -1 : flow.sockets[connection % flow.sockets.length];
      if (socket < -1) {
        pool.give(p);
        error = socket;
      } else {
        p.socket = socket;
        error = machine.send(p);
      }
    }
    if (error !== 0) question.setError(WHEN_SEND, error);
  }

  /** A raw socket's maker asks the kernel which source it would take, and writes that into the header. */
  private chooseRawSource(p: PacketContext, flow: Flow): void {
    const probe = this.environment.pool.take();
    probe.copyHeaders(p);
    probe.mark = p.mark;
    probe.outputInterface = flow.device;
    if (this.network.machines[flow.machine].connectRoute(probe) === 0) p.source = probe.source;
    this.environment.pool.give(probe);
  }

  /** All hand-made segments of one connection are one conversation, told with its first packet. */
  private conversationOf(flow: Flow, question: Question, packet: number): number {
    if (flow.packets === 1) return question.slot;
    const key = flow.position * 0x10_0000 + question.connection;
    if (packet === 0) {
      this.book.hold(question.slot);
      this.conversations.set(key, question.slot);
      return question.slot;
    }
    const slot = this.conversations.get(key) ?? question.slot;
    if (packet === flow.packets - 1) this.conversations.delete(key);
    return slot;
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
  private drain(): void {
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
    const { environment, book, network } = this;
    const question = book.of(p.question);
    if (isEchoRequest(p)) question?.addDelivery(p.machine, p, environment.now);
    else if (isEchoReply(p)) question?.addReply(p.machine, p, environment.now);
    const { inner } = p;
    if (inner === null) return;
    const isNarrow = isTooBig(p.family, p.icmpType, p.icmpCode);
    question?.addNotice(p, isNarrow ? p.icmpMtu : -1);
    const errno = errnoOfIcmp(p);
    const { sockets } = network.machines[p.machine];
    if (inner.protocol === PROTOCOL_TCP) {
      const block = sockets.connections.find(inner.family, inner.source, inner.sourcePort, inner.destination, inner.destinationPort);
      if (block >= 0) receiveIcmpError(this.stack, this.stack.blocks[block], p);
    } else if (errno !== 0 && question !== null && this.isForClient(p, inner, isNarrow)) {
      question.setError(WHEN_ASYNC, errno, p.icmpType, p.icmpCode, p.source);
    }
  }

  /** Whether a client's socket with IP_RECVERR gets the error: __udp4_lib_err, raw_err and their IPv6 twins. */
  private isForClient(p: PacketContext, inner: PacketContext, isNarrow: boolean): boolean {
    const machine = this.network.machines[p.machine];
    if (inner.protocol === PROTOCOL_ICMP || inner.protocol === PROTOCOL_ICMPV6) return this.plan.clients.hasEchoClient(p.machine, inner);
    if (inner.protocol !== PROTOCOL_UDP) return false;
    const socket = machine.sockets.socket(machine.sockets.lookupUdpError(inner, p.inputInterface));
    if (socket === null || socket.isServer) return false;
    // IP_PMTUDISC_DONT does not want to know
    const question = this.book.of(p.question);
    return !isNarrow || p.family === 6 || question === null || this.flowAt(question.flow).spec.isDontFragment;
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
    if (question.source !== 0 || flow.hasSourceAddress || flow.kind === KIND_CONNECTION) return;
    const probe = this.environment.pool.take();
    fillRequest(probe, flow, 0);
    probe.source = 0;
    probe.destination = question.destination;
    probe.sourcePort = question.sourcePort;
    probe.destinationPort = question.destinationPort;
    if (this.network.machines[flow.machine].connectRoute(probe) === 0) question.source = probe.source;
    this.environment.pool.give(probe);
  }
}
