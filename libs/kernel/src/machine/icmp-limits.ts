/**
 * Token buckets of ICMP: one per peer (inet_peer_xrlim_allow, net/ipv4/inetpeer.c) and one for all (icmp_global_allow, net/ipv4/icmp.c; Linux 6.18).
 * IPv6 redirects and errors have buckets of their own.
 */

const JIFFY_US = 4_000;
const BURST_FACTOR = 6;
/** icmp_msgs_per_sec and icmp_msgs_burst by default. */
const GLOBAL_PER_SECOND = 1000;
const GLOBAL_BURST = 50;

export class IcmpLimits {
  /** Key `class/family/peer` to [tokens in jiffies, last jiffy]. */
  private readonly peers = new Map<string, [number, number]>();
  private globalTokens = GLOBAL_BURST;
  private globalStamp = 0;

  /** Whether one more error may go to a peer; `timeoutMs` is the time one token takes (0: no limit). */
  allowPeer(kind: string, family: number, peer: number, timeoutMs: number, now: number): boolean {
    if (timeoutMs === 0) return true;
    const timeout = Math.ceil(timeoutMs / 4);
    const jiffies = Math.floor(now / JIFFY_US);
    const key = `${kind}/${family}/${peer}`;
    let bucket = this.peers.get(key);
    if (!bucket) {
      bucket = [BURST_FACTOR * timeout, jiffies];
      this.peers.set(key, bucket);
    }
    bucket[0] = Math.min(bucket[0] + jiffies - bucket[1], BURST_FACTOR * timeout);
    bucket[1] = jiffies;
    if (bucket[0] < timeout) return false;
    bucket[0] -= timeout;
    return true;
  }

  allowGlobal(now: number): boolean {
    const gained = Math.floor(((now - this.globalStamp) * GLOBAL_PER_SECOND) / 1_000_000);
    if (gained > 0) {
      this.globalTokens = Math.min(GLOBAL_BURST, this.globalTokens + gained);
      this.globalStamp = now;
    }
    if (this.globalTokens === 0) return false;
    this.globalTokens--;
    return true;
  }

  fork(): IcmpLimits {
    const copy = new IcmpLimits();
    for (const [key, [tokens, stamp]] of this.peers) copy.peers.set(key, [tokens, stamp]);
    copy.globalTokens = this.globalTokens;
    copy.globalStamp = this.globalStamp;
    return copy;
  }
}
