/**
 * All TCP sockets of a run: opening, closing, timers (net/ipv4/tcp.c, tcp_timer.c, inet_connection_sock.c, Linux 6.18). Segments are read in `receive.ts` and written in `transmit.ts`.
 *
 * It is a small TCP, but each segment that Linux sends in these conversations is sent: same flags, length and order.
 */
import { EADDRNOTAVAIL, ECONNREFUSED, ECONNRESET, ETIMEDOUT, PROTOCOL_TCP, isLinkLocal, type AddressTable, type PacketContext } from '../../packet/index.js';
import { Random } from '@worldline/model';
import type { RunMachine, RunNetwork } from '../network.js';
import type { TimerHeap } from '../timer-heap.js';
import {
  RETRANSMIT_NONE,
  RETRANSMIT_PROBE,
  RETRANSMIT_TIMEOUT,
  TCP_CLOSED,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT_1,
  TCP_FIN_WAIT_2,
  TCP_LAST_ACK,
  TCP_SYN_RECEIVED,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
  TcpBlock,
} from './block.js';
import { pushData, retransmit, sendAbort, sendAck, sendSyn, sendSynAck, setSegmentSize } from './transmit.js';

/** What a process learns of its sockets. */
export interface TcpProcesses {
  /** Something changed that whoever reads from, or waits for, this socket wants to know. */
  wake(block: TcpBlock): void;
  /** A handshake is complete: accept() will return it. */
  acceptable(block: TcpBlock): void;
  /** A socket that will go on by itself has come into being. */
  opened(block: TcpBlock): void;
  /** It sends nothing more by itself: it is gone, or waits in TIME_WAIT. */
  ended(block: TcpBlock): void;
}

/** INET_ECN_MASK */
const ECN_MASK = 3;
const TIMER_RETRANSMIT = 1;
const TIMER_DELAYED_ACK = 2;
const TIMER_TIME_WAIT = 3;

/** TCP_TIMEOUT_INIT: first SYN and SYN-ACK timeout. */
const SYN_TIMEOUT = 1_000_000;
/** TCP_RTO_MIN as it comes out of tcp_rtt_estimator on a link without delay, in jiffies of 4 ms. */
export const DATA_TIMEOUT = 204_000;
/** tcp_schedule_loss_probe with one segment in flight: two round trips and the least timeout. */
const PROBE_TIMEOUT = 201_000;
/** TCP_ATO_MIN. */
export const DELAYED_ACK = 40_000;
/** TCP_TIMEWAIT_LEN. */
const TIME_WAIT = 60_000_000;
const MAX_TIMEOUT = 120_000_000;
/** tcp_syn_linear_timeouts, tcp_syn_retries, tcp_synack_retries, tcp_retries2. */
const SYN_LINEAR_TIMEOUTS = 4;
const SYN_RETRIES = 6;
const SYNACK_RETRIES = 5;
const DATA_RETRIES = 15;

const SEED_OF_SEQUENCE_NUMBERS = 0x7c9;

export interface ConnectRequest {
  readonly machine: number;
  readonly question: number;
  /** Headers of the SYN: addresses, ports, family, ttl, tos, mark, outputInterface. */
  readonly template: PacketContext;
}

export class TcpStack {
  readonly blocks: TcpBlock[] = [];
  private readonly free: number[] = [];
  /** The socket whose process is in a system call: an ICMP error that comes now finds it locked. */
  owned = -1;

  constructor(
    readonly network: RunNetwork,
    readonly timers: TimerHeap,
    readonly processes: TcpProcesses,
    private random: Random = Random.fromSeed(SEED_OF_SEQUENCE_NUMBERS),
  ) {}

  machineOf(block: TcpBlock): RunMachine {
    return this.network.machines[block.machine];
  }

  /** tcp_v4_connect: route, port, SYN. 0 or a negative errno; the block is wanted in any case and closed when it failed. */
  connect(request: ConnectRequest): { readonly block: TcpBlock; readonly error: number } {
    const { template } = request;
    const block = this.allocate();
    const machine = this.network.machines[request.machine];
    block.machine = request.machine;
    block.question = request.question;
    block.family = template.family;
    block.remote = template.destination;
    block.remotePort = template.destinationPort;
    block.localPort = template.sourcePort;
    block.device = template.outputInterface;
    block.ttl = template.ttl;
    // ip_sock_set_tos: the ECN bits of a stream socket are the kernel's own
    block.tos = template.tos & ~ECN_MASK;
    block.mark = template.mark;
    this.count(block);
    const error = machine.connectRoute(template);
    block.local = template.source;
    if (error !== 0) return { block, error };
    const { connections } = machine.sockets;
    if (connections.find(block.family, block.local, block.localPort, block.remote, block.remotePort) >= 0) return { block, error: EADDRNOTAVAIL };
    this.register(block);
    setSegmentSize(block, template.routeMtu);
    block.state = TCP_SYN_SENT;
    block.initialSend = this.nextSequence();
    block.sendUnacknowledged = block.initialSend;
    block.sendNext = (block.initialSend + 1) | 0;
    block.sendEnd = block.sendNext;
    this.armRetransmit(block, SYN_TIMEOUT);
    sendSyn(this, block, false);
    return { block, error: 0 };
  }

  /** tcp_conn_request: a listener takes a SYN. */
  openFromSyn(p: PacketContext): TcpBlock | null {
    const machine = this.network.machines[p.machine];
    const block = this.allocate();
    block.machine = p.machine;
    block.question = p.question;
    block.isServer = true;
    block.family = p.family;
    block.local = p.destination;
    block.localPort = p.destinationPort;
    block.remote = p.source;
    block.remotePort = p.sourcePort;
    block.device = p.family === 6 ? scopeOf(this.network.environment.addresses, p) : -1;
    const route = this.network.environment.pool.take();
    route.family = p.family;
    route.protocol = PROTOCOL_TCP;
    route.source = p.destination;
    route.destination = p.source;
    route.sourcePort = p.destinationPort;
    route.destinationPort = p.sourcePort;
    route.outputInterface = block.device;
    const error = machine.connectRoute(route);
    const mtu = route.routeMtu;
    this.network.environment.pool.give(route);
    if (error !== 0) {
      this.release(block);
      return null;
    }
    this.count(block);
    block.peerMss = p.tcpMss > 0 ? p.tcpMss : p.family === 4 ? 536 : 1220;
    block.hasTimestamps = p.hasTimestamps;
    block.hasSack = p.hasSackPermitted;
    block.hasWindowScale = p.tcpWindowScale >= 0;
    setSegmentSize(block, mtu);
    this.register(block);
    block.state = TCP_SYN_RECEIVED;
    block.initialReceive = p.tcpSeq;
    block.receiveNext = (p.tcpSeq + 1) | 0;
    block.initialSend = this.nextSequence();
    block.sendUnacknowledged = block.initialSend;
    block.sendNext = (block.initialSend + 1) | 0;
    block.sendEnd = block.sendNext;
    this.armRetransmit(block, SYN_TIMEOUT);
    sendSynAck(this, block, false);
    return block;
  }

  /** tcp_sendmsg: the process writes. */
  write(block: TcpBlock, bytes: number): void {
    block.sendEnd = (block.sendEnd + bytes) | 0;
    pushData(this, block);
  }

  /** shutdown(SHUT_WR), or close() with nothing unread. */
  finish(block: TcpBlock): void {
    if (block.state === TCP_ESTABLISHED) block.state = TCP_FIN_WAIT_1;
    else if (block.state === TCP_CLOSE_WAIT) block.state = TCP_LAST_ACK;
    else return;
    block.isFinQueued = true;
    pushData(this, block);
  }

  /** close(): the descriptor is gone, the connection ends by itself. */
  close(block: TcpBlock): void {
    block.isOrphan = true;
    if (block.state === TCP_SYN_SENT) this.destroy(block);
    else {
      this.finish(block);
      this.releaseIfOver(block);
    }
  }

  /** close() with SO_LINGER 0: tcp_disconnect sends a reset where the other end may still believe in the connection. */
  abort(block: TcpBlock): void {
    block.isOrphan = true;
    const { state } = block;
    const needsReset =
      state === TCP_ESTABLISHED || state === TCP_CLOSE_WAIT || state === TCP_FIN_WAIT_1 || state === TCP_FIN_WAIT_2 || state === TCP_SYN_RECEIVED;
    const { question } = block;
    if (state === TCP_TIME_WAIT) return;
    this.unregister(block);
    if (needsReset) sendAbort(this, block, question);
    this.destroy(block);
  }

  /** tcp_reset: the other end refuses or breaks off. */
  reset(block: TcpBlock): void {
    if (block.state === TCP_SYN_RECEIVED && block.isServer) {
      this.destroy(block);
      return;
    }
    this.fail(block, block.state === TCP_SYN_SENT ? ECONNREFUSED : ECONNRESET);
  }

  /** tcp_done_with_error: the socket is closed and its process told. */
  fail(block: TcpBlock, error: number): void {
    block.error = error;
    this.unregister(block);
    block.state = TCP_CLOSED;
    block.retransmitKind = RETRANSMIT_NONE;
    block.delayedAckAt = Infinity;
    this.processes.wake(block);
    this.releaseIfOver(block);
  }

  /** tcp_time_wait. */
  enterTimeWait(block: TcpBlock): void {
    block.state = TCP_TIME_WAIT;
    block.retransmitKind = RETRANSMIT_NONE;
    block.delayedAckAt = Infinity;
    this.uncount(block);
    this.timers.add(this.network.environment.now + TIME_WAIT, TIMER_TIME_WAIT, block.id);
  }

  /** The connection is over without anybody's being told. */
  destroy(block: TcpBlock): void {
    this.unregister(block);
    block.state = TCP_CLOSED;
    block.retransmitKind = RETRANSMIT_NONE;
    block.delayedAckAt = Infinity;
    if (block.isServer && !block.isAccepted) block.isOrphan = true;
    this.releaseIfOver(block);
  }

  /** Gives a block back once neither protocol nor process needs it. */
  releaseIfOver(block: TcpBlock): void {
    if (block.state === TCP_CLOSED && block.isOrphan && !block.isWakePending && !block.isFree) this.release(block);
  }

  armRetransmit(block: TcpBlock, timeout: number): void {
    block.retransmitKind = RETRANSMIT_TIMEOUT;
    block.retransmitTimeout = timeout;
    this.setRetransmit(block, timeout);
  }

  /** tcp_schedule_loss_probe: data of a connection with SACK is probed for once before it times out. */
  armProbe(block: TcpBlock): void {
    if (!block.hasSack) {
      this.armRetransmit(block, DATA_TIMEOUT);
      return;
    }
    block.retransmitKind = RETRANSMIT_PROBE;
    block.retransmitTimeout = DATA_TIMEOUT;
    this.setRetransmit(block, PROBE_TIMEOUT);
  }

  armDelayedAck(block: TcpBlock): void {
    block.isAckPending = true;
    block.delayedAckAt = this.network.environment.now + DELAYED_ACK;
    this.timers.add(block.delayedAckAt, TIMER_DELAYED_ACK, block.id);
  }

  /** A timer of this stack is due. Timers that were set anew since are ignored. */
  timerDue(kind: number, id: number, time: number): void {
    const block = this.blocks[id];
    if (block.isFree) return;
    if (kind === TIMER_TIME_WAIT) {
      if (block.state === TCP_TIME_WAIT) {
        block.isOrphan = true;
        this.destroy(block);
      }
    } else if (kind === TIMER_DELAYED_ACK) {
      if (block.delayedAckAt === time && block.isAckPending) sendAck(this, block);
    } else if (block.retransmitKind !== RETRANSMIT_NONE && block.retransmitAt === time) this.retransmitDue(block);
  }

  /** Takes over the sockets of another stack as they stand, without their timers and questions. */
  adopt(other: TcpStack): void {
    for (const block of other.blocks) {
      const twin = new TcpBlock();
      twin.copyFrom(block);
      twin.question = -1;
      twin.isCounted = false;
      this.blocks.push(twin);
    }
    this.free.push(...other.free);
    this.random = other.random.fork();
  }

  /** tcp_retransmit_timer, tcp_send_loss_probe, reqsk_timer_handler. */
  private retransmitDue(block: TcpBlock): void {
    if (block.retransmitKind === RETRANSMIT_PROBE) {
      this.armRetransmit(block, block.retransmitTimeout);
      retransmit(this, block);
      return;
    }
    const limit = block.state === TCP_SYN_SENT ? SYN_RETRIES : block.state === TCP_SYN_RECEIVED ? SYNACK_RETRIES : DATA_RETRIES;
    block.retries++;
    if (block.retries > limit) {
      if (block.state === TCP_SYN_RECEIVED) this.destroy(block);
      else this.fail(block, block.softError !== 0 ? block.softError : ETIMEDOUT);
      return;
    }
    const isLinear = block.state === TCP_SYN_SENT && block.retries <= SYN_LINEAR_TIMEOUTS;
    this.armRetransmit(block, isLinear ? block.retransmitTimeout : Math.min(MAX_TIMEOUT, 2 * block.retransmitTimeout));
    retransmit(this, block);
  }

  private setRetransmit(block: TcpBlock, after: number): void {
    block.retransmitAt = this.network.environment.now + after;
    this.timers.add(block.retransmitAt, TIMER_RETRANSMIT, block.id);
  }

  private nextSequence(): number {
    return this.random.next() | 0;
  }

  private allocate(): TcpBlock {
    const block = new TcpBlock();
    block.id = this.free.pop() ?? this.blocks.length;
    block.isFree = false;
    this.blocks[block.id] = block;
    return block;
  }

  private release(block: TcpBlock): void {
    this.uncount(block);
    block.isFree = true;
    block.question = -1;
    this.free.push(block.id);
  }

  private count(block: TcpBlock): void {
    block.isCounted = true;
    this.processes.opened(block);
  }

  private uncount(block: TcpBlock): void {
    if (!block.isCounted) return;
    block.isCounted = false;
    this.processes.ended(block);
  }

  private register(block: TcpBlock): void {
    this.machineOf(block).sockets.connections.add(block.family, block.local, block.localPort, block.remote, block.remotePort, block.id);
  }

  private unregister(block: TcpBlock): void {
    const { connections } = this.machineOf(block).sockets;
    if (connections.find(block.family, block.local, block.localPort, block.remote, block.remotePort) !== block.id) return;
    connections.remove(block.family, block.local, block.localPort, block.remote, block.remotePort);
  }
}

/** The interface that an answer to a link-local peer must leave by. */
function scopeOf(addresses: AddressTable, p: PacketContext): number {
  return isLinkLocal(addresses, 6, p.source) ? p.inputInterface : -1;
}
