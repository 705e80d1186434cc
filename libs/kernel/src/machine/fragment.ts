/** Cutting what is too large for the way out: ip_fragment, ip_do_fragment, ip6_fragment (net/ipv4/ip_output.c, net/ipv6/ip6_output.c, Linux 6.18). */
import { STAGE_DONE, STAGE_END, STAGE_NEIGHBOR, type PacketContext } from '../packet/index.js';
import { DISPOSITION, FRAGMENT_MADE, FRAGMENT_TOO_BIG, STEP_FRAGMENT, WHAT_FRAGMENT, drop } from '../record/index.js';
import { ICMP, ICMPV6, sendIcmpError } from './icmp-error.js';
import type { Machine } from './machine.js';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const MINIMUM_MTU_6 = 1280;

/** Sends the pieces of a packet, none larger than the MTU or than the pieces it came in; the packet itself ends. */
export function fragment(m: Machine, p: PacketContext, mtu: number): number {
  const limit = p.largestFragment > 0 ? Math.min(mtu, p.family === 6 ? Math.max(p.largestFragment, MINIMUM_MTU_6) : p.largestFragment) : mtu;
  if (!mayCut(p, mtu)) {
    m.environment.recorder.step2(p, STEP_FRAGMENT, FRAGMENT_TOO_BIG, mtu);
    drop(p, 'TooBig', 'PKT_TOO_BIG');
    if (p.family === 4) sendIcmpError(m, p, ICMP.unreachable, ICMP.fragmentationNeeded, mtu);
    else sendIcmpError(m, p, ICMPV6.tooBig, 0, mtu);
    return STAGE_END;
  }
  if (p.length <= limit) return STAGE_NEIGHBOR;
  cut(m, p, limit);
  m.environment.recorder.step2(p, STEP_FRAGMENT, FRAGMENT_MADE, limit);
  p.disposition = DISPOSITION.Accepted;
  m.network.end(p);
  return STAGE_DONE;
}

function mayCut(p: PacketContext, mtu: number): boolean {
  if (p.family === 4) return !p.isDontFragment || p.mayFragment || (p.largestFragment > 0 && p.largestFragment <= mtu);
  return p.mayFragment || (p.largestFragment > 0 && p.largestFragment <= mtu);
}

function cut(m: Machine, p: PacketContext, limit: number): void {
  const { pool } = m.environment;
  const isFour = p.family === 4;
  const header = isFour ? IPV4_HEADER : IPV6_HEADER + FRAGMENT_HEADER;
  const body = p.length - (isFour ? IPV4_HEADER : IPV6_HEADER);
  const step = (limit - header) & ~7;
  const ipId = p.ipId !== 0 ? p.ipId : m.nextIpId();
  for (let offset = 0; offset < body; offset += step) {
    const piece = pool.take();
    const { serial } = piece;
    piece.copy(p, pool);
    piece.serial = serial;
    piece.what = WHAT_FRAGMENT;
    piece.fragmentOffset = p.fragmentOffset + offset;
    piece.hasMoreFragments = p.hasMoreFragments || offset + step < body;
    piece.length = header + Math.min(step, body - offset);
    piece.ipId = ipId;
    piece.largestFragment = 0;
    piece.stage = STAGE_NEIGHBOR;
    m.enqueue(piece);
  }
}
