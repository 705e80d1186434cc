/** State as the captures that `ip` would print now, in the kernel's order. */
import { protocolName } from '@worldline/language';
import { compareAddresses, type Family, type NeighbourCapture, type NexthopCapture, type RouteCapture, type RoutingRuleCapture } from '@worldline/model';
import { SCOPE_HOST, samePrefix, scopeName } from '../interface/index.js';
import { NUD_INCOMPLETE, NUD_NONE, NUD_WORDS } from './neighbour-table.js';
import { RTN_ANYCAST, RTN_LOCAL, routePreferenceWord, routeTypeWord, type PolicyRule, type Route } from './route.js';
import type { RoutingMachine } from './routing-state.js';

/** Tables hang in 256 chains by number; within one IPv4 goes by address, the longer prefix first, IPv6 by a walk that meets subnets before what holds them. */
export function captureRoutes(m: RoutingMachine, family: Family): RouteCapture[] {
  const { addresses } = m.environment;
  const contains = (a: Route, b: Route): boolean => a.prefixLength < b.prefixLength && samePrefix(addresses, family, a.destination, b.destination, a.prefixLength);
  const compare = (a: Route, b: Route): number => {
    const tables = (a.table & 255) - (b.table & 255) || a.table - b.table;
    if (tables !== 0) return tables;
    if (family === 6 && contains(a, b)) return 1;
    if (family === 6 && contains(b, a)) return -1;
    const order = compareAddresses(addresses.value(family, a.destination), addresses.value(family, b.destination));
    return order || b.prefixLength - a.prefixLength || (family === 4 ? b.tos - a.tos : 0) || a.metric - b.metric;
  };
  return [...m.routing.fib(family).routes].sort(compare).map((r) => captureRoute(m, r));
}

function captureRoute(m: RoutingMachine, route: Route): RouteCapture {
  const { addresses } = m.environment;
  const { family } = route;
  const nameOf = (device: number): string | null => (device < 0 ? null : m.interfaces.list[device].name);
  // What ends in the machine itself does not depend on a link
  const hasLinkState = family === 4 ? route.scope < SCOPE_HOST : route.type !== RTN_LOCAL && route.type !== RTN_ANYCAST;
  const flagsOf = (device: number, isOnLink: boolean, isDead: boolean): string[] => [
    ...(isOnLink ? ['onlink'] : []),
    ...(isDead ? ['dead'] : []),
    ...(device >= 0 && hasLinkState && !m.interfaces.list[device].hasCarrier && m.interfaces.list[device].kind !== 'loopback' ? ['linkdown'] : []),
  ];
  const nexthops: NexthopCapture[] = route.nexthops.map((h) => ({
    gateway: h.gateway === 0 ? null : addresses.format(family, h.gateway),
    device: nameOf(h.device),
    weight: h.weight,
    flags: flagsOf(h.device, h.isOnLink, h.isDead),
  }));
  // What holds of every way is said of the route
  const flags = nexthops.length === 1 ? nexthops[0].flags : ['dead', 'linkdown'].filter((f) => nexthops.length > 0 && nexthops.every((h) => h.flags.includes(f)));
  const isAsCaptured = Object.keys(route.extras).length > 0 && nexthops.every((h) => h.flags.join() === (route.nexthops.length === 1 ? captured(route.extras) : h.flags).join());
  return {
    family,
    type: routeTypeWord(route.type),
    destination: `${addresses.format(family, route.destination)}/${route.prefixLength}`,
    table: route.table,
    protocol: protocolName(route.protocol),
    scope: route.scope === 0 ? null : scopeName(route.scope),
    preferredSource: route.preferredSource === 0 ? null : addresses.format(family, route.preferredSource),
    metric: route.metric,
    tos: route.tos,
    mtu: route.mtu === 0 ? null : route.mtu,
    hopLimit: route.hopLimit === 0 ? null : route.hopLimit,
    ...(family === 6 ? { preference: routePreferenceWord(route.preference) } : {}),
    flags,
    nexthops,
    raw: isAsCaptured ? route.extras : {},
  };
}

function captured(raw: Readonly<Record<string, unknown>>): readonly string[] {
  const { flags } = raw;
  return Array.isArray(flags) ? flags.map(String) : [];
}

export function captureRules(m: RoutingMachine, family: Family): RoutingRuleCapture[] {
  return m.routing.fib(family).rules.map((r) => captureRule(m, r));
}

function captureRule(m: RoutingMachine, rule: PolicyRule): RoutingRuleCapture {
  const { addresses, interfaceNames } = m.environment;
  const { family } = rule;
  const prefix = (handle: number, length: number): string | null => (length <= 0 ? null : `${addresses.format(family, handle)}/${length}`);
  return {
    family,
    priority: rule.priority,
    isInverted: rule.isInverted,
    source: prefix(rule.source, rule.sourceLength),
    destination: prefix(rule.destination, rule.destinationLength),
    inputInterface: rule.inputName < 0 ? null : interfaceNames.name(rule.inputName),
    outputInterface: rule.outputName < 0 ? null : interfaceNames.name(rule.outputName),
    mark: rule.markMask === 0 ? null : rule.mark,
    markMask: rule.markMask === 0 ? -1 : rule.markMask,
    tos: rule.tos,
    protocol: rule.protocol === 0 ? null : rule.protocol,
    sourcePorts: rule.sourcePorts,
    destinationPorts: rule.destinationPorts,
    uidRange: rule.uidRange,
    action: rule.action,
    table: rule.table,
    suppressPrefixLength: rule.suppressPrefixLength < 0 ? null : rule.suppressPrefixLength,
    isL3mdev: rule.isL3mdev,
    ...(rule.suppressGroup < 0 ? {} : { suppressGroup: rule.suppressGroup === 0 ? 'default' : String(rule.suppressGroup) }),
    raw: {},
  };
}

export function captureNeighbours(m: RoutingMachine): NeighbourCapture[] {
  const { addresses, macs } = m.environment;
  const { neighbours } = m.routing;
  const list: NeighbourCapture[] = [];
  neighbours.forEach((e) => {
    const state = neighbours.stateOf(e);
    if (state === NUD_NONE) return;
    const family = neighbours.familyOf(e);
    const mac = neighbours.macOf(e);
    list.push({
      family,
      address: addresses.format(family, neighbours.addressOf(e)),
      device: m.interfaces.list[neighbours.deviceOf(e)].name,
      mac: mac < 0 || state === NUD_INCOMPLETE ? null : macs.name(mac),
      state: NUD_WORDS[state],
      isProxy: false,
    });
  });
  return list;
}

