/** One end of a TCP connection: the socket's protocol state, and what the process behind it is about to do. A plain record, so that a run can be forked. */
import type { Family } from '@worldline/model';

export const TCP_CLOSED = 0;
export const TCP_SYN_SENT = 1;
export const TCP_SYN_RECEIVED = 2;
export const TCP_ESTABLISHED = 3;
export const TCP_FIN_WAIT_1 = 4;
export const TCP_FIN_WAIT_2 = 5;
export const TCP_CLOSE_WAIT = 6;
export const TCP_CLOSING = 7;
export const TCP_LAST_ACK = 8;
export const TCP_TIME_WAIT = 9;

/** What a client's process waits for. */
export const CLIENT_NONE = 0;
export const CLIENT_CONNECTING = 1;
export const CLIENT_HOLDING = 2;
export const CLIENT_ECHOING = 3;
export const CLIENT_LINGERING = 4;
export const CLIENT_CLOSING = 5;
export const CLIENT_DONE = 6;

export const RETRANSMIT_NONE = 0;
/** SYN, SYN-ACK, data or FIN without an acknowledgement. */
export const RETRANSMIT_TIMEOUT = 1;
/** Tail loss probe: the last segment once more before the timeout proper. */
export const RETRANSMIT_PROBE = 2;

export class TcpBlock {
  /** Position in TcpStack.blocks. */
  id = 0;
  isFree = true;
  machine = 0;
  question = -1;
  isServer = false;
  family: Family = 4;
  local = 0;
  localPort = 0;
  remote = 0;
  remotePort = 0;
  /** Interface position the socket is bound to, -1 for none. */
  device = -1;
  ttl = 0;
  tos = 0;
  mark = 0;

  state = TCP_CLOSED;
  /** Sequence numbers are signed 32-bit integers and compared by their difference. */
  initialSend = 0;
  sendUnacknowledged = 0;
  sendNext = 0;
  /** After the last byte that the process has written. */
  sendEnd = 0;
  isFinQueued = false;
  initialReceive = 0;
  receiveNext = 0;
  hasPeerFin = false;
  /** Data bytes per segment, options counted off. */
  segmentSize = 0;
  /** What its own SYN says: the path's, whatever the peer can take. */
  ownMss = 0;
  /** 0: not known yet. */
  peerMss = 0;
  hasTimestamps = false;
  hasSack = false;
  hasWindowScale = false;
  congestionWindow = 10;
  /** Interactive: acknowledgements wait for an answer to ride on. */
  isPingPong = false;
  isAckPending = false;
  /** When data came last. */
  receivedAt = -Infinity;

  retransmitKind = RETRANSMIT_NONE;
  retransmitAt = Infinity;
  retransmitTimeout = 0;
  retries = 0;
  delayedAckAt = Infinity;

  /** Bytes that the process has not read yet. */
  unread = 0;
  hasReadFin = false;
  /** Negative errno of sk_err and sk_err_soft. */
  error = 0;
  softError = 0;
  /** ICMP message behind the error: type, code, sender; -1 none. */
  errorType = -1;
  errorCode = 0;
  errorFrom = 0;
  /** Its question waits for it. */
  isCounted = false;
  isWakePending = false;
  isAccepted = false;
  /** The process has closed its descriptor. */
  isOrphan = false;

  clientState = CLIENT_NONE;
  clientAt = Infinity;
  /** Bytes of the echo still to come. */
  echoLeft = 0;

  copyFrom(other: TcpBlock): void {
    Object.assign(this, other);
  }
}

/** Whether sequence number a lies before b. */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
