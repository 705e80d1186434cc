/** Path MTUs that a sender has learnt: route exceptions (update_or_create_fnhe in net/ipv4/route.c, rt6_insert_exception in net/ipv6/route.c; Linux 6.18). */
import type { Family } from '@worldline/model';

interface Exception {
  readonly mtu: number;
  /** Microseconds. */
  readonly learntAt: number;
}

export class PathMtus {
  private readonly known = new Map<string, Exception>();

  /** Whether there is any, so that those who never learnt one need not look. */
  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  /** What was learnt of the path to an address after `since`; null for nothing. */
  find(family: Family, destination: number, since: number): Exception | null {
    const exception = this.known.get(`${family}/${destination}`);
    return exception && exception.learntAt > since ? exception : null;
  }

  set(family: Family, destination: number, mtu: number, learntAt: number): void {
    this.known.set(`${family}/${destination}`, { mtu, learntAt });
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
