/**
 * The SCTP tracker: net/netfilter/nf_conntrack_proto_sctp.c, Linux 6.18. A packet carries one chunk, whose type stands in
 * `PacketContext.tcpFlags`; verification tags are taken to be right.
 */
import { DIRECTION_ORIGINAL, DIRECTION_REPLY } from './constants.js';

export const SCTP_DATA = 0;
export const SCTP_INIT = 1;
export const SCTP_INIT_ACK = 2;
export const SCTP_HEARTBEAT = 4;
export const SCTP_HEARTBEAT_ACK = 5;
export const SCTP_ABORT = 6;
export const SCTP_SHUTDOWN = 7;
export const SCTP_SHUTDOWN_ACK = 8;
export const SCTP_ERROR = 9;
export const SCTP_COOKIE_ECHO = 10;
export const SCTP_COOKIE_ACK = 11;
export const SCTP_SHUTDOWN_COMPLETE = 14;

const NONE = 0;
const CL = 1; // closed
const CW = 2; // cookie wait
const CE = 3; // cookie echoed
const ES = 4; // established
const SS = 5; // shutdown sent
const SR = 6; // shutdown received
const SA = 7; // shutdown ack sent
const HS = 8; // heartbeat sent
const IV = 9; // invalid

// prettier-ignore
const TABLE = Uint8Array.of(
  // original:       NO  CL  CW  CE  ES  SS  SR  SA  HS
  /* init         */ CL, CL, CW, CE, ES, CL, CL, SA, CW,
  /* init_ack     */ CL, CL, CW, CE, ES, SS, SR, SA, CL,
  /* abort        */ CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* shutdown     */ CL, CL, CW, CE, SS, SS, SR, SA, CL,
  /* shutdown_ack */ SA, CL, CW, CE, ES, SA, SA, SA, SA,
  /* error        */ CL, CL, CW, CE, ES, SS, SR, SA, CL,
  /* cookie_echo  */ CL, CL, CE, CE, ES, SS, SR, SA, CL,
  /* cookie_ack   */ CL, CL, CW, CE, ES, SS, SR, SA, CL,
  /* shutdown_comp*/ CL, CL, CW, CE, ES, SS, SR, CL, CL,
  /* heartbeat    */ HS, CL, CW, CE, ES, SS, SR, SA, HS,
  /* heartbeat_ack*/ CL, CL, CW, CE, ES, SS, SR, SA, HS,
  // reply
  /* init         */ IV, CL, CW, CE, ES, SS, SR, SA, IV,
  /* init_ack     */ IV, CW, CW, CE, ES, SS, SR, SA, IV,
  /* abort        */ IV, CL, CL, CL, CL, CL, CL, CL, IV,
  /* shutdown     */ IV, CL, CW, CE, SR, SS, SR, SA, IV,
  /* shutdown_ack */ IV, CL, CW, CE, ES, SA, SA, SA, IV,
  /* error        */ IV, CL, CW, CL, ES, SS, SR, SA, IV,
  /* cookie_echo  */ IV, CL, CW, CE, ES, SS, SR, SA, IV,
  /* cookie_ack   */ IV, CL, CW, ES, ES, SS, SR, SA, IV,
  /* shutdown_comp*/ IV, CL, CW, CE, ES, SS, SR, CL, IV,
  /* heartbeat    */ IV, CL, CW, CE, ES, SS, SR, SA, HS,
  /* heartbeat_ack*/ IV, CL, CW, CE, ES, SS, SR, SA, ES,
);

/** Row of TABLE by chunk type, -1 for chunks that change no state. */
const ROWS = Int8Array.of(-1, 0, 1, -1, 9, 10, 2, 3, 4, 5, 6, 7, -1, -1, 8);

/** What `sctpPacket` decided; reused. */
export const sctpOutcome = { state: 0, hasTimeout: false, isAssured: false };

/** nf_conntrack_sctp_packet: false when the packet is INVALID. The new state's timer applies where `hasTimeout`. */
export function sctpPacket(chunk: number, direction: number, oldState: number, isConfirmed: boolean): boolean {
  sctpOutcome.isAssured = false;
  sctpOutcome.hasTimeout = false;
  if (!isConfirmed) {
    if (chunk === SCTP_ABORT || chunk === SCTP_SHUTDOWN_COMPLETE || chunk === SCTP_COOKIE_ACK) return false;
    if (nextState(DIRECTION_ORIGINAL, chunk, NONE) === NONE) return false;
  }
  const state = nextState(direction, chunk, oldState);
  if (state === IV) return false;
  sctpOutcome.state = state;
  // An INIT sent again does not renew the timer.
  sctpOutcome.hasTimeout = !(state === CL && oldState === CL && isConfirmed);
  sctpOutcome.isAssured = oldState === CE && direction === DIRECTION_REPLY && state === ES;
  return true;
}

function nextState(direction: number, chunk: number, state: number): number {
  const row = chunk < ROWS.length ? ROWS[chunk] : -1;
  return row < 0 ? state : TABLE[(direction * 11 + row) * 9 + state];
}

/** sctp_can_early_drop. */
export function isSctpClosing(state: number): boolean {
  return state === SS || state === SR || state === SA;
}
