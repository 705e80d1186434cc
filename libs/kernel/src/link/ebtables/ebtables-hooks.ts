/** Hooks of the bridge family (include/uapi/linux/netfilter_bridge.h), and the answer that only broute gives. */
export const EB_PREROUTING = 0;
export const EB_INPUT = 1;
export const EB_FORWARD = 2;
export const EB_OUTPUT = 3;
export const EB_POSTROUTING = 4;
export const EB_BROUTING = 5;

/** The frame is to be routed, not bridged: DROP in BROUTING. */
export const EBTABLES_BROUTE = 3;
