/** `ip route` and `ip rule` carried out. */
import { parseAddress, parsePrefix } from '@worldline/model';
import type { NexthopSpec, RouteFilter, RouteSpec, RuleSpec } from '@worldline/language';
import { SCOPE_HOST, SCOPE_LINK, SCOPE_NOWHERE, SCOPE_UNIVERSE, samePrefix } from '../interface/index.js';
import {
  EMPTY_RULE,
  PROTOCOL_BOOT,
  PROTOCOL_KERNEL,
  RTN_ANYCAST,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_UNICAST,
  TABLE_LOCAL,
  TABLE_MAIN,
  addRoute,
  addRule,
  defaultPriority,
  deleteRoute,
  deleteRule,
  removeRoutes,
  routePreference,
  routeTypeNumber,
  type Nexthop,
  type PolicyRule,
  type Route,
  type RouteAction,
} from '../routing/index.js';
import { done, refused, type CommandResult } from './command-result.js';
import { noDevice } from './ip-link.js';
import type { NetworkCommandMachine } from './network-machine.js';

const METRIC_USER_6 = 1024;

export function changeRoute(m: NetworkCommandMachine, action: RouteAction | 'delete', spec: RouteSpec): CommandResult {
  for (const hop of spec.nexthops) if (hop.device !== null && m.interfaces.find(hop.device) < 0) return noDevice(hop.device);
  const fault = action === 'delete' ? deleteOne(m, spec) : addRoute(m, routeOf(m, spec), action);
  return fault === null ? done() : refused(fault, 2);
}

/** What was not written is filled in as iproute_modify does. */
function routeOf(m: NetworkCommandMachine, spec: RouteSpec): Route {
  const type = spec.type === null ? RTN_UNICAST : routeTypeNumber(spec.type);
  const { addresses } = m.environment;
  return {
    family: spec.family,
    type,
    destination: addresses.handle({ ...spec.destination.address, family: spec.family }),
    prefixLength: spec.destination.length,
    table: spec.table === null || spec.table === 0 ? defaultTable(type, spec) : spec.table,
    protocol: spec.protocol ?? PROTOCOL_BOOT,
    scope: spec.family === 6 ? SCOPE_UNIVERSE : (spec.scope ?? defaultScope(type, spec.nexthops)),
    preferredSource: handleOf(m, spec.preferredSource),
    metric: spec.metric === null || (spec.family === 6 && spec.metric === 0) ? (spec.family === 6 ? METRIC_USER_6 : 0) : spec.metric,
    tos: spec.tos & 0xfc,
    mtu: spec.mtu ?? 0,
    isMtuLocked: spec.isMtuLocked,
    hopLimit: spec.hopLimit ?? 0,
    preference: routePreference(spec.preference),
    nexthops: spec.nexthops.map((h) => nexthopOf(m, h)),
    extras: {},
  };
}

function defaultTable(type: number, spec: RouteSpec): number {
  const isLocalKind = type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_NAT || type === RTN_ANYCAST;
  return spec.type !== null && isLocalKind ? TABLE_LOCAL : TABLE_MAIN;
}

function defaultScope(type: number, nexthops: readonly NexthopSpec[]): number {
  if (type === RTN_LOCAL || type === RTN_NAT) return SCOPE_HOST;
  if (type === RTN_BROADCAST || type === RTN_MULTICAST || type === RTN_ANYCAST) return SCOPE_LINK;
  const hasGateway = nexthops.some((h) => h.gateway !== null) || nexthops.length > 1;
  return type === RTN_UNICAST && !hasGateway ? SCOPE_LINK : SCOPE_UNIVERSE;
}

function nexthopOf(m: NetworkCommandMachine, hop: NexthopSpec): Nexthop {
  return { gateway: handleOf(m, hop.gateway), device: hop.device === null ? -1 : m.interfaces.find(hop.device), weight: hop.weight, isOnLink: hop.isOnLink, isDead: false };
}

function handleOf(m: NetworkCommandMachine, text: string | null): number {
  const address = text === null ? null : parseAddress(text);
  return address ? m.environment.addresses.handle(address) : 0;
}

function deleteOne(m: NetworkCommandMachine, spec: RouteSpec): string | null {
  const type = spec.type === null ? null : routeTypeNumber(spec.type);
  const [hop] = spec.nexthops;
  return deleteRoute(m, {
    family: spec.family,
    table: spec.table ?? defaultTable(type ?? RTN_UNICAST, spec),
    destination: m.environment.addresses.handle({ ...spec.destination.address, family: spec.family }),
    prefixLength: spec.destination.length,
    type,
    tos: spec.tos & 0xfc,
    scope: spec.scope === SCOPE_NOWHERE || spec.family === 6 ? null : spec.scope,
    protocol: spec.protocol,
    metric: spec.metric,
    preferredSource: spec.preferredSource === null ? null : handleOf(m, spec.preferredSource),
    gateway: hop?.gateway ? handleOf(m, hop.gateway) : null,
    device: hop?.device ? m.interfaces.find(hop.device) : null,
  });
}

/** `ip route flush`: of the main table unless told otherwise; the kernel's own routes only where they are asked for. */
export function flushRoutes(m: NetworkCommandMachine, filter: RouteFilter): CommandResult {
  if (filter.isCache) {
    m.routing.pathMtus.clear(filter.family);
    m.routing.changed();
    return done();
  }
  const device = filter.device === null ? -1 : m.interfaces.find(filter.device);
  if (filter.device !== null && device < 0) return noDevice(filter.device);
  const { addresses } = m.environment;
  const table = filter.table ?? TABLE_MAIN;
  const type = filter.type === null ? null : routeTypeNumber(filter.type);
  removeRoutes(m, filter.family, (r) => {
    if (table >= 0 && r.table !== table) return false;
    if (type !== null && r.type !== type) return false;
    if (filter.protocol !== null && r.protocol !== filter.protocol) return false;
    if (filter.scope !== null && r.scope !== filter.scope) return false;
    if (device >= 0 && !r.nexthops.some((h) => h.device === device)) return false;
    if (filter.gateway !== null && !r.nexthops.some((h) => h.gateway === handleOf(m, filter.gateway))) return false;
    if (filter.destination !== null) {
      const wanted = addresses.handle({ ...filter.destination.address, family: filter.family });
      const { length } = filter.destination;
      if (filter.isRoot ? r.prefixLength < length : r.prefixLength !== length) return false;
      if (!samePrefix(addresses, filter.family, r.destination, wanted, length)) return false;
    }
    // IPv6's local table is the kernel's alone unless a filter names it
    return !(filter.family === 6 && table < 0 && r.protocol === PROTOCOL_KERNEL && r.table === TABLE_LOCAL);
  });
  return done();
}

export function changeRule(m: NetworkCommandMachine, action: 'add' | 'delete', spec: RuleSpec): CommandResult {
  const rules = m.routing.fib(spec.family).rules;
  const wanted = ruleOf(m, spec, spec.priority ?? defaultPriority(rules));
  const fault = action === 'add' ? addRule(m, wanted) : deleteRule(m, spec.family, (r) => isNamed(r, wanted, spec));
  return fault === null ? done() : refused(fault, 2);
}

function ruleOf(m: NetworkCommandMachine, spec: RuleSpec, priority: number): PolicyRule {
  const { addresses, interfaceNames } = m.environment;
  const source = spec.source === null ? null : parsePrefix(spec.source);
  const destination = spec.destination === null ? null : parsePrefix(spec.destination);
  const hasMark = spec.mark !== null;
  return {
    ...EMPTY_RULE,
    family: spec.family,
    priority,
    isInverted: spec.isInverted,
    source: source ? addresses.handle(source.address) : 0,
    sourceLength: source ? source.length : -1,
    destination: destination ? addresses.handle(destination.address) : 0,
    destinationLength: destination ? destination.length : -1,
    inputName: spec.inputInterface === null ? -1 : interfaceNames.id(spec.inputInterface),
    outputName: spec.outputInterface === null ? -1 : interfaceNames.id(spec.outputInterface),
    mark: spec.mark ?? 0,
    markMask: hasMark ? (spec.markMask ?? -1) : 0,
    tos: spec.tos & 0xfc,
    protocol: spec.protocol ?? 0,
    sourcePorts: spec.sourcePorts,
    destinationPorts: spec.destinationPorts,
    uidRange: spec.uidRange,
    action: spec.action ?? 'table',
    table: spec.action === null ? TABLE_MAIN : spec.table,
    suppressPrefixLength: spec.suppressPrefixLength ?? -1,
    suppressGroup: spec.suppressGroup ?? -1,
    isL3mdev: spec.isL3mdev,
  };
}

/** rule_find: what was given must agree, what was not may be anything. */
function isNamed(rule: PolicyRule, wanted: PolicyRule, spec: RuleSpec): boolean {
  const samePorts = (a: readonly [number, number] | null, b: readonly [number, number] | null): boolean => b === null || (a !== null && a[0] === b[0] && a[1] === b[1]);
  return (
    (spec.priority === null || rule.priority === wanted.priority) &&
    (spec.action === null || (rule.action === wanted.action && rule.table === wanted.table)) &&
    (spec.source === null || (rule.source === wanted.source && rule.sourceLength === wanted.sourceLength)) &&
    (spec.destination === null || (rule.destination === wanted.destination && rule.destinationLength === wanted.destinationLength)) &&
    (spec.inputInterface === null || rule.inputName === wanted.inputName) &&
    (spec.outputInterface === null || rule.outputName === wanted.outputName) &&
    (spec.mark === null || rule.mark === wanted.mark) &&
    (spec.markMask === null || rule.markMask === wanted.markMask) &&
    (spec.tos === 0 || rule.tos === wanted.tos) &&
    (spec.protocol === null || rule.protocol === wanted.protocol) &&
    (spec.suppressGroup === null || rule.suppressGroup === wanted.suppressGroup) &&
    (spec.suppressPrefixLength === null || rule.suppressPrefixLength === wanted.suppressPrefixLength) &&
    (!spec.isL3mdev || rule.isL3mdev) &&
    samePorts(rule.sourcePorts, spec.sourcePorts) &&
    samePorts(rule.destinationPorts, spec.destinationPorts) &&
    samePorts(rule.uidRange, spec.uidRange)
  );
}
