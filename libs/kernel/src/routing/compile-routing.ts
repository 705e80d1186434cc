/** Captured routes, rules and neighbours into state. */
import { parseAddress, parsePrefix, type Family, type Issue, type MachineCapture, type NeighbourCapture, type NexthopCapture, type RouteCapture, type RoutingRuleCapture } from '@worldline/model';
import { protocolNumber } from '@worldline/language';
import type { Environment } from '../record/index.js';
import { groupNumber, scopeNumber, type InterfaceState } from '../interface/index.js';
import { proxyKey } from './answers.js';
import { NUD_WORDS } from './neighbour-table.js';
import { RTN_LOCAL, TABLE_DEFAULT, TABLE_LOCAL, TABLE_MAIN, PROTOCOL_KERNEL, routePreference, routeTypeNumber, type Nexthop, type PolicyRule, type Route } from './route.js';
import { RoutingState } from './routing-state.js';

export interface CompiledRouting {
  readonly routing: RoutingState;
  readonly issues: readonly Issue[];
}

/** Routing of a captured machine, over interfaces that `compileInterfaces` made. */
export function compileRouting(capture: MachineCapture, interfaces: InterfaceState, environment: Environment): CompiledRouting {
  const routing = new RoutingState(environment);
  const issues: Issue[] = [];
  const problem = (file: string, message: string, word: string): void => {
    issues.push({ code: 'UnusableRoute', severity: 'warning', message, file: `${capture.folder}/${file}`, word });
  };
  for (const family of [4, 6] as const) {
    const routes: Route[] = [];
    for (const route of capture.routes) {
      if (route.family !== family) continue;
      const compiled = compileRoute(route, interfaces, environment);
      if (compiled) routes.push(compiled);
      else problem(family === 4 ? 'ip-route.json' : 'ip6-route.json', `route ${route.destination} names no interface, or an interface or address that is not there`, route.destination);
    }
    const fib = routing.fib(family);
    fib.setRoutes(routes);
    const captured = capture.routingRules.filter((r) => r.family === family).map((r) => compileRule(r, environment));
    fib.setRules(captured.length > 0 ? captured : defaultRules(family));
    fib.hasCustomRules = isCustom(fib.rules, family);
    fib.hasCustomLocalRoutes = routes.some((r) => r.type === RTN_LOCAL && r.protocol !== PROTOCOL_KERNEL);
  }
  for (const neighbour of capture.neighbours) compileNeighbour(neighbour, routing, interfaces, environment);
  routing.changed();
  return { routing, issues };
}

/** The rules that every namespace starts with. */
function defaultRules(family: Family): PolicyRule[] {
  const tables: readonly (readonly [number, number])[] =
    family === 4
      ? [
          [0, TABLE_LOCAL],
          [32766, TABLE_MAIN],
          [32767, TABLE_DEFAULT],
        ]
      : [
          [0, TABLE_LOCAL],
          [32766, TABLE_MAIN],
        ];
  return tables.map(([priority, table]) => ({ ...EMPTY_RULE, family, priority, table }));
}

/** A rule that selects everything and looks into main. */
export const EMPTY_RULE: PolicyRule = {
  family: 4,
  priority: 0,
  isInverted: false,
  source: 0,
  sourceLength: -1,
  destination: 0,
  destinationLength: -1,
  inputName: -1,
  outputName: -1,
  mark: 0,
  markMask: 0,
  tos: 0,
  protocol: 0,
  sourcePorts: null,
  destinationPorts: null,
  uidRange: null,
  action: 'table',
  table: TABLE_MAIN,
  suppressPrefixLength: -1,
  suppressGroup: -1,
  isL3mdev: false,
};

/** Whether rules are others than those a namespace starts with. */
function isCustom(rules: readonly PolicyRule[], family: Family): boolean {
  const plain = defaultRules(family);
  if (rules.length !== plain.length) return true;
  return plain.some((p, i) => {
    const r = rules[i];
    const isPlain = r.action === 'table' && r.sourceLength <= 0 && r.destinationLength <= 0 && r.inputName < 0 && r.outputName < 0 && r.markMask === 0 && r.tos === 0;
    return !isPlain || r.priority !== p.priority || r.table !== p.table || r.isInverted || r.protocol !== 0 || r.suppressPrefixLength >= 0 || r.suppressGroup >= 0;
  });
}

/** One route as a value; null when it names an interface or an address that there is not. */
function compileRoute(capture: RouteCapture, interfaces: InterfaceState, environment: Environment): Route | null {
  const prefix = parsePrefix(capture.destination);
  if (!prefix) return null;
  const nexthops: Nexthop[] = [];
  for (const hop of capture.nexthops) {
    const nexthop = compileNexthop(hop, capture, interfaces, environment);
    if (!nexthop) return null;
    nexthops.push(nexthop);
  }
  return {
    family: capture.family,
    type: routeTypeNumber(capture.type),
    destination: environment.addresses.handle(prefix.address),
    prefixLength: prefix.length,
    table: capture.table,
    protocol: protocolNumber(capture.protocol),
    scope: capture.scope === null ? defaultScope(capture) : scopeNumber(capture.scope),
    preferredSource: handleOf(capture.preferredSource, environment),
    metric: capture.metric,
    tos: capture.tos & 0xfc,
    mtu: capture.mtu ?? 0,
    isMtuLocked: isMtuLocked(capture.raw),
    hopLimit: capture.hopLimit ?? 0,
    preference: routePreference(capture.preference),
    nexthops,
    extras: capture.raw,
  };
}

/** Types of routes that lead nowhere (fib_props of fib_semantics.c, Linux 6.18). */
const WITHOUT_DEVICE: readonly RouteCapture['type'][] = ['blackhole', 'unreachable', 'prohibit', 'throw'];

function compileNexthop(hop: NexthopCapture, route: RouteCapture, interfaces: InterfaceState, environment: Environment): Nexthop | null {
  const device = hop.device === null ? -1 : interfaces.find(hop.device);
  if (device < 0 && !(hop.device === null && WITHOUT_DEVICE.includes(route.type))) return null;
  const flags = [...hop.flags, ...route.flags];
  return {
    gateway: handleOf(hop.gateway, environment),
    device,
    weight: Math.max(1, hop.weight),
    isOnLink: flags.includes('onlink'),
    isDead: flags.includes('dead'),
  };
}

function handleOf(text: string | null, environment: Environment): number {
  const address = text === null ? null : parseAddress(text);
  return address ? environment.addresses.handle(address) : 0;
}

/** `ip -j route` leaves the scope out where it is the ordinary one. */
function defaultScope(capture: RouteCapture): number {
  if (capture.family === 6) return scopeNumber('global');
  if (capture.type === 'local') return scopeNumber('host');
  if (capture.type === 'broadcast') return scopeNumber('link');
  return scopeNumber('global');
}

function isMtuLocked(raw: Readonly<Record<string, unknown>>): boolean {
  const { metrics } = raw;
  if (!Array.isArray(metrics)) return false;
  return metrics.some((m: unknown) => typeof m === 'object' && m !== null && 'mtu' in m && 'locked' in m);
}

function compileRule(capture: RoutingRuleCapture, environment: Environment): PolicyRule {
  const source = capture.source === null ? null : parsePrefix(capture.source);
  const destination = capture.destination === null ? null : parsePrefix(capture.destination);
  return {
    family: capture.family,
    priority: capture.priority,
    isInverted: capture.isInverted,
    source: source ? environment.addresses.handle(source.address) : 0,
    sourceLength: source ? source.length : -1,
    destination: destination ? environment.addresses.handle(destination.address) : 0,
    destinationLength: destination ? destination.length : -1,
    inputName: capture.inputInterface === null ? -1 : environment.interfaceNames.id(capture.inputInterface),
    outputName: capture.outputInterface === null ? -1 : environment.interfaceNames.id(capture.outputInterface),
    mark: capture.mark ?? 0,
    markMask: capture.mark === null ? 0 : capture.markMask,
    tos: capture.tos & 0xfc,
    protocol: capture.protocol ?? 0,
    sourcePorts: capture.sourcePorts,
    destinationPorts: capture.destinationPorts,
    uidRange: capture.uidRange,
    action: capture.action,
    table: capture.table,
    suppressPrefixLength: capture.suppressPrefixLength ?? -1,
    suppressGroup: capture.suppressGroup === undefined ? -1 : groupNumber(capture.suppressGroup),
    isL3mdev: capture.isL3mdev,
  };
}

function compileNeighbour(capture: NeighbourCapture, routing: RoutingState, interfaces: InterfaceState, environment: Environment): void {
  const device = interfaces.find(capture.device);
  const address = parseAddress(capture.address);
  if (device < 0 || !address) return;
  const handle = environment.addresses.handle(address);
  if (capture.isProxy) {
    routing.proxied.add(proxyKey(capture.family, device, handle));
    return;
  }
  const state = Math.max(0, (NUD_WORDS as readonly string[]).indexOf(capture.state));
  routing.neighbours.restore(capture.family, device, handle, capture.mac === null ? -1 : environment.macs.id(capture.mac), state);
}
