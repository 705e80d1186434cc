/**
 * Which of several ways a flow takes. The kernel hashes the flow with a secret of the machine; here the first packet of a flow chooses by weight, and
 * the choice is kept, which is the same to anybody who does not know the secret (fib_select_multipath, fib6_select_path; Linux 6.18).
 */
import type { Family } from '@worldline/model';
import type { PacketContext } from '../packet/index.js';
import type { Environment } from '../record/index.js';
import { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP } from '../packet/index.js';
import type { Nexthop } from './route.js';

const INITIAL = 16;

export class MultipathChoices {
  private keys = new Int32Array(INITIAL);
  private choices = new Int32Array(INITIAL).fill(-1);
  private used = 0;
  private readonly weights = new Int32Array(64);

  /** Position of the way in `nexthops`, or -1 when all are dead. */
  choose(flowHash: number, nexthops: readonly Nexthop[], { chooser }: Environment): number {
    const key = Math.imul(flowHash ^ nexthops.length, 0x9e3779b1) ^ nexthops[0].gateway ^ Math.imul(nexthops[nexthops.length - 1].gateway, 31);
    const known = this.choices[this.slotOf(key)];
    if (known >= 0 && known < nexthops.length && !nexthops[known].isDead) return known;
    const count = Math.min(nexthops.length, this.weights.length);
    let total = 0;
    for (let i = 0; i < count; i++) {
      this.weights[i] = nexthops[i].isDead ? 0 : nexthops[i].weight;
      total += this.weights[i];
    }
    if (total === 0) return -1;
    const choice = chooser.pick(this.weights, 0, count);
    this.remember(key, choice);
    return choice;
  }

  fork(): MultipathChoices {
    const copy = new MultipathChoices();
    copy.keys = this.keys.slice();
    copy.choices = this.choices.slice();
    copy.used = this.used;
    return copy;
  }

  private remember(key: number, choice: number): void {
    const at = this.slotOf(key);
    if (this.choices[at] < 0) this.used++;
    this.keys[at] = key;
    this.choices[at] = choice;
    if (2 * this.used > this.keys.length) this.grow();
  }

  private slotOf(key: number): number {
    const mask = this.keys.length - 1;
    let at = (key ^ (key >>> 16)) & mask;
    while (this.choices[at] >= 0 && this.keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { keys, choices } = this;
    this.keys = new Int32Array(2 * keys.length);
    this.choices = new Int32Array(2 * keys.length).fill(-1);
    for (let i = 0; i < keys.length; i++) {
      if (choices[i] < 0) continue;
      const at = this.slotOf(keys[i]);
      this.keys[at] = keys[i];
      this.choices[at] = choices[i];
    }
  }
}

/** What of a packet decides its way under a hash policy: addresses (0, 3), or addresses, protocol and ports (1); an ICMP error goes with what it quotes. */
export function flowHash(p: PacketContext, policy: number): number {
  const isError = p.inner !== null && p.tunnelId === 0 && (p.family === 4 ? p.protocol === 1 : p.protocol === 58);
  const of = isError && p.inner !== null ? p.inner : p;
  // ip_multipath_l3_keys: the quoted packet as it was sent, so that errors meet the router which the flow used
  if (policy === 0) return hashOf(of.family, of.source, of.destination, 0, 0);
  const inner = policy === 2 && p.inner !== null ? p.inner : of;
  const hasPorts = policy !== 2 && (inner.protocol === PROTOCOL_TCP || inner.protocol === PROTOCOL_UDP || inner.protocol === PROTOCOL_SCTP);
  return hashOf(inner.family, inner.source, inner.destination, policy === 2 ? 0 : inner.protocol, hasPorts ? (inner.sourcePort << 16) | inner.destinationPort : 0);
}

function hashOf(family: Family, source: number, destination: number, protocol: number, ports: number): number {
  let h = Math.imul(source ^ family, 0x85ebca6b) ^ Math.imul(destination, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ ports, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13) ^ protocol, 0x165667b1);
  return h ^ (h >>> 16);
}
