/** Words per entry, at these offsets. Ports are `source << 16 | destination`. */
export const ENTRY_SIZE = 13;
export const W_SOURCE = 0;
export const W_DESTINATION = 1;
export const W_PORTS = 2;
export const W_REPLY = 3; // the same three of the reply
/** Status (16 bits), protocol (8), IPv6 (1), packets that hold the entry while it is unconfirmed (7). */
export const W_META = 6;
export const W_ZONES = 7; // original | reply << 16
/** Jiffies: until confirmation a duration, then the moment it ends. */
export const W_TIMEOUT = 8;
export const W_MARK = 9;
/** UDP: when it may become a stream. TCP: its block of TcpBlocks. SCTP: its state. */
export const W_PROTOCOL_DATA = 10;
/** Next entry with the same original source (nat_bysource), -1 at the end. Next free one, when free. */
export const W_NEXT = 11;
/** Interface position that MASQUERADE chose by, plus 1; 0 for none. */
export const W_MASQUERADE = 12;
