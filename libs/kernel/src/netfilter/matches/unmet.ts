/** Matches on what no packet or machine here ever has: their answer is the kernel's for packets without it. */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import { PROTOCOL_TCP, SENDER_NONE, TCP_ACK, TCP_SYN } from '../../packet/index.js';
import { isInverted, isWithin, type Evaluate } from './answer.js';

/** The header looked for is not there: no match, inverted or not. */
export const matchNever: Evaluate = () => false;

/** Counts elsewhere and lets pass. */
export const matchAlways: Evaluate = () => true;

export const matchCpu: Evaluate = (_, _p, code, at) => (code[at + 1] === 0) !== isInverted(code, at);

/** Operands: value, mask. The packet's is 0 everywhere. */
export const matchZero: Evaluate = (_, _p, code, at) => (code[at + 1] === 0) !== isInverted(code, at);

/** Operands: which end, group, mask. Without a device in this hook the clause is not asked. */
export const matchDeviceGroup: Evaluate = (_, _p, code, at) => isWithin(0, code[at + 2], code[at + 2]) !== isInverted(code, at);

const BY_PATH = 0;
const SYN_ACK = TCP_SYN | TCP_ACK;

/** Without a full socket, which a SYN-ACK has not, no group; everything else is in the root of the hierarchy, class id 0 (xt_cgroup.c). */
export const matchCgroup: Evaluate = (m, p, code, at) => {
  if (p.sender === SENDER_NONE || (p.protocol === PROTOCOL_TCP && (p.tcpFlags & SYN_ACK) === SYN_ACK)) return false;
  if (code[at + 1] !== BY_PATH) return (code[at + 2] === 0) !== isInverted(code, at);
  const path = m.environment.words.name(code[at + 2]).replace(/^\/+|\/+$/g, '');
  return (path === '') !== isInverted(code, at);
};

const POL = fieldIn('policy', 'pol');
const NONE = 0;

/** A packet that never met IPsec has no policy: `--pol none` matches it, `--pol ipsec` does not (match_policy_in, match_policy_out). */
export const matchPolicy: Evaluate = (_, _p, code, at) => code[at + POL] === NONE;

const IPVS_BIT = bitIn('ipvs', 'ipvs');

/** Every packet is outside IPVS; other options need one inside (ipvs_mt). */
export const matchIpvs: Evaluate = (_, _p, code, at) => (code[at + RECORD_GIVEN] & code[at + RECORD_INVERTED] & IPVS_BIT) !== 0;
