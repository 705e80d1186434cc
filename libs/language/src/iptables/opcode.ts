/**
 * Clauses of a rule as integers: `opcode | CLAUSE_INVERTED | size << 16`, then the operands. The size counts the header.
 *
 * An option clause has its option's operands. A record clause stands for a whole match or target: a bit per option that was given, a bit
 * per option that was inverted, then all options' operands at fixed places (`fieldOf`).
 */
export const CLAUSE_INVERTED = 0x100;
/** The `conntrack` match it belongs to also has `--ctstate`: a packet without an entry passes it (conntrack_mt, xt_conntrack.c). */
export const CLAUSE_BESIDE_STATE = 0x200;
/** Bits of the header that hold the opcode. */
export const CLAUSE_OPCODE = 0xff;
/** The header's size field stands above this bit. */
export const CLAUSE_SIZE_SHIFT = 16;

// --- the rule's own header ---
export const OP_SOURCE = 1;
export const OP_DESTINATION = 2;
export const OP_INPUT_INTERFACE = 3;
export const OP_OUTPUT_INTERFACE = 4;
export const OP_PROTOCOL = 5;
export const OP_FRAGMENT = 6;

// --- options that each are a clause of their own ---
export const OP_SOURCE_PORT = 7;
export const OP_DESTINATION_PORT = 8;
export const OP_CONNTRACK_STATE = 9;
export const OP_MARK = 10;
export const OP_COMMENT = 11;
export const OP_TCP_FLAGS = 12;
export const OP_TCP_OPTION = 13;
export const OP_ICMP_TYPE = 14;
export const OP_ICMP6_TYPE = 15;
export const OP_CHUNK_TYPES = 16;
export const OP_DCCP_TYPES = 17;
export const OP_DCCP_OPTION = 18;
export const OP_MULTIPORT_SOURCE = 19;
export const OP_MULTIPORT_DESTINATION = 20;
export const OP_MULTIPORT_EITHER = 21;
export const OP_CONNTRACK_PROTOCOL = 22;
export const OP_CONNTRACK_ADDRESS = 23;
export const OP_CONNTRACK_PORT = 24;
export const OP_CONNTRACK_STATUS = 25;
export const OP_CONNTRACK_EXPIRE = 26;
export const OP_CONNTRACK_DIRECTION = 27;
export const OP_CONNMARK = 28;
export const OP_SOURCE_RANGE = 29;
export const OP_DESTINATION_RANGE = 30;
export const OP_MAC_SOURCE = 31;
export const OP_LENGTH = 32;
export const OP_TTL = 33;
export const OP_TOS = 34;
export const OP_DSCP = 35;
export const OP_ECN_IP = 36;
export const OP_ECN_TCP = 37;
export const OP_PACKET_TYPE = 38;
export const OP_PHYSDEV_INPUT = 39;
export const OP_PHYSDEV_OUTPUT = 40;
export const OP_PHYSDEV_IS = 41;
export const OP_U32 = 42;
export const OP_BPF = 43;
export const OP_CPU = 44;
export const OP_ESP_SPI = 45;
export const OP_AH_SPI = 46;
export const OP_HELPER = 47;
export const OP_REALM = 48;
export const OP_DEVICE_GROUP = 49;
export const OP_TCP_MSS = 50;
export const OP_CGROUP = 51;
export const OP_NFACCT = 52;
export const OP_OWNER = 53;
export const OP_SOCKET_EXISTS = 54;
export const OP_MH_TYPE = 55;
export const OP_EUI64 = 56;
export const OP_AH6_LENGTH = 57;
export const OP_IPCOMP_SPI = 58;
export const OP_CONNLABEL = 59;

// --- records ---
export const OP_ADDRTYPE = 70;
export const OP_SET = 71;
export const OP_STATISTIC = 72;
export const OP_RECENT = 73;
export const OP_LIMIT = 74;
export const OP_HASHLIMIT = 75;
export const OP_CONNLIMIT = 76;
export const OP_CONNBYTES = 77;
export const OP_RPFILTER = 78;
export const OP_SOCKET = 79;
export const OP_STRING = 80;
export const OP_TIME = 81;
export const OP_QUOTA = 82;
export const OP_IPVS = 83;
export const OP_POLICY = 84;
export const OP_CLUSTER = 85;
export const OP_OSF = 86;
export const OP_RATEEST = 87;
export const OP_ROUTING_HEADER = 88;
export const OP_FRAGMENT_HEADER = 89;
export const OP_HOP_BY_HOP = 90;
export const OP_DESTINATION_OPTIONS = 91;
export const OP_IPV6_HEADER = 92;
export const OP_SEGMENT_ROUTING = 93;

/** A match, option or value that we do not know: operand is the word at fault. */
export const OP_UNMODELLED_MATCH = 99;

// --- verdicts and targets: every opcode from here on ends a rule ---
export const OP_FIRST_TARGET = 100;
export const OP_CONTINUE = 100;
export const OP_ACCEPT = 101;
export const OP_DROP = 102;
export const OP_RETURN = 103;
export const OP_JUMP = 104;
export const OP_GOTO = 105;
export const OP_REJECT = 106;
export const OP_LOG = 107;
export const OP_NFLOG = 108;
export const OP_SET_MARK = 109;
export const OP_SET_CONNMARK = 110;
export const OP_CT = 111;
export const OP_NOTRACK = 112;
export const OP_DNAT = 113;
export const OP_SNAT = 114;
export const OP_MASQUERADE = 115;
export const OP_REDIRECT = 116;
export const OP_NETMAP = 117;
export const OP_TPROXY = 118;
export const OP_SET_MSS = 119;
export const OP_SET_TTL = 120;
export const OP_SET_TOS = 121;
export const OP_SET_DSCP = 122;
export const OP_CHANGE_SET = 123;
export const OP_CLASSIFY = 124;
export const OP_TRACE = 125;
export const OP_CHECKSUM = 126;
export const OP_AUDIT = 127;
export const OP_NFQUEUE = 128;
export const OP_SET_ECN = 129;
export const OP_TEE = 130;
export const OP_TCPOPTSTRIP = 131;
export const OP_SYNPROXY = 132;
export const OP_CONNSECMARK = 133;
export const OP_SECMARK = 134;
export const OP_IDLETIMER = 135;
export const OP_LED = 136;
export const OP_RATEEST_TARGET = 137;
export const OP_HMARK = 138;
export const OP_NPT = 139;
/** A target that we do not know: operand is the word at fault. */
export const OP_UNMODELLED_TARGET = 199;
