/**
 * Reassembly of IPv4 and IPv6 datagrams: net/ipv4/ip_fragment.c, net/ipv6/netfilter/nf_conntrack_reasm.c and
 * net/ipv4/inet_fragment.c (Linux 6.18).
 *
 * A fragment that has to wait is kept (STOLEN). The packet that completes a datagram goes on as the whole of it, with the headers of its
 * first fragment. The others come out of `takeFinished`, and so do those whose datagram was given up, with the reason they died of.
 */
import type { Family } from '@worldline/model';
import {
  ACCEPT,
  EXTENSION_FRAGMENT,
  LOCAL_OUT,
  STOLEN,
  type PacketContext,
  type PacketPool,
} from '../packet/index.js';
import { DISPOSITION, FRAGMENT_REASSEMBLED, FRAGMENT_WAITING, STEP_FRAGMENT, WHAT_FRAGMENT, WHAT_REPLY, WHAT_REQUEST, drop, type Environment } from '../record/index.js';
import { HZ } from './constants.js';
import { SETTING_FRAG6, SETTING_IP6FRAG_TIME, SETTING_IPFRAG_TIME } from './settings.js';

/** Who reassembles: fragments of different users never meet (enum ip_defrag_users). */
const USER_LOCAL = 0;
const USER_CONNTRACK_IN = 1;
const USER_CONNTRACK_OUT = 2;
const USER_BRIDGE = 3;

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
/** Position of `reply` in a packet's `about`. */
const ABOUT_REPLY = 2;
const FRAGMENT_HEADER = 8;

interface Queue {
  readonly family: Family;
  readonly user: number;
  readonly zone: number;
  readonly source: number;
  readonly destination: number;
  /** IPv4 alone. */
  readonly protocol: number;
  readonly ipId: number;
  /** Microseconds. */
  readonly deadline: number;
  /** By offset, none overlapping. */
  readonly fragments: PacketContext[];
  /** Bytes after the IP header of the whole datagram, -1 while its last fragment is missing. */
  total: number;
}

export class FragmentQueues {
  private readonly queues: Queue[] = [];
  private finished: PacketContext[] = [];

  /** nf_defrag_ipv4 and nf_defrag_ipv6, at priority -400 of PREROUTING and OUTPUT. */
  defragment(environment: Environment, p: PacketContext, hook: number, settings: Int32Array): number {
    if (!isFragment(p)) return ACCEPT;
    const user = hook === LOCAL_OUT ? USER_CONNTRACK_OUT : p.isBridged ? USER_BRIDGE : USER_CONNTRACK_IN;
    const setting = p.family === 4 ? SETTING_IPFRAG_TIME : SETTING_FRAG6;
    return this.add(environment, p, user, settings[setting]);
  }

  /** ip_local_deliver and ipv6_frag_rcv: the end of a datagram's way, where nobody has put it together before. */
  reassemble(environment: Environment, p: PacketContext, settings: Int32Array): number {
    if (!isFragment(p)) return ACCEPT;
    return this.add(environment, p, USER_LOCAL, settings[p.family === 4 ? SETTING_IPFRAG_TIME : SETTING_IP6FRAG_TIME]);
  }

  /** When a datagram will be given up, in microseconds; Infinity while none is waited for. */
  nextTimer(): number {
    return this.queues.reduce((next, queue) => Math.min(next, queue.deadline), Infinity);
  }

  /** Gives up datagrams whose time is over; their fragments come out of `takeFinished`. */
  advance(now: number): void {
    for (let i = this.queues.length - 1; i >= 0; i--) {
      if (this.queues[i].deadline <= now) this.giveUp(this.queues[i]);
    }
  }

  /**
   * Packets that were kept and are not any more, to be ended by the caller: merged into a whole (`disposition` Accepted) or lost. The
   * first fragment of a datagram that ran out of time may draw an ICMP error (time exceeded, code 1).
   */
  takeFinished(): PacketContext[] {
    const { finished } = this;
    if (finished.length > 0) this.finished = [];
    return finished;
  }

  fork(pool: PacketPool): FragmentQueues {
    const copyOf = (p: PacketContext): PacketContext => {
      const copy = pool.take();
      copy.copy(p, pool);
      return copy;
    };
    const fork = new FragmentQueues();
    for (const queue of this.queues) fork.queues.push({ ...queue, fragments: queue.fragments.map(copyOf) });
    fork.finished = this.finished.map(copyOf);
    return fork;
  }

  private add(environment: Environment, p: PacketContext, user: number, timeout: number): number {
    if (p.family === 6 && !p.hasMoreFragments && p.fragmentOffset === 0) return makeWhole(p); // an atomic fragment
    const queue = this.queueOf(p, user) ?? this.open(environment, p, user, timeout);
    const offset = p.fragmentOffset;
    const end = offset + bodyLength(p);
    const isLastBad = !p.hasMoreFragments && (queue.total >= 0 ? queue.total !== end : end < reachOf(queue));
    if (isLastBad || (queue.total >= 0 && end > queue.total)) return this.refuse(queue, p);
    const { fragments } = queue;
    let at = fragments.length;
    while (at > 0 && fragments[at - 1].fragmentOffset > offset) at--;
    const before = at > 0 ? fragments[at - 1] : null;
    const after = at < fragments.length ? fragments[at] : null;
    if (before !== null && endOf(before) > offset) return isCovered(fragments, offset, end) ? drop(p, 'LostOnLink', 'NOT_SPECIFIED') : this.refuse(queue, p);
    if (after !== null && after.fragmentOffset < end) return this.refuse(queue, p);
    fragments.splice(at, 0, p);
    if (!p.hasMoreFragments) queue.total = end;
    const { recorder } = environment;
    if (queue.total < 0 || !isComplete(queue)) {
      recorder.step2(p, STEP_FRAGMENT, FRAGMENT_WAITING, bodyLength(p));
      return STOLEN;
    }
    this.queues.splice(this.queues.indexOf(queue), 1);
    this.merge(queue, p);
    recorder.step2(p, STEP_FRAGMENT, FRAGMENT_REASSEMBLED, p.length);
    return ACCEPT;
  }

  private queueOf(p: PacketContext, user: number): Queue | undefined {
    return this.queues.find(
      (q) =>
        q.ipId === p.ipId &&
        q.source === p.source &&
        q.destination === p.destination &&
        q.family === p.family &&
        q.user === user &&
        q.zone === p.conntrackZone &&
        (q.family === 6 || q.protocol === p.protocol),
    );
  }

  private open(environment: Environment, p: PacketContext, user: number, timeout: number): Queue {
    const queue: Queue = {
      family: p.family,
      user,
      zone: p.conntrackZone,
      source: p.source,
      destination: p.destination,
      protocol: p.protocol,
      ipId: p.ipId,
      deadline: environment.now + (timeout / HZ) * 1_000_000,
      fragments: [],
      total: -1,
    };
    this.queues.push(queue);
    environment.effects.due(queue.deadline);
    return queue;
  }

  /** ip_frag_reasm: `p`, which came last, becomes the whole. */
  private merge(queue: Queue, p: PacketContext): void {
    let largest = 0;
    let largestUncut = 0; // of those with DF
    for (const fragment of queue.fragments) {
      largest = Math.max(largest, fragment.length);
      if (fragment.isDontFragment) largestUncut = Math.max(largestUncut, fragment.length);
      if (fragment === p) continue;
      fragment.disposition = DISPOSITION.Accepted;
      this.finished.push(fragment);
    }
    const first = queue.fragments[0];
    const { inner } = p;
    if (first !== p) {
      p.copyHeaders(first);
      p.inner = inner;
      p.mark = first.mark;
    }
    p.length = (p.family === 4 ? IPV4_HEADER : IPV6_HEADER) + queue.total;
    p.isDontFragment = largestUncut === largest && p.family === 4;
    p.fragmentOffset = 0;
    p.hasMoreFragments = false;
    p.largestFragment = largest;
    if (p.what === WHAT_FRAGMENT) p.what = p.about === ABOUT_REPLY ? WHAT_REPLY : WHAT_REQUEST;
  }

  /** Fragments that contradict each other: the whole datagram is lost (RFC 5722, inet_frag_queue_insert). */
  private refuse(queue: Queue, p: PacketContext): number {
    this.giveUp(queue);
    return drop(p, 'LostOnLink', 'NOT_SPECIFIED');
  }

  private giveUp(queue: Queue): void {
    this.queues.splice(this.queues.indexOf(queue), 1);
    for (const fragment of queue.fragments) {
      drop(fragment, 'LostOnLink', 'FRAG_REASM_TIMEOUT');
      this.finished.push(fragment);
    }
  }
}

function isFragment(p: PacketContext): boolean {
  return p.hasMoreFragments || p.fragmentOffset > 0 || (p.family === 6 && hasFragmentHeader(p.extensions));
}

function hasFragmentHeader(extensions: number): boolean {
  for (let rest = extensions; rest !== 0; rest >>>= 4) if ((rest & 15) === EXTENSION_FRAGMENT) return true;
  return false;
}

/** An atomic fragment loses its header and nothing else. */
function makeWhole(p: PacketContext): number {
  let kept = 0;
  let shift = 0;
  for (let rest = p.extensions; rest !== 0; rest >>>= 4) {
    if ((rest & 15) === EXTENSION_FRAGMENT) {
      p.length -= FRAGMENT_HEADER;
      continue;
    }
    kept |= (rest & 15) << shift;
    shift += 4;
  }
  p.largestFragment = p.length + FRAGMENT_HEADER;
  p.extensions = kept;
  return ACCEPT;
}

/** Bytes of the datagram that a fragment carries. */
function bodyLength(p: PacketContext): number {
  return p.length - (p.family === 4 ? IPV4_HEADER : IPV6_HEADER + FRAGMENT_HEADER);
}

function endOf(p: PacketContext): number {
  return p.fragmentOffset + bodyLength(p);
}

/** How far the fragments reach that are there. */
function reachOf(queue: Queue): number {
  const { fragments } = queue;
  return fragments.length === 0 ? 0 : endOf(fragments[fragments.length - 1]);
}

/** Whether all of a range is there already: a duplicate, which alone is dropped. */
function isCovered(fragments: readonly PacketContext[], offset: number, end: number): boolean {
  let reach = -1;
  for (const fragment of fragments) {
    if (fragment.fragmentOffset > Math.max(reach, offset)) break;
    if (endOf(fragment) > offset) reach = Math.max(reach, endOf(fragment));
  }
  return reach >= end;
}

function isComplete(queue: Queue): boolean {
  let reach = 0;
  for (const fragment of queue.fragments) {
    if (fragment.fragmentOffset !== reach) return false;
    reach = endOf(fragment);
  }
  return reach === queue.total;
}
