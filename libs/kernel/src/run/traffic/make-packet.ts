/** The packets that a scenario's own processes make: datagrams, echo requests, hand-made segments. */
import { EXCHANGE_WHATS } from '@worldline/model';
import {
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  isLinkLocal,
  isMulticast,
  type AddressTable,
  type PacketContext,
} from '../../packet/index.js';
import { ROUTE_LOCAL } from '../../routing/index.js';
import { WHAT_REPLY } from '../../record/index.js';
import { whatOfSegment } from '../tcp/transmit.js';
import type { Flow } from './flow.js';

const WHAT_REQUEST = EXCHANGE_WHATS.indexOf('request');
const ECHO_REQUEST = 8;
const ECHO_REQUEST_6 = 128;
/** What the raw sockets of a scenario write into the headers they make. */
const RAW_TTL = 64;
const HAND_MADE_WINDOW = 64_240;
const HAND_MADE_STEP = 1000;
const TCP_ACK = 16;

/** Fills a fresh context with packet number `n` of a connection; addresses and ports are the caller's. */
export function fillRequest(p: PacketContext, flow: Flow, n: number): void {
  const { spec } = flow;
  p.about = 1;
  p.family = flow.family;
  p.protocol = flow.protocol;
  p.tos = spec.tos;
  p.mark = spec.mark;
  p.ttl = spec.ttl ?? (flow.isRaw ? RAW_TTL : 0);
  p.isDontFragment = spec.isDontFragment;
  p.extensions = flow.extensions;
  p.payloadLength = spec.payload;
  p.length = flow.length;
  p.outputInterface = flow.device;
  p.what = WHAT_REQUEST;
  if (p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6) {
    p.icmpType = p.protocol === PROTOCOL_ICMP ? ECHO_REQUEST : ECHO_REQUEST_6;
    p.icmpSequence = n + 1;
    p.destinationPort = 0;
  } else if (p.protocol === PROTOCOL_TCP && spec.segment !== null) {
    const { flags, seq, ack } = spec.segment;
    p.what = whatOfSegment(flags, spec.payload, false);
    p.tcpFlags = flags;
    p.tcpSeq = (seq + HAND_MADE_STEP * n) | 0;
    p.tcpAck = (flags & TCP_ACK) !== 0 ? ack | 0 : 0;
    p.tcpWindow = HAND_MADE_WINDOW;
  }
}

/** A UDP server's answer: the same size, from the address it was called at (IP_PKTINFO; for a group the kernel chooses). */
export function fillAnswer(q: PacketContext, p: PacketContext, addresses: AddressTable): void {
  const isScoped = p.family === 6 && (isLinkLocal(addresses, 6, p.destination) || isMulticast(addresses, 6, p.destination) || isLinkLocal(addresses, 6, p.source));
  const isCalledDirectly = p.family === 6 ? !isMulticast(addresses, 6, p.destination) : p.routeType === ROUTE_LOCAL;
  q.question = p.question;
  q.about = 2;
  q.what = WHAT_REPLY;
  q.family = p.family;
  q.protocol = PROTOCOL_UDP;
  q.source = isCalledDirectly ? p.destination : 0;
  q.destination = p.source;
  q.sourcePort = p.destinationPort;
  q.destinationPort = p.sourcePort;
  q.ttl = 0;
  q.isDontFragment = p.family === 4;
  q.payloadLength = p.payloadLength;
  q.length = (p.family === 4 ? 28 : 48) + p.payloadLength;
  q.outputInterface = isScoped ? p.inputInterface : -1;
  q.socket = p.socket;
}
