/** The TCP state table (tcp_conntracks in nf_conntrack_proto_tcp.c, Linux 6.18). */

export const TCP_NONE = 0;
export const TCP_SYN_SENT = 1;
export const TCP_SYN_RECV = 2;
export const TCP_ESTABLISHED = 3;
export const TCP_FIN_WAIT = 4;
const TCP_CLOSE_WAIT = 5;
export const TCP_LAST_ACK = 6;
export const TCP_TIME_WAIT = 7;
export const TCP_CLOSE = 8;
export const TCP_SYN_SENT2 = 9;
/** The packet passes and changes nothing. */
export const TCP_IGNORE = 10;
export const TCP_INVALID = 11;

/** What kind of segment, by its flags (enum tcp_bit_set). */
export const INDEX_SYN = 0;
export const INDEX_SYNACK = 1;
export const INDEX_FIN = 2;
export const INDEX_ACK = 3;
export const INDEX_RST = 4;
export const INDEX_NONE = 5;

const SS = TCP_SYN_SENT;
const SR = TCP_SYN_RECV;
const ES = TCP_ESTABLISHED;
const FW = TCP_FIN_WAIT;
const CW = TCP_CLOSE_WAIT;
const LA = TCP_LAST_ACK;
const TW = TCP_TIME_WAIT;
const CL = TCP_CLOSE;
const S2 = TCP_SYN_SENT2;
const IG = TCP_IGNORE;
const IV = TCP_INVALID;

// prettier-ignore
const TABLE = Uint8Array.of(
  // original: NO  SS  SR  ES  FW  CW  LA  TW  CL  S2
  /* syn    */ SS, SS, IG, IG, IG, IG, IG, SS, SS, S2,
  /* synack */ IV, IV, SR, IV, IV, IV, IV, IV, IV, SR,
  /* fin    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  /* ack    */ ES, IV, ES, ES, CW, CW, TW, TW, CL, IV,
  /* rst    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* none   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
  // reply
  /* syn    */ IV, S2, IV, IV, IV, IV, IV, SS, IV, S2,
  /* synack */ IV, SR, IG, IG, IG, IG, IG, IG, IG, SR,
  /* fin    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  /* ack    */ IV, IG, SR, ES, CW, CW, TW, TW, CL, IG,
  /* rst    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* none   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
);

export function nextTcpState(direction: number, index: number, state: number): number {
  return TABLE[(direction * 6 + index) * 10 + state];
}
