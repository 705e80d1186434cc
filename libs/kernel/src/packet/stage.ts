/** What happens to a packet next. A stage returns one of these; only machine/pipeline.ts goes there. */

/** Nothing: somebody else has it, or it is gone and accounted for. */
export const STAGE_DONE = 0;
/** Its life ends here; fate and reason stand in the context. */
export const STAGE_END = 1;
/** A frame came in by `inputInterface`: __netif_receive_skb_core. */
export const STAGE_RECEIVE = 2;
/** Frame on a bridge port: br_handle_frame. */
export const STAGE_BRIDGE_INPUT = 3;
/** After the bridge's PREROUTING: br_handle_frame_finish. */
export const STAGE_BRIDGE_FORWARD = 4;
/** Sent by the bridge device itself: br_dev_xmit. */
export const STAGE_BRIDGE_TRANSMIT = 5;
/** Up from the bridge into its own network stack: br_pass_frame_up. */
export const STAGE_BRIDGE_PASS_UP = 6;
/** ip_rcv / ip6_rcv: PREROUTING and the route of what came in. */
export const STAGE_NETWORK_RECEIVE = 7;
/** ip_local_deliver / ip6_input. */
export const STAGE_LOCAL_IN = 8;
/** ip_forward / ip6_forward. */
export const STAGE_FORWARD = 9;
/** __ip_local_out: the OUTPUT hook of a packet that has its route. */
export const STAGE_LOCAL_OUT = 10;
/** ip_output: POSTROUTING. */
export const STAGE_OUTPUT = 11;
/** ip_finish_output2: the neighbour's address. */
export const STAGE_NEIGHBOR = 12;
/** __dev_queue_xmit on `outputInterface`. */
export const STAGE_TRANSMIT = 13;
/** An ARP packet for this machine. */
export const STAGE_ARP = 14;
/** Between machines: the fabric has it. */
export const STAGE_FABRIC = 15;
