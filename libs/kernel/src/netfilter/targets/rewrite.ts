/** Targets that change headers (xt_HL.c, xt_DSCP.c, xt_TCPMSS.c, ipt_ECN.c, xt_TCPOPTSTRIP.c; 6.18). */
import { RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { PROTOCOL_TCP, TCP_SYN, type PacketContext } from '../../packet/index.js';
import { RULE_CONTINUE, drop } from '../../record/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import { RULE_FAILED, type Act } from './answer.js';

const SET = fieldIn('TTL', 'ttl-set', true);
const SET_BIT = bitIn('TTL', 'ttl-set', true);
const DECREMENT = fieldIn('TTL', 'ttl-dec', true);
const DECREMENT_BIT = bitIn('TTL', 'ttl-dec', true);
const INCREMENT = fieldIn('TTL', 'ttl-inc', true);

/** HL has the same options at the same places. */
export const targetTtl: Act = (_, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  if ((given & SET_BIT) !== 0) p.ttl = code[at + SET];
  else if ((given & DECREMENT_BIT) !== 0) p.ttl = Math.max(0, p.ttl - code[at + DECREMENT]);
  else p.ttl = Math.min(255, p.ttl + code[at + INCREMENT]);
  return RULE_CONTINUE;
};

const TOS = fieldIn('TOS', 'set-tos', true);
export const targetTos: Act = (_, p, code, at) => {
  p.tos = ((p.tos & ~code[at + TOS + 1]) ^ code[at + TOS]) & 0xff;
  return RULE_CONTINUE;
};

const DSCP = fieldIn('DSCP', 'set-dscp', true);
export const targetDscp: Act = (_, p, code, at) => {
  p.tos = (p.tos & 3) | (code[at + DSCP] << 2);
  return RULE_CONTINUE;
};

const ECN_REMOVE_BIT = bitIn('ECN', 'ecn-tcp-remove', true);
const ECT = fieldIn('ECN', 'ecn-ip-ect', true);
const ECT_BIT = bitIn('ECN', 'ecn-ip-ect', true);
const ECE_CWR = 0xc0;
export const targetEcn: Act = (_, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  if ((given & ECT_BIT) !== 0) p.tos = (p.tos & ~3) | code[at + ECT];
  if ((given & ECN_REMOVE_BIT) !== 0 && p.protocol === PROTOCOL_TCP) p.tcpFlags &= ~ECE_CWR;
  return RULE_CONTINUE;
};

const MSS = fieldIn('TCPMSS', 'set-mss', true);
const CLAMP_BIT = bitIn('TCPMSS', 'clamp-mss-to-pmtu', true);

/** An MSS only ever shrinks; a SYN without one gets one, 4 bytes of option (tcpmss_mangle_packet). */
export const targetMss: Act = (m, p, code, at) => {
  if (p.protocol !== PROTOCOL_TCP || p.fragmentOffset !== 0) return RULE_CONTINUE;
  const headers = p.family === 4 ? 40 : 60;
  let mss = code[at + MSS];
  if ((code[at + RECORD_GIVEN] & CLAMP_BIT) !== 0) {
    const mtu = pathMtu(m, p);
    if (mtu <= headers) {
      drop(p, 'TooBig', 'NETFILTER_DROP');
      return RULE_FAILED;
    }
    mss = mtu - headers;
  }
  if (p.tcpMss !== 0) p.tcpMss = Math.min(p.tcpMss, mss);
  // Data behind the header leaves no room for the option
  else if ((p.tcpFlags & TCP_SYN) !== 0 && p.payloadLength === 0) {
    p.tcpMss = Math.min(mss, p.family === 4 ? 536 : 1220);
    p.length += 4;
  }
  return RULE_CONTINUE;
};

/** The smaller of the way onward, in a bridge its own MTU (br_nf's fake route), and the way back to the sender (tcpmss_reverse_mtu). */
function pathMtu(m: NetfilterMachine, p: PacketContext): number {
  const { outputInterface } = m.netfilter;
  const onward = p.isBridged && p.routeMtu === 0 && outputInterface >= 0 ? m.interfaces.list[outputInterface].mtu : p.routeMtu;
  const probe = m.environment.pool.take();
  probe.family = p.family;
  probe.destination = p.source;
  const back = m.routing.routeOutput(m, probe) === 0 ? probe.routeMtu : onward;
  m.environment.pool.give(probe);
  return Math.min(onward, back);
}

const STRIP = fieldIn('TCPOPTSTRIP', 'strip-options', true);
/** Options become padding: the length stays. */
export const targetStripOptions: Act = (_, p, code, at) => {
  if (p.protocol !== PROTOCOL_TCP || p.fragmentOffset !== 0) return RULE_CONTINUE;
  const kinds = code[at + STRIP];
  if ((kinds & (1 << 2)) !== 0) p.tcpMss = 0;
  if ((kinds & (1 << 3)) !== 0) p.tcpWindowScale = -1;
  if ((kinds & (1 << 4)) !== 0) p.hasSackPermitted = false;
  if ((kinds & (1 << 8)) !== 0) p.hasTimestamps = false;
  return RULE_CONTINUE;
};
