/**
 * The way out: local sends (ip_send_skb, raw_send_hdrinc), OUTPUT, POSTROUTING, fragmentation, neighbour, device
 * (net/ipv4/ip_output.c, net/ipv6/ip6_output.c, net/core/dev.c, Linux 6.18).
 */
import type { Disposition } from '@worldline/model';
import {
  ACCEPT,
  EMSGSIZE,
  EPERM,
  LOCAL_OUT,
  PACKET_LOOPBACK,
  POSTROUTING,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  STAGE_END,
  STAGE_LOCAL_OUT,
  STAGE_NEIGHBOR,
  STAGE_NETWORK_RECEIVE,
  STAGE_OUTPUT,
  SENDER_KERNEL,
  SENDER_NONE,
  SENDER_PROCESS,
  isMulticast,
  type PacketContext,
} from '../packet/index.js';
import { STEP_ENTER, STEP_ORIGINATE, drop } from '../record/index.js';
import { runHook } from '../netfilter/index.js';
import { ROUTE_BROADCAST, ROUTE_MULTICAST, isGroupMember } from '../routing/index.js';
import { CONF_HOP_LIMIT, SYSCTL_FWMARK_REFLECT, SYSCTL_FWMARK_REFLECT6, SYSCTL_IP_DEFAULT_TTL } from '../sysctl/index.js';
import { fragment } from './fragment.js';
import { isCutByOffload } from './forward.js';
import type { Machine } from './machine.js';
import { isNeighbourDiscovery } from './neighbour-discovery.js';
import { runStages } from './pipeline.js';
import { dispositionOfError } from './reroute.js';

/** ip_route_output_flow, then ip_send_skb: takes the packet over; 0 or a negative errno. See RunMachine.send. */
export function send(m: Machine, p: PacketContext, sender = SENDER_KERNEL): number {
  originate(m, p, sender);
  const error = m.routing.routeOutput(m, p);
  if (error !== 0) return refuse(m, p, error, dispositionOfError(m, p, error));
  if (p.ttl === 0) p.ttl = defaultTtl(m, p);
  if (p.protocol !== PROTOCOL_TCP && p.length > p.routeMtu) {
    if (p.family === 6 && p.isDontFragment) return refuse(m, p, EMSGSIZE, 'TooBig');
    p.mayFragment = true;
    // IP_PMTUDISC_WANT: DF is set on what fits (__ip_make_skb)
    p.isDontFragment = false;
  }
  return sendNow(m, p);
}

/**
 * Sends an ICMP message of the kernel's own. There is one socket for them, and who holds it holds it to the device (icmp_xmit_lock): an error that
 * such a message draws on its way out (REJECT in OUTPUT) is never sent.
 */
export function sendIcmp(m: Machine, p: PacketContext): void {
  const { network } = m;
  network.isIcmpBusy = true;
  send(m, p);
  network.isIcmpBusy = false;
}

/** nf_send_reset: a segment in another's name goes where routing sends it, whoever its source is (ip_route_me_harder). */
export function sendForged(m: Machine, p: PacketContext): void {
  originate(m, p, SENDER_NONE);
  const error = m.routing.reroute(m, p);
  if (error !== 0) {
    refuse(m, p, error, dispositionOfError(m, p, error));
    return;
  }
  if (p.ttl === 0) p.ttl = defaultTtl(m, p);
  sendNow(m, p);
}

/** raw_send_hdrinc / rawv6_send_hdrinc: the header is ready made, the route is looked up without its source. */
export function sendRaw(m: Machine, p: PacketContext): number {
  originate(m, p, SENDER_PROCESS);
  const error = m.routing.routeOutputRaw(m, p);
  if (error !== 0) return refuse(m, p, error, dispositionOfError(m, p, error));
  if (p.ttl === 0) p.ttl = defaultTtl(m, p);
  if (p.length > m.interfaces.list[p.outputInterface].mtu) return refuse(m, p, EMSGSIZE, 'TooBig');
  return sendNow(m, p);
}

function originate(m: Machine, p: PacketContext, sender: number): void {
  p.machine = m.id;
  p.isLocal = true;
  p.sender = sender;
  p.sentAt = m.environment.now;
  m.network.packetsSent++;
  m.environment.recorder.step1(p, STEP_ORIGINATE, m.id);
}

function refuse(m: Machine, p: PacketContext, error: number, disposition: Disposition): number {
  drop(p, disposition, 'NOT_SPECIFIED');
  p.reason = -1;
  m.network.end(p);
  return error;
}

function sendNow(m: Machine, p: PacketContext): number {
  const { network } = m;
  // A send may happen inside another one (an error about it, sent at once); each keeps its own result
  const { sending, sendError } = network;
  network.sending = p;
  network.sendError = 0;
  p.stage = STAGE_LOCAL_OUT;
  runStages(m, p);
  const result = network.sendError;
  network.sending = sending;
  network.sendError = sendError;
  return result;
}

/** IP4_REPLY_MARK, IP6_REPLY_MARK (include/net/ip.h, include/net/ipv6.h): the mark of what the kernel itself answers to `p`. */
export function reflectedMark(m: Machine, p: PacketContext): number {
  return m.sysctl.global[p.family === 4 ? SYSCTL_FWMARK_REFLECT : SYSCTL_FWMARK_REFLECT6] !== 0 ? p.mark : 0;
}

/** ip4_dst_hoplimit / ip6_dst_hoplimit; multicast goes one hop. */
function defaultTtl(m: Machine, p: PacketContext): number {
  if (isMulticast(m.environment.addresses, p.family, p.destination)) return 1;
  if (p.routeHopLimit > 0) return p.routeHopLimit;
  return p.family === 4 ? m.sysctl.global[SYSCTL_IP_DEFAULT_TTL] : m.sysctl.conf(6, p.outputInterface, CONF_HOP_LIMIT);
}

/** __ip_local_out: the OUTPUT hook. */
export function localOut(m: Machine, p: PacketContext): number {
  if (runHook(m, p, LOCAL_OUT) === ACCEPT) return STAGE_OUTPUT;
  return refused(m, p);
}

/** ip_output: POSTROUTING, then what is larger than the way out is cut. */
export function output(m: Machine, p: PacketContext): number {
  if (p.isLocal && (p.routeType === ROUTE_BROADCAST || p.routeType === ROUTE_MULTICAST)) loopGroupBack(m, p);
  if (runHook(m, p, POSTROUTING) !== ACCEPT) return refused(m, p);
  const mtu = p.routeMtu;
  if (p.largestFragment > 0 || (p.length > mtu && !isCutByOffload(p, mtu))) return fragment(m, p, mtu);
  return STAGE_NEIGHBOR;
}

/**
 * ip_mc_output, ip6_finish_output2: who sends to a group that it belongs to gets a copy (dev_loopback_xmit), past POSTROUTING and in by the same
 * interface. Packet sockets do not see it. Neighbour discovery sends from a socket that wants none.
 */
function loopGroupBack(m: Machine, p: PacketContext): void {
  const device = m.interfaces.list[p.outputInterface];
  if (device.kind === 'loopback' || (p.family === 6 && p.protocol === PROTOCOL_ICMPV6 && isNeighbourDiscovery(p))) return;
  if (p.routeType === ROUTE_MULTICAST && !isGroupMember(m, p.family, p.outputInterface, p.destination)) return;
  const copy = m.environment.pool.take();
  copy.copy(p, m.environment.pool);
  m.conntrack.hold(copy);
  if (runHook(m, copy, POSTROUTING) !== ACCEPT) {
    copy.stage = STAGE_END;
  } else {
    copy.inputInterface = copy.outputInterface;
    copy.outputInterface = -1;
    copy.packetType = PACKET_LOOPBACK;
    copy.isLocal = false;
    m.environment.recorder.step2(copy, STEP_ENTER, m.id, device.nameId);
    copy.stage = STAGE_NETWORK_RECEIVE;
  }
  m.enqueue(copy);
}

/** A hook that drops what a process sends answers its system call with EPERM (NF_DROP_GETERR). */
function refused(m: Machine, p: PacketContext): number {
  if (p === m.network.sending && m.network.sendError === 0) m.network.sendError = EPERM;
  return STAGE_END;
}
