/** The limiter of ip_error: five ICMP errors at once, then one a second and source, whatever the sysctls of a namespace say (net/ipv4/route.c, Linux 6.18). */

/** ip_rt_error_cost and ip_rt_error_burst, in microseconds. */
const COST = 1_000_000;
const BURST = 5 * COST;

export class ErrorLimit {
  private readonly peers = new Map<number, { tokens: number; last: number }>();

  /** Takes a token of a source, if it has one. */
  allow(source: number, now: number): boolean {
    const peer = this.peers.get(source) ?? { tokens: BURST, last: now };
    const tokens = Math.min(peer.tokens + now - peer.last, BURST);
    const isAllowed = tokens >= COST;
    this.peers.set(source, { tokens: isAllowed ? tokens - COST : tokens, last: now });
    return isAllowed;
  }

  fork(): ErrorLimit {
    const copy = new ErrorLimit();
    for (const [source, peer] of this.peers) copy.peers.set(source, peer);
    return copy;
  }
}
