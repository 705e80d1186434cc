/** The first packet of an exchange that got nowhere. */
import type { MachineName, ObservedDeath, ObservedSocket, RecordedStep } from '@worldline/model';
import type { PacketGroup, SeenDrop } from './groups.js';
import { whatOf } from './identity.js';

export interface Ended {
  readonly delivered: readonly ObservedSocket[];
  readonly from: MachineName;
  /** What the first packet of the exchange is called. */
  readonly first: string;
  readonly isHandMade: boolean;
  /** Machines of the stage that are no machines of the bundle: what is dropped there was lost outside. */
  readonly isOutside: (machine: MachineName) => boolean;
}

/** A frame for somebody else that a promiscuous device saw is no loss. */
const NO_LOSS = 'OTHERHOST';

export function findDeath(groups: readonly PacketGroup[], ended: Ended): ObservedDeath | null {
  const candidates = groups
    .map((group) => ({ what: whatOf(group.kind), group }))
    .filter(({ what, group }) => !(what.startsWith('request') && ended.delivered.length > 0) && !((what === 'ack' || what === 'server-ack') && group.drops.length === 0));
  const inOrder = [...candidates.filter(({ what }) => what !== 'icmp-error'), ...candidates.filter(({ what }) => what === 'icmp-error')];
  for (const { what, group } of inOrder) if (group.drops.length > 0 && what !== 'client-rst') return dropped(what, group, ended);
  if (ended.isHandMade && inOrder.some(({ group }) => group.hops.length > 0)) return null;
  const last = inOrder.filter(({ what, group }) => group.hops.length > 0 && what !== 'client-rst' && what !== 'icmp-error').at(-1);
  if (last) return { what: last.what, ns: (last.group.hops.at(-1) as { ns: string }).ns, reason: null, ...lastHop(last.group) };
  if (ended.delivered.length > 0) return { what: 'reply', ns: ended.delivered[0]?.ns ?? ended.from, reason: null };
  return { what: ended.first, ns: ended.from, reason: null };
}

function dropped(what: string, group: PacketGroup, { isOutside }: Ended): ObservedDeath {
  const drop = group.drops.find(({ reason }) => reason !== NO_LOSS) ?? (group.drops[0] as SeenDrop);
  const rule = group.steps.find((s) => s.machine === drop.machine && (s.verdict === 'drop' || (s.type === 'policy' && s.policy === 'drop')));
  return {
    what,
    ...(isOutside(drop.machine) ? { ns: 'fabric', reason: 'LOST_OUTSIDE' } : { ns: drop.machine, reason: drop.reason, function: drop.caller }),
    ...lastHop(group),
    ...(rule ? { rule: ruleOf(rule) } : {}),
  };
}

function lastHop(group: PacketGroup): { lastHop?: string } {
  const hop = group.hops.at(-1);
  return hop ? { lastHop: `${hop.ns} ${hop.iface} ${hop.dir}` } : {};
}

function ruleOf({ table, chain, type, number, isReject }: RecordedStep): NonNullable<ObservedDeath['rule']> {
  if (type !== 'rule') return { table, chain, policy: 'DROP' };
  return { table, chain, ...(number === null ? {} : { number }), text: isReject ? '-j REJECT' : '-j DROP' };
}
