/**
 * MLDv2 reports of groups that a machine joins and leaves by itself: all routers when it begins to forward, the solicited-node groups of its addresses
 * (net/ipv6/mcast.c: igmp6_group_added, igmp6_group_dropped, mld_ifc_event, mld_send_cr; Linux 6.18). They count in ip6tables like any other packet.
 *
 * A change is reported at once and once more within a second (mc_qrv is 2); changes that meet go into one report.
 */
import type { Random } from '@worldline/model';

/** mc_qrv: how often a change is told. */
const ROBUSTNESS = 2;
/** unsolicited_report_interval of MLDv2, in microseconds. */
const INTERVAL = 1_000_000;
/** The first report goes out with the next jiffy. */
const JIFFY = 4_000;

export interface GroupReport {
  readonly device: number;
  /** Groups that have changed: 20 bytes each. */
  readonly records: number;
}

interface Pending {
  /** Group to how often its change is still to be told. */
  readonly groups: Map<number, number>;
  /** How many reports are to come. */
  left: number;
  due: number;
}

export class GroupReports {
  private readonly pending = new Map<number, Pending>();
  private readonly ready: GroupReport[] = [];

  /** Groups of an interface have changed. */
  change(device: number, groups: readonly number[], now: number): void {
    if (groups.length === 0) return;
    const entry = this.pending.get(device) ?? { groups: new Map<number, number>(), left: 0, due: 0 };
    for (const group of groups) entry.groups.set(group, ROBUSTNESS);
    entry.left = ROBUSTNESS;
    entry.due = now + JIFFY;
    this.pending.set(device, entry);
  }

  /** The interface is gone or down: nothing is told any more. */
  forget(device: number): void {
    this.pending.delete(device);
  }

  nextTimer(): number {
    let earliest = Infinity;
    for (const { due } of this.pending.values()) if (due < earliest) earliest = due;
    return earliest;
  }

  advance(now: number, random: Random): void {
    for (const [device, entry] of this.pending) {
      if (entry.due > now) continue;
      this.ready.push({ device, records: entry.groups.size });
      for (const [group, left] of entry.groups) {
        if (left > 1) entry.groups.set(group, left - 1);
        else entry.groups.delete(group);
      }
      entry.left--;
      if (entry.left === 0) this.pending.delete(device);
      else entry.due = now + JIFFY + random.below(INTERVAL);
    }
  }

  /** A report that is to be sent now, null for none. */
  take(): GroupReport | null {
    return this.ready.shift() ?? null;
  }

  fork(): GroupReports {
    const copy = new GroupReports();
    for (const [device, { groups, left, due }] of this.pending) copy.pending.set(device, { groups: new Map(groups), left, due });
    copy.ready.push(...this.ready);
    return copy;
  }
}
