/** Segments that came in: tcp_v4_do_rcv, tcp_rcv_state_process, tcp_check_req, tcp_timewait_state_process (net/ipv4/tcp_input.c, tcp_minisocks.c, Linux 6.18). */
import { PROTOCOL_ICMP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, type PacketContext } from '../../packet/index.js';
import { drop } from '../../record/index.js';
import { CONNECTION_BASE } from '../../socket/index.js';
import { endsHalfOpen, errnoOfIcmp, isRedirect, isTooBig } from '../icmp-meaning.js';
import {
  TCP_CLOSE_WAIT,
  TCP_CLOSING,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT_1,
  TCP_FIN_WAIT_2,
  TCP_LAST_ACK,
  TCP_SYN_RECEIVED,
  TCP_SYN_SENT,
  TCP_TIME_WAIT,
  isBefore,
  type TcpBlock,
} from './block.js';
import type { TcpStack } from './stack.js';
import { acknowledge, isFinAcknowledged, pushData, resendForPathMtu, sendAck, sendSynAck, setSegmentSize } from './transmit.js';

const RECEIVE_WINDOW = 65_535;

/** A segment that INPUT let pass and whose socket is `p.socket`. A segment that is thrown away has its fate set; the caller ends its life. */
export function receiveSegment(stack: TcpStack, p: PacketContext): void {
  if (p.socket < CONNECTION_BASE) {
    listen(stack, p);
    return;
  }
  const block = stack.blocks[p.socket - CONNECTION_BASE];
  switch (block.state) {
    case TCP_SYN_SENT:
      receiveInSynSent(stack, block, p);
      return;
    case TCP_SYN_RECEIVED:
      receiveInSynReceived(stack, block, p);
      return;
    case TCP_TIME_WAIT:
      receiveInTimeWait(stack, block, p);
      return;
    default:
      receiveSynchronized(stack, block, p);
  }
}

/** TCP_LISTEN: a SYN opens, an ACK is answered with RST, the rest is thrown away without a word. */
function listen(stack: TcpStack, p: PacketContext): void {
  const flags = p.tcpFlags;
  if ((flags & TCP_RST) === 0 && (flags & TCP_ACK) !== 0) {
    stack.network.machines[p.machine].sendReset(p);
    return;
  }
  if ((flags & (TCP_RST | TCP_SYN | TCP_FIN)) === TCP_SYN && stack.openFromSyn(p) !== null) return;
  drop(p, 'NoListener', 'NOT_SPECIFIED');
}

/** tcp_rcv_synsent_state_process. */
function receiveInSynSent(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  const flags = p.tcpFlags;
  const hasAck = (flags & TCP_ACK) !== 0;
  if (hasAck && p.tcpAck !== block.sendNext) {
    stack.network.machines[p.machine].sendReset(p);
    return;
  }
  if ((flags & TCP_RST) !== 0) {
    if (hasAck) stack.reset(block);
    return;
  }
  if ((flags & TCP_SYN) === 0) return;
  block.initialReceive = p.tcpSeq;
  block.receiveNext = (p.tcpSeq + 1) | 0;
  block.peerMss = p.tcpMss > 0 ? p.tcpMss : block.family === 4 ? 536 : 1220;
  const ownSize = block.segmentSize;
  block.hasTimestamps = p.hasTimestamps;
  block.hasSack = p.hasSackPermitted;
  block.hasWindowScale = p.tcpWindowScale >= 0;
  block.segmentSize = Math.min(ownSize, block.peerMss) - (block.hasTimestamps ? 12 : 0);
  if (!hasAck) {
    block.state = TCP_SYN_RECEIVED;
    sendSynAck(stack, block, false);
    return;
  }
  acknowledge(stack, block, p.tcpAck);
  block.congestionWindow = 10;
  block.state = TCP_ESTABLISHED;
  sendAck(stack, block);
  stack.processes.wake(block);
}

/** tcp_check_req for a request of a listener; TCP_SYN_RECV of a simultaneous open alike. */
function receiveInSynReceived(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  const flags = p.tcpFlags;
  const offset = (p.tcpSeq - block.receiveNext) | 0;
  if ((flags & (TCP_SYN | TCP_RST | TCP_ACK)) === TCP_SYN && p.tcpSeq === block.initialReceive) {
    sendSynAck(stack, block, true);
    return;
  }
  if ((flags & TCP_ACK) !== 0 && (flags & TCP_RST) === 0 && p.tcpAck !== ((block.initialSend + 1) | 0)) {
    stack.network.machines[p.machine].sendReset(p);
    return;
  }
  if (offset < -1 || offset > RECEIVE_WINDOW) {
    if ((flags & TCP_RST) === 0) sendAck(stack, block);
    return;
  }
  if ((flags & TCP_RST) !== 0) {
    stack.reset(block);
    return;
  }
  if ((flags & TCP_SYN) !== 0 && !block.isServer && (flags & TCP_ACK) !== 0) {
    establish(stack, block, p);
    return;
  }
  if ((flags & TCP_SYN) !== 0) {
    stack.network.machines[p.machine].sendReset(p);
    stack.destroy(block);
    return;
  }
  if ((flags & TCP_ACK) === 0) return;
  establish(stack, block, p);
  receiveSynchronized(stack, block, p);
}

function establish(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  acknowledge(stack, block, p.tcpAck);
  block.congestionWindow = 10;
  block.state = TCP_ESTABLISHED;
  if (block.isServer) stack.processes.acceptable(block);
  else stack.processes.wake(block);
}

/** tcp_timewait_state_process: a FIN or an old segment is acknowledged once more, a RST ends the wait. */
function receiveInTimeWait(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  if ((p.tcpFlags & TCP_RST) !== 0) {
    if (p.tcpSeq === block.receiveNext) {
      block.isOrphan = true;
      stack.destroy(block);
    }
    return;
  }
  block.question = p.question;
  if ((p.tcpFlags & (TCP_SYN | TCP_FIN)) !== 0 || p.payloadLength > 0 || p.tcpSeq !== block.receiveNext) sendAck(stack, block);
}

/** tcp_rcv_established and the closing states of tcp_rcv_state_process. */
function receiveSynchronized(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  const flags = p.tcpFlags;
  const offset = (p.tcpSeq - block.receiveNext) | 0;
  const hasFin = (flags & TCP_FIN) !== 0;
  const end = offset + p.payloadLength + (hasFin ? 1 : 0);
  if ((flags & TCP_RST) !== 0) {
    // RFC 5961: only the exact number resets, one in the window draws a challenge
    if (offset === 0) stack.reset(block);
    else if (offset > 0 && offset <= RECEIVE_WINDOW) sendAck(stack, block);
    return;
  }
  if ((flags & TCP_SYN) !== 0 || end < 0 || offset > RECEIVE_WINDOW) {
    sendAck(stack, block);
    return;
  }
  if ((flags & TCP_ACK) === 0) return;
  if (isBefore(block.sendNext, p.tcpAck)) {
    sendAck(stack, block);
    return;
  }
  if (isBefore(block.sendUnacknowledged, p.tcpAck)) {
    acknowledge(stack, block, p.tcpAck);
    if (isFinAcknowledged(block) && finAcknowledged(stack, block)) return;
  }
  receiveData(stack, block, p, offset, hasFin);
  if (block.sendNext !== ((block.sendEnd + (block.isFinQueued ? 1 : 0)) | 0)) pushData(stack, block);
}

/** Whether the connection is over. */
function finAcknowledged(stack: TcpStack, block: TcpBlock): boolean {
  if (block.state === TCP_FIN_WAIT_1) {
    block.state = TCP_FIN_WAIT_2;
    return false;
  }
  if (block.state === TCP_CLOSING) stack.enterTimeWait(block);
  else if (block.state === TCP_LAST_ACK) stack.destroy(block);
  return true;
}

function receiveData(stack: TcpStack, block: TcpBlock, p: PacketContext, offset: number, hasFin: boolean): void {
  const size = p.payloadLength;
  if (size === 0 && !hasFin) return;
  if (offset !== 0 || block.hasPeerFin) {
    // old or out of order: what is missing is asked for at once
    sendAck(stack, block);
    return;
  }
  block.receiveNext = (block.receiveNext + size + (hasFin ? 1 : 0)) | 0;
  if (size > 0) {
    block.unread += size;
    block.receivedAt = stack.network.environment.now;
    if (!hasFin && block.isPingPong) stack.armDelayedAck(block);
    else if (!hasFin) sendAck(stack, block);
  }
  if (hasFin) receiveFin(stack, block);
  stack.processes.wake(block);
}

/** tcp_fin: a server's acknowledgement rides on its own FIN, a client's goes at once. */
function receiveFin(stack: TcpStack, block: TcpBlock): void {
  block.hasPeerFin = true;
  switch (block.state) {
    case TCP_ESTABLISHED:
      block.state = TCP_CLOSE_WAIT;
      stack.armDelayedAck(block);
      return;
    case TCP_FIN_WAIT_1:
      block.state = TCP_CLOSING;
      sendAck(stack, block);
      return;
    case TCP_FIN_WAIT_2:
      sendAck(stack, block);
      stack.enterTimeWait(block);
      return;
    case TCP_CLOSE_WAIT:
    case TCP_LAST_ACK:
      sendAck(stack, block);
  }
}

/** tcp_v4_err, tcp_v6_err: an ICMP message about a segment of ours; `p.inner` is the segment, `block` its socket. */
export function receiveIcmpError(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  const inner = p.inner as PacketContext;
  if (isRedirect(p) || isBefore(inner.tcpSeq, block.sendUnacknowledged) || isBefore(block.sendNext, inner.tcpSeq)) return;
  if (isTooBig(p.family, p.icmpType, p.icmpCode)) {
    narrowPath(stack, block, p);
    return;
  }
  const error = errnoOfIcmp(p);
  if (error === 0) return;
  if (block.state === TCP_SYN_RECEIVED && block.isServer) {
    if (endsHalfOpen(p)) stack.destroy(block);
    return;
  }
  block.errorType = p.icmpType;
  block.errorCode = p.icmpCode;
  block.errorFrom = p.source;
  block.softError = error;
  if (block.state !== TCP_SYN_SENT && block.state !== TCP_SYN_RECEIVED) return;
  if (stack.owned !== block.id) stack.fail(block, error);
  // The process holds the socket: IPv4 puts the error on its queue, which wakes a process that polls; IPv6 does so only with IPV6_RECVERR
  else if (p.protocol === PROTOCOL_ICMP) stack.processes.wake(block);
}

/** tcp_v4_mtu_reduced. */
function narrowPath(stack: TcpStack, block: TcpBlock, p: PacketContext): void {
  const before = block.segmentSize;
  const limit = p.icmpMtu - (block.family === 4 ? 40 : 60) - (block.hasTimestamps ? 12 : 0);
  if (limit >= before || limit <= 0) return;
  setSegmentSize(block, p.icmpMtu);
  if (block.state !== TCP_SYN_SENT && block.state !== TCP_SYN_RECEIVED) resendForPathMtu(stack, block);
}
