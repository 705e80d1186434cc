/** `recent` (net/netfilter/xt_recent.c recent_mt; 6.18). */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import type { AddressTable, PacketContext } from '../../packet/index.js';
import { HZ, jiffies } from '../../conntrack/index.js';
import type { Evaluate } from './answer.js';
import { NO_MASK, type RecentEntry } from './recent-list.js';

const SET_BIT = bitIn('recent', 'set');
const CHECK_BIT = bitIn('recent', 'rcheck');
const UPDATE_BIT = bitIn('recent', 'update');
const REMOVE_BIT = bitIn('recent', 'remove');
const REAP_BIT = bitIn('recent', 'reap');
const TTL_BIT = bitIn('recent', 'rttl');
const DESTINATION_BIT = bitIn('recent', 'rdest');
const MASK_BIT = bitIn('recent', 'mask');
const NAME_BIT = bitIn('recent', 'name');
const SECONDS = fieldIn('recent', 'seconds');
const HITCOUNT = fieldIn('recent', 'hitcount');
const NAME = fieldIn('recent', 'name');
const MASK = fieldIn('recent', 'mask');

export const matchRecent: Evaluate = (m, p, code, at) => {
  const { netfilter, environment } = m;
  m.environment.effects.refuse();
  const given = code[at + RECORD_GIVEN];
  const now = jiffies(environment.now);
  // The TTL as it was before this machine forwarded the packet
  const ttl = netfilter.outputName >= 0 && !p.isLocal ? p.ttl + 1 : p.ttl;
  const name = (given & NAME_BIT) !== 0 ? code[at + NAME] : environment.words.id('DEFAULT');
  const list = netfilter.recent.list(name, code[at + HITCOUNT]);
  // The mask is the list's: that of the rule which names it first (recent_mt_check)
  if (list.mask === null) list.mask = (given & MASK_BIT) !== 0 ? code[at + MASK] : NO_MASK;
  let address = (given & DESTINATION_BIT) !== 0 ? p.destination : p.source;
  if (list.mask !== NO_MASK) address = masked(environment.addresses, p, address, list.mask);
  const entry = list.find(p.family, address, (given & TTL_BIT) !== 0 ? ttl : 0);
  let answer = code[at + RECORD_INVERTED] !== 0;
  if (entry === null) {
    if ((given & SET_BIT) === 0) return answer;
    list.add(p.family, address, ttl, now);
    return !answer;
  }
  if ((given & SET_BIT) !== 0) answer = !answer;
  else if ((given & REMOVE_BIT) !== 0) {
    list.remove(entry);
    return !answer;
  } else if ((given & (CHECK_BIT | UPDATE_BIT)) !== 0) {
    const before = now - code[at + SECONDS] * HZ;
    if (isHit(entry, code[at + SECONDS], before, code[at + HITCOUNT])) answer = !answer;
    if ((given & REAP_BIT) !== 0) list.reap(before, (given & UPDATE_BIT) !== 0 && answer ? entry : null);
  }
  if ((given & SET_BIT) !== 0 || ((given & UPDATE_BIT) !== 0 && answer)) {
    if (list.entries.includes(entry)) list.touch(entry, ttl, now);
  }
  return answer;
};

function isHit(entry: RecentEntry, seconds: number, before: number, hitcount: number): boolean {
  let hits = 0;
  for (const stamp of entry.stamps) {
    if (seconds !== 0 && before > stamp) continue;
    if (hitcount === 0 || ++hits >= hitcount) return true;
  }
  return false;
}

function masked(addresses: AddressTable, p: PacketContext, address: number, mask: number): number {
  if (p.family === 4) return address & mask;
  return addresses.intern6(
    addresses.word6(address, 0) & addresses.word6(mask, 0),
    addresses.word6(address, 1) & addresses.word6(mask, 1),
    addresses.word6(address, 2) & addresses.word6(mask, 2),
    addresses.word6(address, 3) & addresses.word6(mask, 3),
  );
}
