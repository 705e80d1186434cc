/** XT_MULTI_PORTS of include/uapi/linux/netfilter/xt_multiport.h. */
export const CLAUSE_LIST_MAXIMUM = 15;
