/** Outcomes of a hook or a stage, as integers. */

/** The packet goes on. */
export const ACCEPT = 1;
/** The packet is gone; `drop*` of its context say why. */
export const DROP = 0;
/** Somebody keeps it (reassembly, a queue) or has answered in its place; nobody counts it as dropped here. */
export const STOLEN = 2;

/** netfilter hooks, numbered as in include/uapi/linux/netfilter.h (6.18). */
export const PREROUTING = 0;
export const LOCAL_IN = 1;
export const FORWARD = 2;
export const LOCAL_OUT = 3;
export const POSTROUTING = 4;
export const HOOK_NAMES = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;

/** IP protocol numbers. */
export const PROTOCOL_ICMP = 1;
export const PROTOCOL_IPIP = 4;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_IPV6 = 41;
export const PROTOCOL_GRE = 47;
export const PROTOCOL_ICMPV6 = 58;
export const PROTOCOL_SCTP = 132;

/** TCP flag bits. */
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;
export const TCP_URG = 32;

/** State of a packet in regard to connection tracking, as enum ip_conntrack_info. */
export const CT_ESTABLISHED = 0;
export const CT_RELATED = 1;
export const CT_NEW = 2;
export const CT_ESTABLISHED_REPLY = 3;
export const CT_RELATED_REPLY = 4;
export const CT_UNTRACKED = 7;

/** `conntrack` of a packet that has no entry. */
export const NO_CONNTRACK = -1;

/** Packet type at the device, as skb->pkt_type. */
export const PACKET_HOST = 0;
export const PACKET_BROADCAST = 1;
export const PACKET_MULTICAST = 2;
export const PACKET_OTHERHOST = 3;
/** The copy of what the machine itself sent to a group. */
export const PACKET_LOOPBACK = 5;
