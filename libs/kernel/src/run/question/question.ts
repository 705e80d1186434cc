/**
 * What is known of one question: a datagram, an echo or a TCP connection of a flow, and every packet that travelled because of it.
 *
 * Records are pooled and hold integers only; words are made of them when a report asks for them.
 */
import type { Family } from '@worldline/model';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, type PacketContext } from '../../packet/index.js';
import { WIRE_ORDER, WIRE_SIZE } from '../../record/index.js';
import type { TcpBlock } from '../tcp/block.js';

/** Integers per packet of the exchange, at these offsets. */
export const ENTRY_SERIAL = 0;
/** When it was first seen: on the wire, else its birth, in ticks of the hop clock. */
export const ENTRY_ORDER = 1;
export const ENTRY_WHAT = 2;
export const ENTRY_ABOUT = 3;
export const ENTRY_FLAGS = 4;
/** Id of its way in the recorder, -1 when nothing is recorded. */
export const ENTRY_WAY = 5;
export const ENTRY_MACHINE = 6;
export const ENTRY_DISPOSITION = 7;
export const ENTRY_REASON = 8;
export const ENTRY_CHAIN = 9;
export const ENTRY_RULE = 10;
/** How many integers of `wires[entry]` are hops of it. */
export const ENTRY_WIRE_COUNT = 11;
/** Microseconds after the question was sent, when it was. */
export const ENTRY_AFTER = 12;
/** How many integers of `details[entry]` are its own. */
export const ENTRY_DETAIL_COUNT = 13;
/** What tells two segments apart: sequence and acknowledgement numbers and size of the data. */
export const ENTRY_SEQUENCE = 14;
export const ENTRY_ACKNOWLEDGED = 15;
export const ENTRY_PAYLOAD = 16;
export const ENTRY_SIZE = 17;

export const ENTRY_IS_RETRANSMISSION = 1;

/** Integers per place that a socket saw: machine, family, local address and port, peer address and port. */
export const PLACE_SIZE = 6;
/** `peer port` of a place whose protocol has none. */
export const NO_PORT = -1;
/** Integers per ICMP message: machine, family, type, code, from, to, about, mtu (-1 none). */
export const NOTICE_SIZE = 8;

export const WHEN_SEND = 1;
export const WHEN_CONNECT = 2;
export const WHEN_ECHO = 3;
export const WHEN_ASYNC = 4;

export class Question {
  /** Position in the book: `PacketContext.question`. */
  slot = 0;
  flow = 0;
  connection = 0;
  /** Number within the flow. */
  index = 0;
  /** Which of its branches this is; explore only. */
  branch = 0;
  /** Simulated time of the first send, microseconds. */
  sentAt = 0;
  machine = 0;
  family: Family = 4;
  source = 0;
  sourcePort = 0;
  destination = 0;
  destinationPort = 0;

  entries = new Int32Array(4 * ENTRY_SIZE);
  entryCount = 0;
  /** Hops on the wire of each entry; buffers are exchanged with the packets', not copied. */
  readonly wires: Int32Array<ArrayBuffer>[] = [];
  /** Values of each entry's steps, likewise. */
  readonly details: Int32Array<ArrayBuffer>[] = [];
  delivered = new Int32Array(PLACE_SIZE);
  deliveredCount = 0;
  replies = new Int32Array(PLACE_SIZE);
  replyCount = 0;
  notices = new Int32Array(0);
  noticeCount = 0;

  /** WHEN_*, 0 for no error. */
  errorWhen = 0;
  /** Negative, or TIMED_OUT. */
  errno = 0;
  /** The ICMP message behind it; type -1: none. */
  errorType = -1;
  errorCode = 0;
  errorFrom = 0;

  /** TCP: the whole echo came. */
  isEchoed = false;
  /** TCP: when the client's process was done with it. */
  endedAt = Infinity;
  deliveredAt = -1;
  repliedAt = -1;
  /** What may still cause a packet: sockets with a timer, packets that wait. At 0 the question is over when nothing moves any more. */
  live = 0;
  isOpen = false;

  /** Outcome, once it is over. */
  path = -1;
  disposition = 0;
  /** Position among the entries of the packet that died, -1 none; -2: no packet, but the send itself. */
  death = -1;
  deathDisposition = 0;

  reset(): void {
    this.entryCount = 0;
    this.deliveredCount = 0;
    this.replyCount = 0;
    this.noticeCount = 0;
    this.errorWhen = 0;
    this.errno = 0;
    this.errorType = -1;
    this.isEchoed = false;
    this.endedAt = Infinity;
    this.deliveredAt = -1;
    this.repliedAt = -1;
    this.live = 0;
    this.path = -1;
    this.disposition = 0;
    this.death = -1;
    this.deathDisposition = 0;
  }

  /** Keeps what became of a packet. `way` is its id in the recorder. */
  addEntry(p: PacketContext, way: number, isWireKept: boolean): void {
    const at = this.entryCount++ * ENTRY_SIZE;
    if (at + ENTRY_SIZE > this.entries.length) this.entries = wider(this.entries, 2 * this.entries.length);
    const e = this.entries;
    e[at] = p.serial;
    e[at + ENTRY_ORDER] = p.wireCount > 0 ? p.wire[WIRE_ORDER] : p.serial;
    e[at + ENTRY_WHAT] = p.what;
    e[at + ENTRY_ABOUT] = p.about;
    e[at + ENTRY_FLAGS] = p.isRetransmission ? ENTRY_IS_RETRANSMISSION : 0;
    e[at + ENTRY_WAY] = way;
    e[at + ENTRY_MACHINE] = p.machine;
    e[at + ENTRY_DISPOSITION] = p.disposition;
    e[at + ENTRY_REASON] = p.reason;
    e[at + ENTRY_CHAIN] = p.dropChain;
    e[at + ENTRY_RULE] = p.dropRule;
    e[at + ENTRY_AFTER] = p.sentAt - this.sentAt;
    e[at + ENTRY_WIRE_COUNT] = isWireKept ? p.wireCount : 0;
    e[at + ENTRY_DETAIL_COUNT] = p.detailCount;
    e[at + ENTRY_SEQUENCE] = p.tcpSeq;
    e[at + ENTRY_ACKNOWLEDGED] = p.tcpAck;
    e[at + ENTRY_PAYLOAD] = p.payloadLength;
    if (way < 0) return;
    this.exchangeDetails(p);
    if (isWireKept) this.exchangeWire(p);
  }

  /** The packet leaves its buffers here and takes others that lie idle. */
  private exchangeDetails(p: PacketContext): void {
    const entry = this.entryCount - 1;
    const idle = this.details[entry] ?? new Int32Array(DETAIL_ROOM);
    this.details[entry] = p.details;
    p.details = idle;
    p.detailCount = 0;
  }

  private exchangeWire(p: PacketContext): void {
    const entry = this.entryCount - 1;
    const idle = this.wires[entry] ?? new Int32Array(WIRE_ROOM);
    this.wires[entry] = p.wire;
    p.wire = idle;
    p.wireCount = 0;
  }

  /** A socket has the request. */
  addDelivery(machine: number, p: PacketContext, now: number): void {
    const at = this.deliveredCount++ * PLACE_SIZE;
    if (at + PLACE_SIZE > this.delivered.length) this.delivered = wider(this.delivered, 2 * this.delivered.length);
    writePlace(this.delivered, at, machine, p);
    if (this.deliveredAt < 0) this.deliveredAt = now;
  }

  /** A socket has the answer. */
  addReply(machine: number, p: PacketContext, now: number): void {
    const at = this.replyCount++ * PLACE_SIZE;
    if (at + PLACE_SIZE > this.replies.length) this.replies = wider(this.replies, 2 * this.replies.length);
    writePlace(this.replies, at, machine, p);
    if (this.repliedAt < 0) this.repliedAt = now;
  }

  /** accept() returned a connection, or the whole echo came to its client: `block` is that end. */
  addConnection(block: TcpBlock, isReply: boolean, now: number): void {
    const places = isReply ? this.replies : this.delivered;
    const at = (isReply ? this.replyCount++ : this.deliveredCount++) * PLACE_SIZE;
    const wide = at + PLACE_SIZE > places.length ? wider(places, 2 * places.length) : places;
    wide[at] = block.machine;
    wide[at + 1] = block.family;
    wide[at + 2] = block.local;
    wide[at + 3] = block.localPort;
    wide[at + 4] = block.remote;
    wide[at + 5] = block.remotePort;
    if (isReply) {
      this.replies = wide;
      this.repliedAt = now;
    } else {
      this.delivered = wide;
      if (this.deliveredAt < 0) this.deliveredAt = now;
    }
  }

  /** An ICMP error or a redirect reached a machine. */
  addNotice(p: PacketContext, mtu: number): void {
    const at = this.noticeCount++ * NOTICE_SIZE;
    if (at + NOTICE_SIZE > this.notices.length) this.notices = wider(this.notices, Math.max(2 * NOTICE_SIZE, 2 * this.notices.length));
    const n = this.notices;
    n[at] = p.machine;
    n[at + 1] = p.family;
    n[at + 2] = p.icmpType;
    n[at + 3] = p.icmpCode;
    n[at + 4] = p.source;
    n[at + 5] = p.destination;
    n[at + 6] = p.about;
    n[at + 7] = mtu;
  }

  /** The first error stands; one of send() or connect() beats one that came later from the network. */
  setError(when: number, errno: number, type = -1, code = 0, from = 0): void {
    if (this.errorWhen !== 0 && !(this.errorWhen === WHEN_ASYNC && when !== WHEN_ASYNC)) return;
    this.errorWhen = when;
    this.errno = errno;
    this.errorType = type;
    this.errorCode = code;
    this.errorFrom = from;
  }

}

/** Hops that a fresh buffer holds. */
const WIRE_ROOM = 8 * WIRE_SIZE;
const DETAIL_ROOM = 128;

/** Not an errno: the client's own timer ended the wait. */
export const TIMED_OUT = 1;

/** An echo has its id as the local port, and its peer has none. */
function writePlace(places: Int32Array, at: number, machine: number, p: PacketContext): void {
  const isEcho = p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6;
  places[at] = machine;
  places[at + 1] = p.family;
  places[at + 2] = p.destination;
  places[at + 3] = isEcho ? p.sourcePort : p.destinationPort;
  places[at + 4] = p.source;
  places[at + 5] = isEcho ? NO_PORT : p.sourcePort;
}

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
