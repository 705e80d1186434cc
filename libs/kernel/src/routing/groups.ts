/** Multicast groups that a machine has joined by itself; sockets join none here (ip_check_mc_rcu, ipv6_chk_mcast_addr; Linux 6.18). */
import type { Family } from '@worldline/model';
import { CONF_FORWARDING } from '../sysctl/index.js';
import { RTN_ANYCAST } from './route.js';
import type { RoutingMachine } from './routing-state.js';

const ALL_HOSTS = (0xe0000001 | 0);

/** Whether the interface takes what is sent to a group: all hosts, all routers, and the solicited-node groups of its addresses. */
export function isGroupMember(m: RoutingMachine, family: Family, device: number, group: number): boolean {
  if (family === 4) return group === ALL_HOSTS;
  const { addresses } = m.environment;
  const first = addresses.word6(group, 0) >>> 16;
  const w1 = addresses.word6(group, 1);
  const w2 = addresses.word6(group, 2);
  const last = addresses.word6(group, 3);
  if ((addresses.word6(group, 0) & 0xffff) !== 0 || w1 !== 0) return false;
  if (w2 === 0 && last === 1) return first === 0xff01 || first === 0xff02;
  if (w2 === 0 && last === 2) return (first === 0xff01 || first === 0xff02 || first === 0xff05) && m.sysctl.conf(6, device, CONF_FORWARDING) !== 0;
  if (first !== 0xff02 || w2 !== 1 || last >>> 24 !== 0xff) return false;
  const suffix = last & 0xffffff;
  for (const own of m.interfaces.list[device].addresses) {
    if (own.family === 6 && (addresses.word6(own.handle, 3) & 0xffffff) === suffix) return true;
  }
  for (const route of m.routing.fib6.routes) {
    if (route.type === RTN_ANYCAST && route.nexthops[0]?.device === device && (addresses.word6(route.destination, 3) & 0xffffff) === suffix) return true;
  }
  return false;
}

/** The groups of an interface that are told to routers: all but those of all nodes and of the interface itself (mld_send_report). */
export function reportedGroups(m: RoutingMachine, device: number): readonly number[] {
  const { addresses } = m.environment;
  const own = m.interfaces.list[device];
  if (!own.isUp || own.kind === 'loopback') return [];
  const groups = new Set<number>();
  const addSolicited = (handle: number): void => void groups.add(addresses.intern6(0xff020000 | 0, 0, 1, 0xff000000 | (addresses.word6(handle, 3) & 0xffffff)));
  for (const address of own.addresses) if (address.family === 6) addSolicited(address.handle);
  for (const route of m.routing.fib6.routes) if (route.type === RTN_ANYCAST && route.nexthops[0]?.device === device) addSolicited(route.destination);
  const hasIpv6 = groups.size > 0;
  if (hasIpv6 && m.sysctl.conf(6, device, CONF_FORWARDING) !== 0) {
    groups.add(addresses.intern6(0xff020000 | 0, 0, 0, 2));
    groups.add(addresses.intern6(0xff050000 | 0, 0, 0, 2));
  }
  return [...groups];
}
