/**
 * Steps as integers. A step in `PacketContext.steps` is its code followed by a fixed number of operands that say what was decided
 * (its identity); values that belong to this packet alone stand in `details`, in the same order. Two packets with equal `steps` took
 * the same path.
 *
 * An operand `iface` is an id of `Environment.interfaceNames`; `uid` a chain program's uid; -1 is none.
 */

/** machine, iface: a frame came in. A hop begins. */
export const STEP_ENTER = 1;
/** machine: a local process sends. A hop begins. */
export const STEP_ORIGINATE = 2;
/** iface: the packet leaves by it. */
export const STEP_EXIT = 3;
/** action (CONNTRACK_*), conntrackInfo. Details: family, protocol, original source, destination, ports, reply source, destination, ports. */
export const STEP_CONNTRACK = 4;
/** hook, table (index into TABLE_NAMES): evaluation of a base chain begins. */
export const STEP_FILTER = 5;
/** uid, rule (0 is the first), verdict (RULE_*): a rule matched. */
export const STEP_RULE = 6;
/** uid, verdict: the end of a base chain, its policy. */
export const STEP_POLICY = 7;
/** manip (0 source, 1 destination), cause (TRANSFORM_*), address handle and port given by a rule (0 where the rule gave none), 1 if the port
 * was drawn. Details: family, address before, port before, address after, port after. */
export const STEP_TRANSFORM = 8;
/** direction (0 in, 1 out), route type, table, nexthop handle, iface, prefix length. Details: family, destination. */
export const STEP_ROUTING = 9;
/** result (REVERSE_PATH_*), effective rp_filter, iface the route back uses. Details: source. */
export const STEP_REVERSE_PATH = 10;
/** id in `Environment.words` of the sysctl's full name, value. */
export const STEP_SYSCTL = 11;
/** action (NEIGHBOR_*), iface, mac id. Details: family, address. */
export const STEP_NEIGHBOR = 12;
/** action (BRIDGE_*), iface of the bridge, iface of the port. Details: destination mac id. */
export const STEP_BRIDGE = 13;
/** 0 in, 1 out of a tunnel; iface. Details: family, outer source, outer destination. */
export const STEP_ENCAPSULATION = 14;
/** action (FRAGMENT_*), size. */
export const STEP_FRAGMENT = 15;
/** action (INBOUND_*), protocol, port. */
export const STEP_INBOUND = 16;
/** times seen. */
export const STEP_LOOP = 17;
/** id in `Environment.words` of what is not modelled. */
export const STEP_UNMODELLED = 18;
/** disposition, reason: the end. */
export const STEP_END = 19;
/** manip, why (NAT_SKIPPED_*): nat rules were not asked. */
export const STEP_NAT_SKIPPED = 20;
/** uid, rule, which clause... : a set or list was changed by a match or target: uid, rule, word id of the name, 1 found or added. */
export const STEP_LIST = 21;

/** Operands in `steps` per code. */
export const STEP_OPERANDS = [0, 2, 1, 1, 2, 2, 3, 2, 5, 6, 3, 2, 3, 3, 2, 2, 3, 1, 1, 2, 2, 4];
/** Values in `details` per code. */
export const STEP_DETAILS = [0, 0, 0, 0, 10, 0, 0, 0, 5, 2, 1, 0, 2, 1, 3, 0, 0, 0, 0, 0, 0, 0];

export const TABLE_NAMES = ['raw', 'mangle', 'nat', 'filter', 'security'] as const;

export const CONNTRACK_CREATED = 0;
export const CONNTRACK_FOUND = 1;
export const CONNTRACK_INVALID = 2;
export const CONNTRACK_UNTRACKED = 3;
export const CONNTRACK_FULL = 4;
export const CONNTRACK_RELATED = 5;
export const CONNTRACK_CONFIRMED = 6;
export const CONNTRACK_INSERT_FAILED = 7;
export const CONNTRACK_CLASH_RESOLVED = 8;

export const RULE_CONTINUE = 0;
export const RULE_ACCEPT = 1;
export const RULE_DROP = 2;
export const RULE_RETURN = 3;
export const RULE_JUMP = 4;
export const RULE_GOTO = 5;
export const RULE_REJECT = 6;
export const RULE_NAT = 7;
export const RULE_QUEUE = 8;
export const RULE_STOLEN = 9;

export const TRANSFORM_RULE = 0;
/** The entry's binding, applied to a later packet of its direction. */
export const TRANSFORM_BINDING = 1;
/** The inverse of the binding, applied to the other direction. */
export const TRANSFORM_REVERSE = 2;
/** A null binding that had to move a port. */
export const TRANSFORM_CLASH = 3;
/** The quoted packet inside an ICMP error. */
export const TRANSFORM_QUOTED = 4;

export const NAT_SKIPPED_BOUND = 0;
export const NAT_SKIPPED_NO_ENTRY = 1;

export const REVERSE_PATH_PASSED = 0;
export const REVERSE_PATH_FAILED = 1;
export const REVERSE_PATH_MARTIAN = 2;

export const NEIGHBOR_RESOLVED = 0;
export const NEIGHBOR_ASKING = 1;
export const NEIGHBOR_FAILED = 2;

export const BRIDGE_ENTER = 0;
export const BRIDGE_FORWARD = 1;
export const BRIDGE_FLOOD = 2;
export const BRIDGE_LOCAL = 3;
export const BRIDGE_NO_PORT = 4;
export const BRIDGE_SAME_PORT = 5;
export const BRIDGE_NF_OFF = 6;
export const BRIDGE_EBTABLES_DROP = 7;
export const BRIDGE_ISOLATED = 8;
export const BRIDGE_PORT_DOWN = 9;
export const BRIDGE_ROUTED = 10;
export const BRIDGE_REDIRECTED = 11;

export const FRAGMENT_MADE = 0;
export const FRAGMENT_WAITING = 1;
export const FRAGMENT_REASSEMBLED = 2;
export const FRAGMENT_TOO_BIG = 3;

export const INBOUND_ACCEPTED = 0;
export const INBOUND_NO_SOCKET = 1;
export const INBOUND_ECHO = 2;
export const INBOUND_ICMP_ERROR = 3;
export const INBOUND_IGNORED = 4;

/** Positions in EXCHANGE_WHATS of what the machine itself sends. */
export const WHAT_REQUEST = 0;
export const WHAT_REPLY = 1;
export const WHAT_ICMP_ERROR = 2;
export const WHAT_FRAGMENT = 3;
export const WHAT_ACK = 6;
export const WHAT_SERVER_ACK = 7;
export const WHAT_RST = 12;
export const WHAT_CLIENT_RST = 13;
