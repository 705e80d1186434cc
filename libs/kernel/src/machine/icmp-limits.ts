/** The bucket of all ICMP errors of a machine: icmp_global_allow (net/ipv4/icmp.c, Linux 6.18). Those of single peers are `routing.peers`. */

export class IcmpLimits {
  private tokens = 0;
  /** A machine has been up for a second before anything happens. */
  private stamp = -1_000_000;

  /** Takes a token if there is one; `now` in microseconds, `perSecond` and `burst` are icmp_msgs_per_sec and icmp_msgs_burst. */
  allow(now: number, perSecond: number, burst: number): boolean {
    const gained = Math.floor(((now - this.stamp) * perSecond) / 1_000_000);
    if (gained > 0) {
      this.tokens = Math.min(burst, this.tokens + gained);
      this.stamp = now;
    }
    if (this.tokens <= 0) return false;
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
