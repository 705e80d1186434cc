/** The bucket of all ICMP errors of a machine: icmp_global_allow (net/ipv4/icmp.c, Linux 6.18). Those of single peers are `routing.peers`. */

/** icmp_msgs_per_sec and icmp_msgs_burst by default. */
const GLOBAL_PER_SECOND = 1000;
const GLOBAL_BURST = 50;

export class IcmpLimits {
  private tokens = GLOBAL_BURST;
  private stamp = 0;

  /** Takes a token if there is one; `now` in microseconds. */
  allow(now: number): boolean {
    const gained = Math.floor(((now - this.stamp) * GLOBAL_PER_SECOND) / 1_000_000);
    if (gained > 0) {
      this.tokens = Math.min(GLOBAL_BURST, this.tokens + gained);
      this.stamp = now;
    }
    if (this.tokens === 0) return false;
    this.tokens--;
    return true;
  }

  fork(): IcmpLimits {
    const copy = new IcmpLimits();
    copy.tokens = this.tokens;
    copy.stamp = this.stamp;
    return copy;
  }
}
