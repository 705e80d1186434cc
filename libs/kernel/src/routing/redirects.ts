/** Gateways that a sender was redirected to: route exceptions (__ip_do_redirect, update_or_create_fnhe in net/ipv4/route.c; Linux 6.18). IPv4 only. */
import type { Environment } from '../record/index.js';

interface Exception {
  /** The gateway that said so, and the one it named. */
  readonly from: number;
  readonly gateway: number;
  /** Microseconds. */
  readonly expires: number;
  /** Of the routes (rt_cache_flush makes older ones void). */
  readonly generation: number;
}

/** ip_rt_gc_timeout. */
const LIFETIME_US = 300e6;

export class Redirects {
  private readonly byDestination = new Map<number, Exception>();
  /** Grows with every one that is learnt. */
  version = 0;

  /** The gateway towards `destination` of a route by `gateway`. */
  follow(destination: number, gateway: number, generation: number, { now, effects }: Environment): number {
    const exception = this.byDestination.get(destination);
    if (exception === undefined || exception.from !== gateway || exception.generation !== generation || exception.expires <= now) return gateway;
    effects.limit(exception.expires);
    return exception.gateway;
  }

  get isEmpty(): boolean {
    return this.byDestination.size === 0;
  }

  learn(destination: number, from: number, gateway: number, now: number, generation: number): void {
    this.byDestination.set(destination, { from, gateway, expires: now + LIFETIME_US, generation });
    this.version++;
  }

  fork(): Redirects {
    const copy = new Redirects();
    for (const [destination, exception] of this.byDestination) copy.byDestination.set(destination, exception);
    copy.version = this.version;
    return copy;
  }
}
