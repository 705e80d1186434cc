/** Bridge ports, reverse path, sockets and their owners (xt_physdev.c, ipt_rpfilter.c, ip6t_rpfilter.c, xt_socket.c, xt_owner.c; 6.18). */
import { RECORD_GIVEN, bitIn } from '@worldline/language';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, SENDER_NONE, SENDER_PROCESS, type PacketContext } from '../../packet/index.js';
import type { NetfilterMachine } from '../machine-view.js';
import { isInverted, isWithin, type Evaluate } from './answer.js';

function isPort(m: NetfilterMachine, position: number, code: Int32Array, at: number): boolean {
  const { nameId } = m.interfaces.list[position];
  return code[at + 2] !== 0 ? m.netfilter.store.patterns.matches(code[at + 1], nameId) : nameId === code[at + 1];
}

export const matchPhysdevInput: Evaluate = (m, p, code, at) => {
  if (!p.isBridged) return isInverted(code, at);
  return p.physicalInput < 0 || isPort(m, p.physicalInput, code, at) !== isInverted(code, at);
};

export const matchPhysdevOutput: Evaluate = (m, p, code, at) => {
  if (!p.isBridged) return isInverted(code, at);
  return p.physicalOutput >= 0 && isPort(m, p.physicalOutput, code, at) !== isInverted(code, at);
};

const IS_IN = 0;

/** --physdev-is-in, -is-out, -is-bridged: the last two ask for the same. */
export const matchPhysdevIs: Evaluate = (_, p, code, at) => {
  const port = code[at + 1] === IS_IN ? p.physicalInput : p.physicalOutput;
  return (p.isBridged && port >= 0) !== isInverted(code, at);
};

const LOOSE_BIT = bitIn('rpfilter', 'loose');
const MARK_BIT = bitIn('rpfilter', 'validmark');
const LOCAL_BIT = bitIn('rpfilter', 'accept-local');
const INVERT_BIT = bitIn('rpfilter', 'invert');

/** By the bits of loose, validmark and accept-local. */
const FLAGS = Array.from({ length: 8 }, (_, bits) => ({
  isLoose: (bits & LOOSE_BIT) !== 0,
  isMarkUsed: (bits & MARK_BIT) !== 0,
  isLocalAccepted: (bits & LOCAL_BIT) !== 0,
}));

export const matchReversePath: Evaluate = (m, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  return m.routing.reversePath(m, p, FLAGS[given & (LOOSE_BIT | MARK_BIT | LOCAL_BIT)]) !== ((given & INVERT_BIT) !== 0);
};

const TRANSPARENT_BIT = bitIn('socket', 'transparent');
const NOWILDCARD_BIT = bitIn('socket', 'nowildcard');

/** A socket that waits for any address counts only with --nowildcard; none is transparent. */
export const matchSocket: Evaluate = (m, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  if ((given & TRANSPARENT_BIT) !== 0) return false;
  const socket = socketFor(m, p);
  if (socket < 0) return false;
  const bound = m.sockets.socket(socket);
  return (given & NOWILDCARD_BIT) !== 0 || bound === null || bound.address !== 0;
};

/** An ICMP error asks for the socket whose packet it quotes (extract_icmp4_fields, extract_icmp6_fields). */
function socketFor(m: NetfilterMachine, p: PacketContext): number {
  if (p.inner !== null && (p.protocol === PROTOCOL_ICMP || p.protocol === PROTOCOL_ICMPV6)) return socketOfQuoted(m, p, p.inner);
  if (p.protocol === PROTOCOL_TCP) return m.sockets.lookupTcp(p);
  return p.protocol === PROTOCOL_UDP ? m.sockets.lookupUdp(p) : -1;
}

/** The socket that sent what an error quotes: its source is the one of this machine. */
function socketOfQuoted(m: NetfilterMachine, p: PacketContext, inner: PacketContext): number {
  if (inner.protocol === PROTOCOL_UDP) return m.sockets.lookupUdpError(inner, p.inputInterface);
  return inner.protocol === PROTOCOL_TCP ? m.sockets.lookupTcpError(inner, p.inputInterface) : -1;
}

/** Everything runs as root here. */
const OWNER_ID = 0;

/** Operands: 0 user, 1 group, 2 that supplementary groups count too (which adds nothing). */
export const matchOwner: Evaluate = (_, p, code, at) => {
  if (code[at + 1] === 2) return true;
  // Sockets of the kernel's own belong to no file, so to nobody
  if (p.sender !== SENDER_PROCESS) return isInverted(code, at);
  return isWithin(OWNER_ID, code[at + 2], code[at + 3]) !== isInverted(code, at);
};

export const matchSocketExists: Evaluate = (_, p, code, at) => (p.sender !== SENDER_NONE) !== isInverted(code, at);
