import { PeerLimits } from './peer-limits.js';

const SECOND = 1_000_000;

/** Plays `kind count` from a time on, 20 ms apart; how many were sent. A routing error is also an ICMP error. */
function play(limits: PeerLimits, kind: 'route' | 'icmp', count: number, from: number, ratelimitMs: number): number {
  let sent = 0;
  for (let i = 0; i < count; i++) {
    const now = from + i * 20_000;
    if (kind === 'route' && !limits.allowRouteError(1, now)) continue;
    if (limits.allow(4, 1, ratelimitMs, now)) sent++;
  }
  return sent;
}

// Counts of Linux 6.18
describe('PeerLimits', () => {
  it.each([
    { name: 'routing errors with icmp_ratelimit 0', ratelimit: 0, steps: [['route', 12, 0, 5]] },
    { name: 'and again when the bucket is full', ratelimit: 0, steps: [['route', 12, 0, 5], ['route', 6, 8, 5]] },
    { name: 'a port unreachable empties it', ratelimit: 0, steps: [['route', 12, 0, 5], ['icmp', 3, 8, 3], ['route', 6, 8.1, 0], ['route', 6, 10.3, 2]] },
    { name: 'routing errors with icmp_ratelimit 1000 pay twice', ratelimit: 1000, steps: [['route', 12, 0, 2]] },
    { name: 'port unreachables', ratelimit: 1000, steps: [['icmp', 12, 0, 6], ['route', 6, 0.3, 0]] },
    { name: 'both draw on one bucket', ratelimit: 1000, steps: [['route', 3, 0, 2], ['icmp', 8, 0.1, 0]] },
  ] as const)('$name', ({ ratelimit, steps }) => {
    const limits = new PeerLimits();
    const sent = steps.map(([kind, count, at]) => play(limits, kind, count, at * SECOND, ratelimit));
    expect(sent).toEqual(steps.map((s) => s[3]));
  });
});
