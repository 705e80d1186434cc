/** Segments on their way out: __tcp_transmit_skb, tcp_write_xmit, tcp_retransmit_skb, tcp_send_active_reset (net/ipv4/tcp_output.c, Linux 6.18). */
import { EXCHANGE_WHATS, type ExchangeWhat } from '@worldline/model';
import { PROTOCOL_TCP, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type PacketContext } from '../../packet/index.js';
import {
  RETRANSMIT_NONE,
  RETRANSMIT_PROBE,
  TCP_FIN_WAIT_1,
  TCP_LAST_ACK,
  TCP_CLOSING,
  TCP_SYN_RECEIVED,
  TCP_SYN_SENT,
  type TcpBlock,
} from './block.js';
import { DATA_TIMEOUT, DELAYED_ACK, type TcpStack } from './stack.js';

const TCP_HEADER = 20;
/** ipv4_default_advmss: IPV4_MAX_PMTU less the headers. */
const MAXIMUM_MSS = 65_495;
const TIMESTAMP_OPTION = 12;
/** MSS 4, SACK permitted and timestamps 12, window scale 4. */
const SYN_OPTIONS = 20;
/** GSO_MAX_SIZE less the largest header. */
const MAX_OFFLOAD = 65_160;

/** Initial windows of a 6 MiB (32 MiB since 6.17) tcp_rmem, and what is left of them after the scale. */
const SYN_WINDOW = { 4: 64_240, 6: 64_800 } as const;
const SYNACK_WINDOW = { 4: 65_160, 6: 64_260 } as const;
const WINDOW_SCALE = 10;
const SCALED_WINDOW = 64;

const WHAT = Object.fromEntries(EXCHANGE_WHATS.map((what, i) => [what, i])) as Readonly<Record<ExchangeWhat, number>>;

/** What a segment is called: by its flags, then by whether it carries data. */
export function whatOfSegment(flags: number, payload: number, isFromServer: boolean): number {
  if ((flags & TCP_RST) !== 0) return isFromServer ? WHAT.rst : WHAT['client-rst'];
  if ((flags & TCP_SYN) !== 0) return (flags & TCP_ACK) !== 0 ? WHAT.synack : WHAT.syn;
  if ((flags & TCP_FIN) !== 0) return isFromServer ? WHAT['server-fin'] : WHAT.fin;
  if (payload > 0) return isFromServer ? WHAT.echo : WHAT.data;
  return isFromServer ? WHAT['server-ack'] : WHAT.ack;
}

/** tcp_sync_mss: what fits into the path's MTU and the peer's MSS. */
export function setSegmentSize(block: TcpBlock, mtu: number): void {
  const header = block.family === 4 ? 40 : 60;
  const own = Math.max(Math.min(mtu - header, MAXIMUM_MSS), 48);
  block.ownMss = own;
  const limit = block.peerMss === 0 ? own : Math.min(own, block.peerMss);
  block.segmentSize = limit - (block.hasTimestamps ? TIMESTAMP_OPTION : 0);
}

export function sendSyn(stack: TcpStack, block: TcpBlock, isRetransmission: boolean): void {
  const p = segment(stack, block, TCP_SYN, block.initialSend, 0, isRetransmission);
  p.tcpAck = 0;
  p.tcpWindow = SYN_WINDOW[block.family];
  p.tcpWindowScale = WINDOW_SCALE;
  p.tcpMss = block.segmentSize;
  p.hasSackPermitted = true;
  p.hasTimestamps = true;
  p.length += SYN_OPTIONS;
  stack.machineOf(block).send(p);
}

export function sendSynAck(stack: TcpStack, block: TcpBlock, isRetransmission: boolean): void {
  const p = segment(stack, block, TCP_SYN | TCP_ACK, block.initialSend, 0, isRetransmission);
  p.tcpWindow = SYNACK_WINDOW[block.family];
  p.tcpMss = block.ownMss;
  p.hasTimestamps = block.hasTimestamps;
  p.hasSackPermitted = block.hasSack;
  p.tcpWindowScale = block.hasWindowScale ? WINDOW_SCALE : -1;
  p.length += 4 + (block.hasTimestamps ? 12 : block.hasSack ? 4 : 0) + (block.hasWindowScale ? 4 : 0);
  stack.machineOf(block).send(p);
}

/** tcp_send_ack. */
export function sendAck(stack: TcpStack, block: TcpBlock): void {
  transmit(stack, block, TCP_ACK, block.sendNext, 0, false);
}

/** tcp_write_xmit: what queue and window allow, as large as offload takes it; a FIN rides on the last piece. */
export function pushData(stack: TcpStack, block: TcpBlock): void {
  for (;;) {
    const queued = (block.sendEnd - block.sendNext) | 0;
    const isFinOpen = block.isFinQueued && queued >= 0;
    if (queued <= 0 && !isFinOpen) return;
    const inFlight = (block.sendNext - block.sendUnacknowledged) | 0;
    const most = quota(block, inFlight) * block.segmentSize;
    if (queued > 0 && most < Math.min(queued, block.segmentSize)) return;
    const size = Math.max(0, Math.min(queued, most, largestPiece(block)));
    const hasFin = size === queued && block.isFinQueued;
    const flags = TCP_ACK | (size > 0 ? TCP_PSH : 0) | (hasFin ? TCP_FIN : 0);
    const from = block.sendNext;
    block.sendNext = (from + size + (hasFin ? 1 : 0)) | 0;
    // tcp_event_data_sent: an answer within the acknowledgement timeout makes the connection interactive
    if (size > 0 && stack.network.environment.now - block.receivedAt < DELAYED_ACK) block.isPingPong = true;
    if (inFlight === 0) stack.armProbe(block);
    transmit(stack, block, flags, from, size, false);
    if (hasFin) return;
  }
}

/** tcp_xmit_size_goal: whole segments up to what offload takes, on loopback a single one. */
function largestPiece(block: TcpBlock): number {
  return Math.max(block.segmentSize, MAX_OFFLOAD - (MAX_OFFLOAD % block.segmentSize));
}

/** tcp_cwnd_test: segments that may go out now, never more than half a window at once. */
function quota(block: TcpBlock, inFlight: number): number {
  const open = block.congestionWindow - Math.ceil(inFlight / block.segmentSize);
  return Math.min(Math.max(1, block.congestionWindow >> 1), open);
}

/** Sends the first unacknowledged segment once more: tcp_retransmit_skb, inet_rtx_syn_ack. */
export function retransmit(stack: TcpStack, block: TcpBlock): void {
  if (block.state === TCP_SYN_SENT) sendSyn(stack, block, true);
  else if (block.state === TCP_SYN_RECEIVED) sendSynAck(stack, block, true);
  else {
    const from = block.sendUnacknowledged;
    transmitUnacknowledged(stack, block, from, Math.min((block.sendEnd - from) | 0, Math.max(1, block.congestionWindow) * block.segmentSize), true);
  }
}

/** tcp_simple_retransmit after the path turned out to be narrower: everything in flight again, for offload to cut into pieces that fit. */
export function resendForPathMtu(stack: TcpStack, block: TcpBlock): void {
  let from = block.sendUnacknowledged;
  while (((block.sendNext - from) | 0) > 0) from = transmitUnacknowledged(stack, block, from, Math.min(Math.max(0, (block.sendEnd - from) | 0), largestPiece(block)), false);
}

/** tcp_send_active_reset: sequence number behind everything that was sent. */
export function sendAbort(stack: TcpStack, block: TcpBlock, question: number): void {
  const p = segment(stack, block, TCP_RST | TCP_ACK, block.sendNext, 0, false);
  p.question = question;
  withTimestamps(block, p);
  stack.machineOf(block).send(p);
}

function transmitUnacknowledged(stack: TcpStack, block: TcpBlock, from: number, size: number, isRetransmission: boolean): number {
  const end = (from + size) | 0;
  const hasFin = block.isFinQueued && end === block.sendEnd && ((block.sendNext - block.sendEnd) | 0) > 0;
  const flags = TCP_ACK | (size > 0 ? TCP_PSH : 0) | (hasFin ? TCP_FIN : 0);
  transmit(stack, block, flags, from, size, isRetransmission);
  return hasFin ? (end + 1) | 0 : end;
}

function transmit(stack: TcpStack, block: TcpBlock, flags: number, from: number, size: number, isRetransmission: boolean): void {
  const p = segment(stack, block, flags, from, size, isRetransmission);
  withTimestamps(block, p);
  if (size > block.segmentSize) p.segmentSize = block.segmentSize;
  block.isAckPending = false;
  block.delayedAckAt = Infinity;
  stack.machineOf(block).send(p);
}

function withTimestamps(block: TcpBlock, p: PacketContext): void {
  if (!block.hasTimestamps) return;
  p.hasTimestamps = true;
  p.length += TIMESTAMP_OPTION;
}

function segment(stack: TcpStack, block: TcpBlock, flags: number, sequence: number, size: number, isRetransmission: boolean): PacketContext {
  const p = stack.network.environment.pool.take();
  p.question = block.question;
  p.about = block.isServer ? 2 : 1;
  p.what = whatOfSegment(flags, size, block.isServer);
  p.isRetransmission = isRetransmission;
  p.family = block.family;
  p.protocol = PROTOCOL_TCP;
  p.source = block.local;
  p.destination = block.remote;
  p.sourcePort = block.localPort;
  p.destinationPort = block.remotePort;
  p.ttl = block.ttl;
  p.tos = block.tos;
  p.mark = block.mark;
  p.outputInterface = block.device;
  p.isDontFragment = block.family === 4;
  p.tcpFlags = flags;
  p.tcpSeq = sequence;
  p.tcpAck = block.receiveNext;
  p.tcpWindow = block.hasWindowScale ? SCALED_WINDOW : SYN_WINDOW[block.family];
  p.payloadLength = size;
  p.length = (block.family === 4 ? 20 : 40) + TCP_HEADER + size;
  return p;
}

/** Acknowledged up to `ack`: the timer stops when nothing is left, else starts anew (tcp_rearm_rto). */
export function acknowledge(stack: TcpStack, block: TcpBlock, ack: number): void {
  const acknowledged = (ack - block.sendUnacknowledged) | 0;
  block.sendUnacknowledged = ack;
  block.retries = 0;
  block.congestionWindow += Math.max(1, Math.floor(acknowledged / Math.max(1, block.segmentSize)));
  if (ack === block.sendNext) block.retransmitKind = RETRANSMIT_NONE;
  else if (block.retransmitKind !== RETRANSMIT_PROBE) stack.armRetransmit(block, DATA_TIMEOUT);
}

/** Whether the peer has acknowledged our FIN. */
export function isFinAcknowledged(block: TcpBlock): boolean {
  const isSent = block.state === TCP_FIN_WAIT_1 || block.state === TCP_LAST_ACK || block.state === TCP_CLOSING;
  return isSent && block.isFinQueued && block.sendUnacknowledged === ((block.sendEnd + 1) | 0);
}
