/**
 * Token buckets by peer, one per address whatever draws on it: routing errors (ip_error in net/ipv4/route.c), ICMP and ICMPv6 errors and redirects
 * (inet_peer_xrlim_allow in net/ipv4/icmp.c; Linux 6.18).
 *
 * Two oddities of the kernel matter. A routing error pays twice, here and as an ICMP error. And with icmp_ratelimit 0 an ICMP error costs nothing but
 * empties the bucket (the cap is six times nothing), unless it comes in the same jiffy as the last use: so after a port unreachable a source is told of
 * no missing route for a second.
 */
import type { Family } from '@worldline/model';

const HZ = 250;
const JIFFY_US = 1_000_000 / HZ;
/** ip_rt_error_burst. */
const ROUTE_ERROR_BURST = 5 * HZ;
/** XRLIM_BURST_FACTOR. */
const BURST_FACTOR = 6;
/** A new peer's bucket looks a minute old. */
const INITIAL_AGE = 60 * HZ;
/** ip_rt_redirect_load, in jiffies, and ip_rt_redirect_number. */
const REDIRECT_LOAD = HZ / 50;
const REDIRECT_NUMBER = 9;

interface Bucket {
  readonly tokens: number;
  /** In jiffies, as tokens are. */
  readonly last: number;
  /** Redirects sent since the last silence. */
  readonly redirects: number;
}

export class PeerLimits {
  private readonly buckets = new Map<string, Bucket>();

  /** ip_error: five at once, then one a second. */
  allowRouteError(source: number, now: number): boolean {
    const jiffies = Math.floor(now / JIFFY_US);
    const bucket = this.bucketOf(4, source, jiffies);
    const tokens = Math.min(bucket.tokens + jiffies - bucket.last, ROUTE_ERROR_BURST);
    const isAllowed = tokens >= HZ;
    this.buckets.set(`4/${source}`, { ...bucket, tokens: isAllowed ? tokens - HZ : tokens, last: jiffies });
    return isAllowed;
  }

  /** inet_peer_xrlim_allow: six at once, then one every `timeoutMs`; with 0 always, but see above. Call it for every error that the rate mask covers. */
  allow(family: Family, peer: number, timeoutMs: number, now: number): boolean {
    const jiffies = Math.floor(now / JIFFY_US);
    const timeout = Math.ceil((timeoutMs * HZ) / 1000);
    const bucket = this.bucketOf(family, peer, jiffies);
    const elapsed = jiffies - bucket.last;
    let { tokens } = bucket;
    if (elapsed > 0) tokens = Math.min(tokens + elapsed, BURST_FACTOR * timeout);
    const isAllowed = tokens >= timeout;
    this.buckets.set(`${family}/${peer}`, { ...bucket, tokens: isAllowed ? tokens - timeout : tokens, last: jiffies });
    return isAllowed;
  }

  /** ip_rt_send_redirect: at once, then each after twice the time; after nine not until the source has been silent. */
  allowRedirect(source: number, now: number): boolean {
    const jiffies = Math.floor(now / JIFFY_US);
    const bucket = this.bucketOf(4, source, jiffies);
    const isNew = jiffies - bucket.last > REDIRECT_LOAD << (REDIRECT_NUMBER + 1);
    const redirects = isNew ? 0 : bucket.redirects;
    const tokens = isNew ? 0 : bucket.tokens;
    const isIgnored = redirects >= REDIRECT_NUMBER;
    const isAllowed = !isIgnored && (redirects === 0 || jiffies - bucket.last > REDIRECT_LOAD << redirects);
    this.buckets.set(`4/${source}`, { tokens, last: isAllowed || isIgnored ? jiffies : bucket.last, redirects: isAllowed ? redirects + 1 : redirects });
    return isAllowed;
  }

  fork(): PeerLimits {
    const copy = new PeerLimits();
    for (const [key, bucket] of this.buckets) copy.buckets.set(key, bucket);
    return copy;
  }

  private bucketOf(family: Family, peer: number, jiffies: number): Bucket {
    return this.buckets.get(`${family}/${peer}`) ?? { tokens: 0, last: jiffies - INITIAL_AGE, redirects: 0 };
  }
}
