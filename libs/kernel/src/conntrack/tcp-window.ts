/** What each end of a connection may say now: tcp_in_window of net/netfilter/nf_conntrack_proto_tcp.c, Linux 6.18. */
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../packet/index.js';
import { DIRECTION_REPLY } from './constants.js';
import { SETTING_TCP_BE_LIBERAL } from './settings.js';
import {
  B_DIRECTION,
  B_LAST_DIRECTION,
  B_RETRANS,
  B_STATE,
  D_END,
  D_FLAGS,
  D_MAXACK,
  D_MAXEND,
  D_MAXWIN,
  D_SCALE,
  D_SIZE,
  FLAG_BE_LIBERAL,
  FLAG_DATA_UNACKNOWLEDGED,
  FLAG_MAXACK_SET,
  FLAG_SACK_PERM,
  FLAG_WINDOW_SCALE,
  W_LAST_ACK,
  W_LAST_END,
  W_LAST_SEQ,
  W_LAST_WIN,
  type TcpBlocks,
} from './tcp-blocks.js';
import { INDEX_ACK, TCP_SYN_RECV, TCP_SYN_SENT } from './tcp-table.js';

/** What is read of a segment; a PacketContext is one. */
export interface TcpSegment {
  readonly tcpFlags: number;
  readonly tcpSeq: number;
  readonly tcpAck: number;
  readonly tcpWindow: number;
  /** Shift of the window scale option, -1 without one. */
  readonly tcpWindowScale: number;
  readonly tcpMss: number;
  readonly hasSackPermitted: boolean;
  readonly payloadLength: number;
}

const MAX_ACK_WINDOW = 66000;

const WINDOW_ACCEPT = 0;
export const WINDOW_IGNORE = 1;
export const WINDOW_INVALID = 2;

/** tcp_in_window. */
export function tcpInWindow(t: TcpBlocks, block: number, s: TcpSegment, direction: number, index: number, settings: Int32Array): number {
  const { bytes, words } = t;
  const w = t.wordAt(block);
  const b = t.byteAt(block);
  const sender = w + direction * D_SIZE;
  const receiver = w + (1 - direction) * D_SIZE;
  const senderBytes = b + B_DIRECTION + direction * D_SIZE;
  const isSyn = (s.tcpFlags & TCP_SYN) !== 0;
  const hasAck = (s.tcpFlags & TCP_ACK) !== 0;
  const isReset = (s.tcpFlags & TCP_RST) !== 0;
  const state = bytes[b + B_STATE];
  let seq = s.tcpSeq;
  let ack = s.tcpAck;
  let end = segmentEnd(s);

  if (words[sender + D_MAXWIN] === 0) {
    if (isSyn) {
      initSender(t, block, s, direction, end);
      if (!hasAck) return WINDOW_ACCEPT;
    } else pickUpSender(words, sender, receiver, end, ack, s.tcpWindow << bytes[senderBytes + D_SCALE]);
  } else if (isSyn && isAfter(end, words[sender + D_END]) && (state === TCP_SYN_SENT || state === TCP_SYN_RECV)) {
    initSender(t, block, s, direction, end);
    if (direction === DIRECTION_REPLY && !hasAck) return WINDOW_ACCEPT;
  }
  if (!hasAck || (isReset && ack === 0)) ack = words[receiver + D_END];
  if (isReset && seq === 0 && state === TCP_SYN_SENT) {
    seq = words[sender + D_END];
    end = seq;
  }
  const refused = refuse(t, block, direction, seq, ack, end);
  if (refused !== WINDOW_ACCEPT) {
    const isLiberal = (bytes[senderBytes + D_FLAGS] & FLAG_BE_LIBERAL) !== 0 || settings[SETTING_TCP_BE_LIBERAL] !== 0;
    return isLiberal ? WINDOW_ACCEPT : refused; // nf_tcp_log_invalid: liberal means that nothing more is learnt from it
  }
  const window = isSyn ? s.tcpWindow : s.tcpWindow << bytes[senderBytes + D_SCALE];
  learn(t, block, direction, ack, end, window, hasAck);
  if (index === INDEX_ACK) countRetransmission(t, block, direction, seq, ack, end, s.tcpWindow);
  return WINDOW_ACCEPT;
}

/** tcp_init_sender. */
function initSender(t: TcpBlocks, block: number, s: TcpSegment, direction: number, end: number): void {
  const { bytes, words } = t;
  const d = t.wordAt(block) + direction * D_SIZE;
  const b = t.byteAt(block) + B_DIRECTION;
  words[d + D_END] = end;
  words[d + D_MAXEND] = end;
  words[d + D_MAXWIN] = s.tcpWindow === 0 ? 1 : s.tcpWindow;
  readOptions(bytes, b + direction * D_SIZE, s);
  if (direction === DIRECTION_REPLY && (bytes[b + D_FLAGS] & bytes[b + D_SIZE + D_FLAGS] & FLAG_WINDOW_SCALE) === 0) {
    bytes[b + D_SCALE] = 0;
    bytes[b + D_SIZE + D_SCALE] = 0;
  }
}

/** The middle of a connection whose history is lost: use what the segment says. */
function pickUpSender(words: Int32Array, sender: number, receiver: number, end: number, sack: number, window: number): void {
  words[sender + D_END] = end;
  words[sender + D_MAXWIN] = window === 0 ? 1 : window;
  words[sender + D_MAXEND] = (end + words[sender + D_MAXWIN]) | 0;
  if (words[receiver + D_MAXWIN] === 0) {
    words[receiver + D_END] = sack;
    words[receiver + D_MAXEND] = sack;
  } else if (sack === ((words[receiver + D_END] + 1) | 0)) {
    words[receiver + D_END] = sack; // likely the answer to a keepalive
  }
}

/** The four bounds: is the segment what the sender may say now? */
function refuse(t: TcpBlocks, block: number, direction: number, seq: number, sack: number, end: number): number {
  const { words } = t;
  const w = t.wordAt(block);
  const sender = w + direction * D_SIZE;
  const receiver = w + (1 - direction) * D_SIZE;
  const receiverWindow = words[receiver + D_MAXWIN];
  const lowestAck = (words[receiver + D_END] - Math.max(words[sender + D_MAXWIN], MAX_ACK_WINDOW) - 1) | 0;
  const lowestEnd = (words[sender + D_END] - receiverWindow - 1) | 0;
  const highestAck = (words[receiver + D_END] + 1) | 0;
  if (!isBefore(seq, (words[sender + D_MAXEND] + 1) | 0)) {
    const overshot = (end - words[sender + D_MAXEND] + 1) >>> 0;
    const isLittleOver =
      receiverWindow !== 0 &&
      isAfter(end, lowestEnd) &&
      isAfter(sack, lowestAck) &&
      overshot <= receiverWindow >>> 0 &&
      isBefore(sack, highestAck);
    if (!isLittleOver) return WINDOW_INVALID;
    words[sender + D_END] = end;
    t.bytes[t.byteAt(block) + B_DIRECTION + direction * D_SIZE + D_FLAGS] |= FLAG_DATA_UNACKNOWLEDGED;
    return WINDOW_IGNORE;
  }
  if (!isBefore(sack, highestAck)) return WINDOW_INVALID;
  if (receiverWindow !== 0 && !isAfter(end, lowestEnd)) return WINDOW_IGNORE;
  if (!isAfter(sack, lowestAck)) return WINDOW_IGNORE;
  return WINDOW_ACCEPT;
}

function learn(t: TcpBlocks, block: number, direction: number, ack: number, end: number, window: number, hasAck: boolean): void {
  const { words, bytes } = t;
  const w = t.wordAt(block);
  const b = t.byteAt(block) + B_DIRECTION;
  const sender = w + direction * D_SIZE;
  const receiver = w + (1 - direction) * D_SIZE;
  const senderFlags = b + direction * D_SIZE + D_FLAGS;
  if (words[sender + D_MAXWIN] >>> 0 < window >>> 0) words[sender + D_MAXWIN] = window;
  if (isAfter(end, words[sender + D_END])) {
    words[sender + D_END] = end;
    bytes[senderFlags] |= FLAG_DATA_UNACKNOWLEDGED;
  }
  if (hasAck && ((bytes[senderFlags] & FLAG_MAXACK_SET) === 0 || isAfter(ack, words[sender + D_MAXACK]))) {
    words[sender + D_MAXACK] = ack;
    bytes[senderFlags] |= FLAG_MAXACK_SET;
  }
  if (words[receiver + D_MAXWIN] !== 0 && isAfter(end, words[sender + D_MAXEND])) {
    words[receiver + D_MAXWIN] = (words[receiver + D_MAXWIN] + end - words[sender + D_MAXEND]) | 0;
  }
  const reach = (ack + window) | 0;
  if (isAfter(reach, (words[receiver + D_MAXEND] - 1) | 0)) words[receiver + D_MAXEND] = window === 0 ? (reach + 1) | 0 : reach;
  if (ack === words[receiver + D_END]) bytes[b + (1 - direction) * D_SIZE + D_FLAGS] &= ~FLAG_DATA_UNACKNOWLEDGED;
}

function countRetransmission(t: TcpBlocks, block: number, direction: number, seq: number, ack: number, end: number, window: number): void {
  const { words, bytes } = t;
  const w = t.wordAt(block);
  const b = t.byteAt(block);
  if (
    bytes[b + B_LAST_DIRECTION] === direction &&
    words[w + W_LAST_SEQ] === seq &&
    words[w + W_LAST_ACK] === ack &&
    words[w + W_LAST_END] === end &&
    words[w + W_LAST_WIN] === window
  ) {
    bytes[b + B_RETRANS]++;
    return;
  }
  bytes[b + B_LAST_DIRECTION] = direction;
  words[w + W_LAST_SEQ] = seq;
  words[w + W_LAST_ACK] = ack;
  words[w + W_LAST_END] = end;
  words[w + W_LAST_WIN] = window;
  bytes[b + B_RETRANS] = 0;
}

/** tcp_options: a segment without any leaves scale and flags as they are. */
export function readOptions(bytes: Uint8Array, at: number, s: TcpSegment): void {
  if (s.tcpWindowScale < 0 && !s.hasSackPermitted && s.tcpMss === 0) return;
  bytes[at + D_SCALE] = 0;
  bytes[at + D_FLAGS] &= FLAG_BE_LIBERAL;
  if (s.hasSackPermitted) bytes[at + D_FLAGS] |= FLAG_SACK_PERM;
  if (s.tcpWindowScale >= 0) {
    bytes[at + D_SCALE] = Math.min(s.tcpWindowScale, 14);
    bytes[at + D_FLAGS] |= FLAG_WINDOW_SCALE;
  }
}

/** segment_seq_plus_len. */
export function segmentEnd(s: TcpSegment): number {
  return (s.tcpSeq + s.payloadLength + ((s.tcpFlags & TCP_SYN) !== 0 ? 1 : 0) + ((s.tcpFlags & TCP_FIN) !== 0 ? 1 : 0)) | 0;
}

function isAfter(a: number, b: number): boolean {
  return ((b - a) | 0) < 0;
}

export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
