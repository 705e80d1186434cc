/** What comes due in a machine without a packet: neighbour probes and failures, datagrams that never became whole. */
import { STAGE_END, type PacketContext } from '../packet/index.js';
import { DISPOSITION, drop } from '../record/index.js';
import { ICMP, ICMPV6, sendIcmpError } from './icmp-error.js';
import type { Machine } from './machine.js';
import { answerDelayed } from './neighbour-discovery.js';
import { runStages } from './pipeline.js';
import { reportGroups, settleWaiting, solicit } from './solicitation.js';

const REASSEMBLY_TIME_EXCEEDED = 1;

export function nextTimer(m: Machine): number {
  return Math.min(m.routing.nextTimer(), m.conntrack.fragments.nextTimer());
}

/** Does what is due at `environment.now`. */
export function advance(m: Machine): void {
  m.routing.advance(m);
  solicit(m);
  answerDelayed(m);
  settleWaiting(m);
  reportGroups(m);
  m.conntrack.fragments.advance(m.environment.now);
  endFragments(m);
}

/** Ends the fragments that reassembly is done with: merged, or lost. */
export function endFragments(m: Machine): void {
  for (const p of m.conntrack.fragments.takeFinished()) {
    if (p.disposition !== DISPOSITION.Accepted && p.fragmentOffset === 0) {
      // ip_expire, ip6frag_expire_frag_queue
      sendIcmpError(m, p, p.family === 4 ? ICMP.timeExceeded : ICMPV6.timeExceeded, REASSEMBLY_TIME_EXCEEDED, 0);
    }
    end(m, p);
  }
}

/** The run is over: what still waits has not got anywhere. */
export function endHeld(m: Machine): void {
  for (let p = m.routing.takeWaiting(); p !== null; p = m.routing.takeWaiting()) {
    drop(p, 'NeighborUnreachable', 'NEIGH_FAILED');
    // nothing has dropped it yet
    p.reason = -1;
    end(m, p);
  }
  m.conntrack.fragments.advance(Infinity);
  for (const p of m.conntrack.fragments.takeFinished()) end(m, p);
}

function end(m: Machine, p: PacketContext): void {
  p.machine = m.id;
  p.stage = STAGE_END;
  runStages(m, p);
}
