/**
 * The TCP tracker as a pure state machine over packed state: net/netfilter/nf_conntrack_proto_tcp.c, Linux 6.18.
 *
 * It follows what both ends may have in their windows from what passes by. Helpers and SYN proxies are not modelled, SACK blocks are
 * not seen (packets carry none), checksums are right.
 */
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN, TCP_URG } from '../packet/index.js';
import { DIRECTION_ORIGINAL, DIRECTION_REPLY, IPS_ASSURED, IPS_CONFIRMED, IPS_FIXED_TIMEOUT, IPS_SEEN_REPLY, HZ } from './constants.js';
import {
  SETTING_TCP,
  SETTING_TCP_IGNORE_INVALID_RST,
  SETTING_TCP_LOOSE,
  SETTING_TCP_MAX_RETRANS,
  SETTING_TCP_RETRANS,
  SETTING_TCP_UNACK,
} from './settings.js';
import {
  B_DIRECTION,
  B_LAST_DIRECTION,
  B_LAST_FLAGS,
  B_LAST_INDEX,
  B_LAST_SCALE,
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
  FLAG_CLOSE_INIT,
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
import {
  INDEX_ACK,
  INDEX_FIN,
  INDEX_NONE,
  INDEX_RST,
  INDEX_SYN,
  INDEX_SYNACK,
  TCP_CLOSE,
  TCP_ESTABLISHED,
  TCP_FIN_WAIT,
  TCP_IGNORE,
  TCP_INVALID,
  TCP_LAST_ACK,
  TCP_NONE,
  TCP_SYN_RECV,
  TCP_SYN_SENT,
  TCP_SYN_SENT2,
  TCP_TIME_WAIT,
  nextTcpState,
} from './tcp-table.js';
import { WINDOW_IGNORE, WINDOW_INVALID, isBefore, readOptions, segmentEnd, tcpInWindow, type TcpSegment } from './tcp-window.js';

/** The entry's timer is to be set to `tcpOutcome.timeout`, if that is not negative. */
export const TCP_PACKET_ACCEPT = 1;
/** The packet is INVALID. */
export const TCP_PACKET_INVALID = 0;
/** A closed connection is opened again: delete the entry and look the packet up once more. */
export const TCP_PACKET_REPEAT = 2;
/** An answer without connection: the entry goes, the packet stays. */
export const TCP_PACKET_KILL = 3;

/** What `tcpPacket` decided beside its result; reused. */
export const tcpOutcome = {
  /** Jiffies, -1: leave the timer as it is. */
  timeout: -1,
  isAssured: false,
  /** Jiffies that an entry may at most have left, -1: no matter (nf_tcp_handle_invalid). */
  lowerTimeout: -1,
};

/** In the flags of the last segment, beside FLAG_*. */
const EXPECT_CHALLENGE_ACK = 0x40;
const SIMULTANEOUS_OPEN = 0x80;

/**
 * nf_conntrack_tcp_packet: takes a segment of `direction` into account. `status` is the entry's, `remaining` what its timer has left
 * (jiffies). Results in a TCP_PACKET_* and `tcpOutcome`.
 */
export function tcpPacket(
  t: TcpBlocks,
  block: number,
  segment: TcpSegment,
  direction: number,
  status: number,
  remaining: number,
  settings: Int32Array,
): number {
  tcpOutcome.timeout = -1;
  tcpOutcome.isAssured = false;
  tcpOutcome.lowerTimeout = -1;
  if (!areFlagsValid(segment.tcpFlags)) return TCP_PACKET_INVALID;
  if ((status & IPS_CONFIRMED) === 0 && !tcpNew(t, block, segment, settings)) return TCP_PACKET_INVALID;

  const { bytes } = t;
  const b = t.byteAt(block);
  const index = segmentIndex(segment.tcpFlags);
  let oldState = bytes[b + B_STATE];
  let newState = nextTcpState(direction, index, oldState);
  let isInWindow = false;
  switch (newState) {
    case TCP_SYN_SENT:
      if (oldState < TCP_TIME_WAIT) break;
      if (mayReopen(t, block, direction)) return TCP_PACKET_REPEAT;
      newState = TCP_IGNORE;
      break;
    case TCP_INVALID:
      return TCP_PACKET_INVALID;
    case TCP_TIME_WAIT:
      if (isChallengeAck(bytes, b, oldState, index, direction)) {
        bytes[b + B_LAST_FLAGS] &= ~EXPECT_CHALLENGE_ACK;
        return TCP_PACKET_ACCEPT;
      }
      break;
    case TCP_SYN_SENT2:
      bytes[b + B_LAST_FLAGS] |= SIMULTANEOUS_OPEN;
      break;
    case TCP_SYN_RECV:
      if (direction === DIRECTION_REPLY && index === INDEX_ACK && (bytes[b + B_LAST_FLAGS] & SIMULTANEOUS_OPEN) !== 0) {
        newState = TCP_ESTABLISHED;
      }
      break;
    case TCP_CLOSE:
      if (index === INDEX_RST) {
        const judgement = judgeReset(t, block, segment, direction, status, settings);
        if (judgement === RESET_INVALID) return TCP_PACKET_INVALID;
        if ((judgement & RESET_KEEPS_STATE) !== 0) newState = oldState;
        isInWindow = (judgement & RESET_SKIPS_WINDOW) !== 0;
      }
      break;
  }
  if (newState === TCP_IGNORE) {
    if (!resynchronise(t, block, segment, direction, index)) {
      ignore(t, block, segment, direction, index, oldState);
      return TCP_PACKET_ACCEPT;
    }
    oldState = TCP_SYN_SENT;
    newState = TCP_SYN_RECV;
  }
  if (!isInWindow) {
    const result = tcpInWindow(t, block, segment, direction, index, settings);
    if (result === WINDOW_IGNORE) return TCP_PACKET_ACCEPT;
    if (result === WINDOW_INVALID) {
      handleInvalid(bytes, b, direction, index, status, remaining, settings);
      return TCP_PACKET_INVALID;
    }
  }
  enterState(bytes, b, direction, index, newState);
  return finish(t, block, index, oldState, newState, status, settings);
}

/** The segment counts: it is the last one seen, and the state is the new one. */
function enterState(bytes: Uint8Array, b: number, direction: number, index: number, state: number): void {
  bytes[b + B_LAST_INDEX] = index;
  bytes[b + B_LAST_DIRECTION] = direction;
  if (bytes[b + B_STATE] !== state && state === TCP_FIN_WAIT) bytes[b + B_DIRECTION + direction * D_SIZE + D_FLAGS] |= FLAG_CLOSE_INIT;
  bytes[b + B_STATE] = state;
}

/** The end of nf_conntrack_tcp_packet: which timer, whether assured, whether the entry goes. */
function finish(t: TcpBlocks, block: number, index: number, oldState: number, newState: number, status: number, settings: Int32Array): number {
  let timeout = stateTimeout(t, block, index, newState, settings);
  if ((status & IPS_SEEN_REPLY) === 0) {
    if (index === INDEX_RST) return TCP_PACKET_KILL;
    if (index === INDEX_SYN && oldState === TCP_SYN_SENT) return TCP_PACKET_ACCEPT; // a SYN sent again does not renew the timer
    if (newState === TCP_ESTABLISHED && timeout > settings[SETTING_TCP_UNACK]) timeout = settings[SETTING_TCP_UNACK];
  } else if ((status & IPS_ASSURED) === 0 && (oldState === TCP_SYN_RECV || oldState === TCP_ESTABLISHED) && newState === TCP_ESTABLISHED) {
    tcpOutcome.isAssured = true;
  }
  tcpOutcome.timeout = timeout;
  return TCP_PACKET_ACCEPT;
}

function stateTimeout(t: TcpBlocks, block: number, index: number, state: number, settings: Int32Array): number {
  const { bytes, words } = t;
  const b = t.byteAt(block);
  const own = settings[SETTING_TCP + state];
  const retrans = settings[SETTING_TCP_RETRANS];
  if (bytes[b + B_RETRANS] >= settings[SETTING_TCP_MAX_RETRANS] && own > retrans) return retrans;
  if (index === INDEX_RST) return settings[SETTING_TCP + TCP_CLOSE];
  const flags = bytes[b + B_DIRECTION + D_FLAGS] | bytes[b + B_DIRECTION + D_SIZE + D_FLAGS];
  if ((flags & FLAG_DATA_UNACKNOWLEDGED) !== 0 && own > settings[SETTING_TCP_UNACK]) return settings[SETTING_TCP_UNACK];
  if (words[t.wordAt(block) + W_LAST_WIN] === 0 && own > retrans) return retrans;
  return own;
}

/** tcp_valid_flags: PSH, ECE and CWR never matter. */
function areFlagsValid(flags: number): boolean {
  const f = flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK | TCP_URG);
  return (
    f === TCP_ACK ||
    f === TCP_SYN ||
    f === (TCP_SYN | TCP_ACK) ||
    f === (TCP_FIN | TCP_ACK) ||
    f === TCP_RST ||
    f === (TCP_RST | TCP_ACK) ||
    f === (TCP_SYN | TCP_URG) ||
    f === (TCP_FIN | TCP_ACK | TCP_URG) ||
    f === (TCP_ACK | TCP_URG)
  );
}

/** get_conntrack_index. */
function segmentIndex(flags: number): number {
  if ((flags & TCP_RST) !== 0) return INDEX_RST;
  if ((flags & TCP_SYN) !== 0) return (flags & TCP_ACK) !== 0 ? INDEX_SYNACK : INDEX_SYN;
  if ((flags & TCP_FIN) !== 0) return INDEX_FIN;
  return (flags & TCP_ACK) !== 0 ? INDEX_ACK : INDEX_NONE;
}

/** tcp_new: the state of an entry that this segment begins; false when it may begin none. */
function tcpNew(t: TcpBlocks, block: number, s: TcpSegment, settings: Int32Array): boolean {
  const state = nextTcpState(DIRECTION_ORIGINAL, segmentIndex(s.tcpFlags), TCP_NONE);
  if (state >= TCP_IGNORE) return false;
  const isPickup = state !== TCP_SYN_SENT;
  if (isPickup && settings[SETTING_TCP_LOOSE] === 0) return false;
  t.clear(block);
  const { words, bytes } = t;
  const w = t.wordAt(block);
  const b = t.byteAt(block);
  const end = segmentEnd(s);
  const window = s.tcpWindow === 0 ? 1 : s.tcpWindow;
  words[w + D_END] = end;
  words[w + D_MAXWIN] = window;
  words[w + D_MAXEND] = end;
  if (isPickup) {
    words[w + D_MAXEND] = (end + window) | 0;
    bytes[b + B_DIRECTION + D_FLAGS] = FLAG_SACK_PERM | FLAG_BE_LIBERAL;
    bytes[b + B_DIRECTION + D_SIZE + D_FLAGS] = FLAG_SACK_PERM | FLAG_BE_LIBERAL;
  } else readOptions(bytes, b + B_DIRECTION, s);
  bytes[b + B_LAST_INDEX] = INDEX_NONE;
  return true;
}

/** A SYN on a closed connection opens it anew if its end was seen, or a RST of this side came last. */
function mayReopen(t: TcpBlocks, block: number, direction: number): boolean {
  const { bytes } = t;
  const b = t.byteAt(block);
  const flags = bytes[b + B_DIRECTION + D_FLAGS] | bytes[b + B_DIRECTION + D_SIZE + D_FLAGS];
  return (flags & FLAG_CLOSE_INIT) !== 0 || (bytes[b + B_LAST_DIRECTION] === direction && bytes[b + B_LAST_INDEX] === INDEX_RST);
}

/** RFC 5961: the answer to a SYN that came in LAST_ACK must not be taken for the last ACK. */
function isChallengeAck(bytes: Uint8Array, b: number, oldState: number, index: number, direction: number): boolean {
  return (
    oldState === TCP_LAST_ACK &&
    index === INDEX_ACK &&
    bytes[b + B_LAST_DIRECTION] !== direction &&
    bytes[b + B_LAST_INDEX] === INDEX_SYN &&
    (bytes[b + B_LAST_FLAGS] & EXPECT_CHALLENGE_ACK) !== 0
  );
}

/** A SYN-ACK that answers a SYN we ignored: both ends agree, so take over what the SYN said. */
function resynchronise(t: TcpBlocks, block: number, s: TcpSegment, direction: number, index: number): boolean {
  const { bytes, words } = t;
  const b = t.byteAt(block);
  const w = t.wordAt(block);
  const lastDirection = bytes[b + B_LAST_DIRECTION];
  if (index !== INDEX_SYNACK || bytes[b + B_LAST_INDEX] !== INDEX_SYN || lastDirection === direction) return false;
  if (s.tcpAck !== words[w + W_LAST_END]) return false;
  const d = w + lastDirection * D_SIZE;
  words[d + D_END] = words[w + W_LAST_END];
  words[d + D_MAXEND] = words[w + W_LAST_END];
  words[d + D_MAXWIN] = words[w + W_LAST_WIN] === 0 ? 1 : words[w + W_LAST_WIN];
  const at = b + B_DIRECTION + lastDirection * D_SIZE;
  bytes[at + D_SCALE] = bytes[b + B_LAST_SCALE];
  bytes[b + B_LAST_FLAGS] &= ~EXPECT_CHALLENGE_ACK;
  bytes[at + D_FLAGS] = bytes[b + B_LAST_FLAGS];
  const own = w + direction * D_SIZE; // nf_ct_tcp_state_reset
  words[own + D_END] = 0;
  words[own + D_MAXEND] = 0;
  words[own + D_MAXWIN] = 0;
  words[own + D_MAXACK] = 0;
  bytes[b + B_DIRECTION + direction * D_SIZE + D_SCALE] = 0;
  bytes[b + B_DIRECTION + direction * D_SIZE + D_FLAGS] &= FLAG_BE_LIBERAL;
  return true;
}

/** A segment that may show that we are out of step: it passes, is remembered, and changes nothing. */
function ignore(t: TcpBlocks, block: number, s: TcpSegment, direction: number, index: number, oldState: number): void {
  const { bytes, words } = t;
  const b = t.byteAt(block);
  const w = t.wordAt(block);
  bytes[b + B_LAST_INDEX] = index;
  bytes[b + B_LAST_DIRECTION] = direction;
  words[w + W_LAST_SEQ] = s.tcpSeq;
  words[w + W_LAST_END] = segmentEnd(s);
  words[w + W_LAST_WIN] = s.tcpWindow;
  if (index === INDEX_SYN && direction === DIRECTION_ORIGINAL) {
    let flags = 0;
    bytes[b + B_LAST_SCALE] = 0;
    if (s.tcpWindowScale >= 0) {
      flags |= FLAG_WINDOW_SCALE;
      bytes[b + B_LAST_SCALE] = Math.min(s.tcpWindowScale, 14);
    }
    if (s.hasSackPermitted) flags |= FLAG_SACK_PERM;
    if (oldState === TCP_LAST_ACK) flags |= EXPECT_CHALLENGE_ACK;
    bytes[b + B_LAST_FLAGS] = flags;
  }
  if (oldState === TCP_SYN_SENT && index === INDEX_ACK && direction === DIRECTION_REPLY) words[w + W_LAST_ACK] = s.tcpAck;
}

/** What `judgeReset` says: INVALID, or any of the other two. */
const RESET_INVALID = -1;
const RESET_KEEPS_STATE = 1;
const RESET_SKIPS_WINDOW = 2;

/** What a RST means: the case TCP_CONNTRACK_CLOSE. */
function judgeReset(t: TcpBlocks, block: number, s: TcpSegment, direction: number, status: number, settings: Int32Array): number {
  const { bytes, words } = t;
  const b = t.byteAt(block);
  const w = t.wordAt(block);
  const state = bytes[b + B_STATE];
  if (isTcpClosing(state)) return RESET_SKIPS_WINDOW;
  const lastIndex = bytes[b + B_LAST_INDEX];
  const lastDirection = bytes[b + B_LAST_DIRECTION];
  let result = 0;
  if ((bytes[b + B_DIRECTION + (1 - direction) * D_SIZE + D_FLAGS] & FLAG_MAXACK_SET) !== 0 && lastIndex !== INDEX_SYN) {
    const isEstablished = state === TCP_ESTABLISHED && (status & IPS_ASSURED) !== 0; // nf_conntrack_tcp_established
    const maxAck = words[w + (1 - direction) * D_SIZE + D_MAXACK];
    if (s.tcpSeq === 0 && !isEstablished) return 0;
    if (isBefore(s.tcpSeq, maxAck) && settings[SETTING_TCP_IGNORE_INVALID_RST] === 0) return RESET_INVALID;
    if (!isEstablished || s.tcpSeq === maxAck) return 0;
    if (lastIndex === INDEX_ACK && lastDirection === direction && s.tcpSeq === words[w + W_LAST_END]) return 0;
    result = RESET_KEEPS_STATE; // not exact: the other end may answer with a challenge ACK
  }
  const answersIgnored =
    (((status & IPS_SEEN_REPLY) !== 0 && lastIndex === INDEX_SYN) || ((status & IPS_ASSURED) === 0 && lastIndex === INDEX_ACK)) &&
    s.tcpAck === words[w + W_LAST_END];
  const answersChallenge =
    state === TCP_SYN_SENT && lastIndex === INDEX_ACK && lastDirection === DIRECTION_REPLY && s.tcpSeq === words[w + W_LAST_ACK];
  return answersIgnored || answersChallenge ? result | RESET_SKIPS_WINDOW : result;
}

/** tcp_can_early_drop. */
export function isTcpClosing(state: number): boolean {
  return state >= TCP_FIN_WAIT && state <= TCP_CLOSE;
}

/** nf_tcp_handle_invalid: FIN or RST of both sides, both out of window, shorten the timer of a connection that nobody else ends. */
function handleInvalid(
  bytes: Uint8Array,
  b: number,
  direction: number,
  index: number,
  status: number,
  remaining: number,
  settings: Int32Array,
): void {
  if ((status & IPS_ASSURED) === 0 || (status & IPS_FIXED_TIMEOUT) !== 0) return;
  if (index !== INDEX_RST && index !== INDEX_FIN) return;
  const lastIndex = bytes[b + B_LAST_INDEX];
  if (bytes[b + B_LAST_DIRECTION] !== direction && (lastIndex === INDEX_FIN || lastIndex === INDEX_RST)) {
    const timeout = settings[SETTING_TCP_UNACK];
    if (remaining >= 120 * HZ && remaining > timeout) tcpOutcome.lowerTimeout = timeout;
  } else {
    bytes[b + B_LAST_INDEX] = index;
    bytes[b + B_LAST_DIRECTION] = direction;
  }
}
