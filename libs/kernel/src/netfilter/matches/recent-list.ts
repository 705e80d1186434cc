/** The lists of xt_recent (net/netfilter/xt_recent.c; 6.18): addresses, least recently seen first, with the moments at which each was seen. */
import type { RecentCapture } from '@worldline/model';
import { parseAddress } from '@worldline/model';
import type { AddressTable } from '../../packet/index.js';
import type { Environment } from '../../record/index.js';

const MICROSECONDS_PER_JIFFY = 4000;

/** ip_list_tot. */
const LONGEST_LIST = 100;
/** Stamps kept of an address unless a rule's hitcount wants more: nstamps_max_mask + 1. */
const STAMPS = 32;

/** A list whose addresses are whole. */
export const NO_MASK = -1;

export interface RecentEntry {
  readonly family: number;
  readonly address: number;
  ttl: number;
  /** Jiffies; as many as were taken, at most the list's, overwritten in turn. */
  stamps: number[];
  index: number;
}

class RecentList {
  entries: RecentEntry[] = [];
  stampsKept = STAMPS;
  /** Address word or handle; null before a rule has named the list. */
  mask: number | null = null;

  find(family: number, address: number, ttl: number): RecentEntry | null {
    for (const e of this.entries) {
      if (e.family === family && e.address === address && (ttl === 0 || e.ttl === 0 || e.ttl === ttl)) return e;
    }
    return null;
  }

  add(family: number, address: number, ttl: number, now: number): RecentEntry {
    if (this.entries.length >= LONGEST_LIST) this.entries.shift();
    const entry: RecentEntry = { family, address, ttl, stamps: [now], index: 1 };
    this.entries.push(entry);
    return entry;
  }

  remove(entry: RecentEntry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }

  /** recent_entry_update. */
  touch(entry: RecentEntry, ttl: number, now: number): void {
    entry.index %= this.stampsKept;
    entry.stamps[entry.index++] = now;
    entry.ttl = ttl;
    this.remove(entry);
    this.entries.push(entry);
  }

  /** recent_entry_reap: the least recently seen address goes when its last stamp is older, but not the one that is about to be updated. */
  reap(before: number, working: RecentEntry | null): void {
    const oldest = this.entries[0];
    if (oldest && oldest !== working && before > oldest.stamps[oldest.index - 1]) this.remove(oldest);
  }

  fork(): RecentList {
    const copy = new RecentList();
    copy.entries = this.entries.map((e) => ({ ...e, stamps: e.stamps.slice() }));
    copy.stampsKept = this.stampsKept;
    copy.mask = this.mask;
    return copy;
  }
}

export class RecentLists {
  private readonly byName = new Map<number, RecentList>();

  constructor(private readonly environment: Environment) {}

  /** The list by its name's id; made when a rule first names it. */
  list(nameId: number, hitcount: number): RecentList {
    let list = this.byName.get(nameId);
    if (!list) {
      list = new RecentList();
      this.byName.set(nameId, list);
    }
    if (hitcount > list.stampsKept) {
      // A rule that wants longer memories empties the list (recent_mt_check)
      list.entries = [];
      list.stampsKept = 1 << (32 - Math.clz32(hitcount - 1));
    }
    return list;
  }

  /** Puts captured entries into their lists; stamps are microseconds before now. */
  load(captures: readonly RecentCapture[]): void {
    const { words, addresses } = this.environment;
    for (const capture of captures) {
      const { entries } = this.list(words.id(capture.list), 0);
      const address = parseAddress(capture.source);
      const stamps = capture.stamps.map((us) => -Math.round(us / MICROSECONDS_PER_JIFFY)).reverse();
      if (!address || stamps.length === 0) continue;
      entries.push({ family: address.family, address: addresses.handle(address), ttl: capture.ttl, stamps, index: stamps.length });
      entries.sort((a, b) => a.stamps[a.index - 1] - b.stamps[b.index - 1]);
    }
  }

  /** Every list and what stands in it, as /proc/net/xt_recent would show at `now` (jiffies). `named` are the lists of all rules: they are there although nobody met them. */
  capture(now: number, named: Iterable<string>): { names: string[]; entries: RecentCapture[] } {
    const { words, addresses } = this.environment;
    const names = [...new Set([...named, ...[...this.byName.keys()].map((id) => words.name(id))])].sort();
    const entries = names.flatMap((name) =>
      this.list(words.id(name), 0).entries.map((e) => ({
        list: name,
        source: e.family === 4 ? addresses.format(4, e.address) : spelledOut(addresses, e.address),
        ttl: e.ttl,
        stamps: [...e.stamps].sort((x, y) => y - x).map((stamp) => (now - stamp) * MICROSECONDS_PER_JIFFY),
      })),
    );
    return { names, entries };
  }

  fork(): RecentLists {
    const copy = new RecentLists(this.environment);
    for (const [name, list] of this.byName) copy.byName.set(name, list.fork());
    return copy;
  }
}

/** %pI6: no zero is left out. */
function spelledOut(addresses: AddressTable, handle: number): string {
  const groups = [0, 1, 2, 3].flatMap((i) => {
    const word = addresses.word6(handle, i) >>> 0;
    return [word >>> 16, word & 0xffff];
  });
  return groups.map((g) => g.toString(16).padStart(4, '0')).join(':');
}
