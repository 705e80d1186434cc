/**
 * One packet inside one machine: its headers, and what the kernel keeps beside them (skb fields). Contexts are pooled and reused;
 * a packet on its way allocates nothing.
 *
 * Addresses are handles of the AddressTable (the family says of which kind), MAC addresses and interface names are ids of NameTables,
 * interfaces are positions in the machine's interface table, -1 for none.
 */
import type { Family } from '@worldline/model';
import { CT_NEW, NO_CONNTRACK, PACKET_HOST } from './verdict.js';

/** Extension headers of IPv6 in order, four bits each, the first one lowest. */
export const EXTENSION_HOP_BY_HOP = 1;
export const EXTENSION_DESTINATION = 2;
export const EXTENSION_ROUTING = 3;
export const EXTENSION_FRAGMENT = 4;

/** Counts what happens on the wire in a run, so that hops of several packets have an order. Shared by all contexts of a pool. */
export interface HopClock {
  ticks: number;
}

/** No socket (what is forwarded or forged), the kernel's own, which no file belongs to, or a process's. */
export const SENDER_NONE = 0;
export const SENDER_KERNEL = 1;
export const SENDER_PROCESS = 2;

export class PacketContext {
  constructor(readonly hopClock: HopClock = { ticks: 0 }) {}

  // --- whose packet it is ---
  /** Which packet of the run this is, in order of birth. Copies that a flood or a multicast makes keep it: all are one entry of an exchange. */
  serial = 0;
  /** Position of the question (one packet or connection of a flow) that caused it; -1 for none. */
  question = -1;
  /** Index into EXCHANGE_WHATS. */
  what = 0;
  /** 0 none, 1 request, 2 reply. */
  about = 0;
  isRetransmission = false;

  /** When its sender sent it, microseconds; its fragments and copies have that of the whole. */
  sentAt = 0;

  // --- where it is ---
  machine = -1;
  /** STAGE_*: what happens to it when its turn comes. */
  stage = 0;

  // --- network header ---
  /** An ARP packet: `icmpType` is its operation (1 request, 2 reply), source and destination are the protocol addresses. */
  isArp = false;
  family: Family = 4;
  protocol = 0;
  source = 0;
  destination = 0;
  ttl = 0;
  tos = 0;
  /** IP length in bytes, header included; with extension headers counted. */
  length = 0;
  ipId = 0;
  isDontFragment = false;
  /** Bytes. */
  fragmentOffset = 0;
  hasMoreFragments = false;
  /** See EXTENSION_*. */
  extensions = 0;

  // --- transport header ---
  /** Port; the id of an ICMP echo. */
  sourcePort = 0;
  destinationPort = 0;
  icmpType = 0;
  icmpCode = 0;
  icmpMtu = 0;
  icmpSequence = 0;
  /** Gateway of a redirect; target of a neighbour solicitation or advertisement. */
  icmpTarget = 0;
  tcpFlags = 0;
  tcpSeq = 0;
  tcpAck = 0;
  tcpWindow = 0;
  /** Window scale option, -1 when there is none. */
  tcpWindowScale = -1;
  tcpMss = 0;
  hasSackPermitted = false;
  hasTimestamps = false;
  /** skb_shinfo(skb)->gso_size: data bytes per segment of a packet that offload has not cut yet; 0 for an ordinary packet. */
  segmentSize = 0;
  /** Size of the transport's data in bytes. */
  payloadLength = 0;
  /** The quoted packet of an ICMP error, or the packet in a tunnel. */
  inner: PacketContext | null = null;
  /** Virtual network id of a tunnel. */
  tunnelId = 0;

  // --- link header ---
  sourceMac = -1;
  destinationMac = -1;
  packetType = PACKET_HOST;
  /** VLAN id of the frame's tag, 0 for none. */
  vlanTag = 0;
  /** One of several copies of a frame: what those do not want whom it is not for is no death. */
  isFlooded = false;
  /** When it was put on the wire that it last came by, in ticks of the hop clock. */
  arrival = 0;

  // --- what the kernel keeps beside the packet ---
  inputInterface = -1;
  outputInterface = -1;
  /** Bridge ports, while br_netfilter holds the packet. */
  physicalInput = -1;
  physicalOutput = -1;
  /** br_netfilter holds it (nf_bridge_info exists). */
  isBridged = false;
  /** br_netfilter gave it its route before ip6_rcv saw it, which then takes the way out for the way in (IP6CB(skb)->iif). */
  isRoutedByBridge = false;
  /** Destination rewritten while bridged: br_dev_xmit goes on with forwarding. */
  isBridgedDnat = false;
  mark = 0;
  /** Entry in the machine's conntrack table or NO_CONNTRACK. */
  conntrack = NO_CONNTRACK;
  /** CT_*. Meaningless without an entry unless CT_UNTRACKED. */
  conntrackInfo = CT_NEW;
  /** Zone given by the CT target before the lookup. */
  conntrackZone = 0;
  /** A template by the CT target: 1 and the id in Environment.words of its helper's name (of '' for none); 0 without one. */
  conntrackTemplate = 0;
  /** Largest fragment that conntrack put together, 0 when the packet was whole. */
  largestFragment = 0;
  /** Bit 0: sent by a local socket. */
  isLocal = false;
  /** A local datagram that may be cut although DF is set or IPv6 (skb->ignore_df). */
  mayFragment = false;
  socket = -1;
  /** SENDER_*: whose socket stands behind it (skb->sk). */
  sender = SENDER_NONE;
  isNfTraced = false;
  /** Set by REJECT: the type to answer with, plus one; 0 none. */
  rejectWith = 0;

  // --- route, once there is one ---
  routeType = 0;
  nexthop = 0;
  routeMtu = 0;
  /** Hop limit that the route gives to what a local process sends, 0 for none. */
  routeHopLimit = 0;
  hasRoute = false;

  // --- why it died ---
  /** Index into DISPOSITIONS. */
  disposition = 0;
  /** Index into the recorder's reasons, -1 none. */
  reason = -1;
  /** Uid of the chain whose rule (0 is the first) or policy (-1) dropped it; 0 none. */
  dropChain = 0;
  dropRule = -1;

  // --- what was recorded of it ---
  /** Identity of its way: what `pathHash` is made of. */
  steps = new Int32Array(256);
  stepCount = 0;
  /** What the steps come to, for finding their like. */
  stepHashLow = 0;
  stepHashHigh = 0;
  /** Values of this packet alone (addresses before translation, entries); not part of the path's identity. */
  details = new Int32Array(256);
  detailCount = 0;
  wire = new Int32Array(64);
  wireCount = 0;

  /** Takes over headers of another packet, for quotes, fragments and answers. */
  copyHeaders(from: PacketContext): void {
    this.isArp = from.isArp;
    this.family = from.family;
    this.protocol = from.protocol;
    this.source = from.source;
    this.destination = from.destination;
    this.ttl = from.ttl;
    this.tos = from.tos;
    this.length = from.length;
    this.ipId = from.ipId;
    this.isDontFragment = from.isDontFragment;
    this.fragmentOffset = from.fragmentOffset;
    this.hasMoreFragments = from.hasMoreFragments;
    this.extensions = from.extensions;
    this.sourcePort = from.sourcePort;
    this.destinationPort = from.destinationPort;
    this.icmpType = from.icmpType;
    this.icmpCode = from.icmpCode;
    this.icmpMtu = from.icmpMtu;
    this.icmpSequence = from.icmpSequence;
    this.icmpTarget = from.icmpTarget;
    this.tcpFlags = from.tcpFlags;
    this.tcpSeq = from.tcpSeq;
    this.tcpAck = from.tcpAck;
    this.tcpWindow = from.tcpWindow;
    this.tcpWindowScale = from.tcpWindowScale;
    this.tcpMss = from.tcpMss;
    this.hasSackPermitted = from.hasSackPermitted;
    this.hasTimestamps = from.hasTimestamps;
    this.segmentSize = from.segmentSize;
    this.payloadLength = from.payloadLength;
    this.inner = from.inner;
    this.tunnelId = from.tunnelId;
    this.sourceMac = from.sourceMac;
    this.destinationMac = from.destinationMac;
    this.vlanTag = from.vlanTag;
    this.packetType = from.packetType;
  }

  /** Becomes a copy of another packet with the steps recorded of it, but none of its hops on the wire: what skb_clone gives. */
  copy(from: PacketContext, pool: PacketPool): void {
    this.copyHeaders(from);
    this.serial = from.serial;
    this.sentAt = from.sentAt;
    if (from.inner !== null) {
      this.inner = pool.take();
      this.inner.copy(from.inner, pool);
    }
    this.question = from.question;
    this.what = from.what;
    this.about = from.about;
    this.isRetransmission = from.isRetransmission;
    this.machine = from.machine;
    this.isFlooded = from.isFlooded;
    this.inputInterface = from.inputInterface;
    this.outputInterface = from.outputInterface;
    this.physicalInput = from.physicalInput;
    this.physicalOutput = from.physicalOutput;
    this.isBridged = from.isBridged;
    this.isBridgedDnat = from.isBridgedDnat;
    this.isRoutedByBridge = from.isRoutedByBridge;
    this.mark = from.mark;
    this.conntrack = from.conntrack;
    this.conntrackInfo = from.conntrackInfo;
    this.conntrackZone = from.conntrackZone;
    this.conntrackTemplate = from.conntrackTemplate;
    this.largestFragment = from.largestFragment;
    this.isLocal = from.isLocal;
    this.mayFragment = from.mayFragment;
    this.socket = from.socket;
    this.sender = from.sender;
    this.routeType = from.routeType;
    this.nexthop = from.nexthop;
    this.routeMtu = from.routeMtu;
    this.routeHopLimit = from.routeHopLimit;
    this.hasRoute = from.hasRoute;
    if (this.steps.length < from.stepCount) this.steps = new Int32Array(from.steps.length);
    this.steps.set(from.steps.subarray(0, from.stepCount));
    this.stepCount = from.stepCount;
    this.stepHashLow = from.stepHashLow;
    this.stepHashHigh = from.stepHashHigh;
    if (this.details.length < from.detailCount) this.details = new Int32Array(from.details.length);
    this.details.set(from.details.subarray(0, from.detailCount));
    this.detailCount = from.detailCount;
  }

  /** Forgets everything that belongs to one machine: what skb_scrub_packet clears when a packet crosses into another namespace. */
  leaveMachine(): void {
    this.inputInterface = -1;
    this.outputInterface = -1;
    this.physicalInput = -1;
    this.physicalOutput = -1;
    this.isBridged = false;
    this.isBridgedDnat = false;
    this.isRoutedByBridge = false;
    this.mark = 0;
    this.conntrack = NO_CONNTRACK;
    this.conntrackInfo = CT_NEW;
    this.conntrackZone = 0;
    this.conntrackTemplate = 0;
    this.largestFragment = 0;
    this.isLocal = false;
    this.mayFragment = false;
    this.socket = -1;
    this.sender = SENDER_NONE;
    this.isNfTraced = false;
    this.rejectWith = 0;
    this.hasRoute = false;
    this.routeMtu = 0;
    this.routeHopLimit = 0;
    this.packetType = PACKET_HOST;
  }

  /** Makes a pooled context new. */
  reset(): void {
    this.leaveMachine();
    this.question = -1;
    this.machine = -1;
    this.stage = 0;
    this.isArp = false;
    this.what = 0;
    this.about = 0;
    this.isRetransmission = false;
    this.family = 4;
    this.protocol = 0;
    this.source = 0;
    this.destination = 0;
    this.ttl = 0;
    this.tos = 0;
    this.length = 0;
    this.ipId = 0;
    this.isDontFragment = false;
    this.fragmentOffset = 0;
    this.hasMoreFragments = false;
    this.extensions = 0;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.icmpType = 0;
    this.icmpCode = 0;
    this.icmpMtu = 0;
    this.icmpSequence = 0;
    this.icmpTarget = 0;
    this.tcpFlags = 0;
    this.tcpSeq = 0;
    this.tcpAck = 0;
    this.tcpWindow = 0;
    this.tcpWindowScale = -1;
    this.tcpMss = 0;
    this.hasSackPermitted = false;
    this.hasTimestamps = false;
    this.segmentSize = 0;
    this.payloadLength = 0;
    this.inner = null;
    this.tunnelId = 0;
    this.sourceMac = -1;
    this.destinationMac = -1;
    this.vlanTag = 0;
    this.isFlooded = false;
    this.routeType = 0;
    this.nexthop = 0;
    this.disposition = 0;
    this.reason = -1;
    this.dropChain = 0;
    this.dropRule = -1;
    this.stepCount = 0;
    this.stepHashLow = 0;
    this.stepHashHigh = 0;
    this.detailCount = 0;
    this.wireCount = 0;
  }
}

/** Contexts in use and at rest. `take` gives a fresh one, `give` ends a packet's life (and that of what it quotes). */
export class PacketPool {
  private readonly free: PacketContext[] = [];
  /** A packet without any header, to copy from. */
  readonly blank = new PacketContext({ ticks: 0 });
  private readonly hopClock: HopClock = { ticks: 0 };

  take(): PacketContext {
    const packet = this.free.pop() ?? new PacketContext(this.hopClock);
    packet.reset();
    packet.serial = this.hopClock.ticks++;
    return packet;
  }

  give(packet: PacketContext): void {
    const { inner } = packet;
    if (inner !== null) {
      packet.inner = null;
      this.give(inner);
    }
    this.free.push(packet);
  }
}
