/** Path MTUs that a sender has learnt: route exceptions (update_or_create_fnhe in net/ipv4/route.c, rt6_insert_exception in net/ipv6/route.c; Linux 6.18). */
import type { Family } from '@worldline/model';

interface Exception {
  readonly mtu: number;
  /** Microseconds. */
  readonly expires: number;
}

export class PathMtus {
  private readonly known = new Map<string, Exception>();

  /** Whether there is any, so that those who never learnt one need not look. */
  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  /** The learnt MTU of the path to an address, 0 for none. */
  get(family: Family, destination: number, now: number): number {
    const exception = this.known.get(`${family}/${destination}`);
    return exception && exception.expires > now ? exception.mtu : 0;
  }

  set(family: Family, destination: number, mtu: number, expires: number): void {
    this.known.set(`${family}/${destination}`, { mtu, expires });
  }

  /** `ip route flush cache`, and what every change of routes does (rt_cache_flush). */
  clear(family: Family): void {
    for (const key of [...this.known.keys()]) if (key.startsWith(`${family}/`)) this.known.delete(key);
  }

  fork(): PathMtus {
    const copy = new PathMtus();
    for (const [key, exception] of this.known) copy.known.set(key, exception);
    return copy;
  }
}
