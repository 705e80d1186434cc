/** `ip -j route show table all` and its IPv6 twin, read and printed. */
import { parsePrefix, type Family, type Issue, type NexthopCapture, type Parsed, type RouteCapture, type RouteType } from '@worldline/model';
import { elementIssue, numberOf, objectOf, parseJsonDump, printJsonDump, stringOf, stringsOf, type JsonObject } from './json-dump.js';
import { tableNumber, tableWord } from './names.js';

const TYPES: readonly string[] = ['unicast', 'local', 'broadcast', 'multicast', 'anycast', 'unreachable', 'blackhole', 'prohibit', 'throw', 'nat'];
const MAIN = 254;

/**
 * Reads `ip-route.json` (`family` null: it may hold both families, as iproute2 6.1 prints them) or `ip6-route.json` (6). A route is IPv6 when its
 * destination, its gateway or `pref` says so.
 */
export function parseIpRoutes(text: string, file: string, family: Family | null): Parsed<RouteCapture[]> {
  const dump = parseJsonDump(text, file);
  if (!dump.value) return { value: null, issues: dump.issues };
  const issues: Issue[] = [...dump.issues];
  const routes: RouteCapture[] = [];
  dump.value.forEach((object, i) => {
    const route = readRoute(object, family ?? familyOf(object));
    if ('fault' in route) issues.push(elementIssue(text, file, i, route.fault, route.message, stringOf(object[route.fault]) ?? undefined));
    else routes.push(route);
  });
  return { value: routes, issues };
}

function familyOf(object: JsonObject): Family {
  if ('pref' in object) return 6;
  const hops = Array.isArray(object['nexthops']) ? (object['nexthops'] as unknown[]).map(objectOf) : [];
  const texts = [object['dst'], object['from'], object['gateway'], object['prefsrc'], ...hops.map((h) => h['gateway'])];
  return texts.some((t) => typeof t === 'string' && t.includes(':')) ? 6 : 4;
}

interface RouteFault {
  readonly fault: string;
  readonly message: string;
}

function readRoute(object: JsonObject, family: Family): RouteCapture | RouteFault {
  const type = stringOf(object['type']) ?? 'unicast';
  if (!TYPES.includes(type)) return { fault: 'type', message: `'${type}' is no type of route` };
  const dst = stringOf(object['dst']);
  if (dst === null) return { fault: 'dst', message: 'a route needs a destination' };
  const all = family === 4 ? '0.0.0.0/0' : '::/0';
  const destination = dst === 'default' || dst === 'all' ? all : dst.includes('/') ? dst : `${dst}/${family === 4 ? 32 : 128}`;
  const prefix = parsePrefix(destination);
  if (!prefix || prefix.address.family !== family) return { fault: 'dst', message: `'${dst}' is no IPv${family} destination` };
  const table = tableNumber(stringOf(object['table']) ?? 'main');
  if (table === null) return { fault: 'table', message: 'no table of this name' };
  const metrics = readMetrics(object['metrics']);
  return {
    family,
    type: type as RouteType,
    destination,
    table,
    protocol: stringOf(object['protocol']),
    scope: stringOf(object['scope']),
    preferredSource: stringOf(object['prefsrc']),
    metric: numberOf(object['metric']) ?? 0,
    tos: numberOf(object['tos']) ?? 0,
    mtu: numberOf(metrics['mtu']),
    hopLimit: numberOf(metrics['hoplimit']),
    ...(typeof object['pref'] === 'string' ? { preference: object['pref'] } : {}),
    flags: stringsOf(object['flags']),
    nexthops: readNexthops(object),
    raw: object,
  };
}

function readMetrics(value: unknown): JsonObject {
  return Array.isArray(value) ? Object.assign({}, ...(value as unknown[]).map(objectOf)) : objectOf(value);
}

function readNexthops(object: JsonObject): NexthopCapture[] {
  const list = object['nexthops'];
  if (Array.isArray(list)) return (list as unknown[]).map(objectOf).map(readNexthop);
  return object['dev'] === undefined && object['gateway'] === undefined && object['via'] === undefined ? [] : [readNexthop(object)];
}

function readNexthop(object: JsonObject): NexthopCapture {
  return {
    gateway: stringOf(object['gateway']) ?? stringOf(objectOf(object['via'])['host']),
    device: stringOf(object['dev']),
    weight: numberOf(object['weight']) ?? 1,
    flags: stringsOf(object['flags']),
  };
}

/** Prints routes as `ip -j route show table all` does; a captured route as it was. */
export function printIpRoutes(routes: readonly RouteCapture[]): string {
  return printJsonDump(routes.map((r) => (Object.keys(r.raw).length > 0 ? r.raw : routeJson(r))));
}

/** The JSON of a route that a command made, its keys in the order of the tool. */
export function routeJson(route: RouteCapture): JsonObject {
  const [only] = route.nexthops.length === 1 ? route.nexthops : [];
  const metrics = { ...(route.mtu === null ? {} : { mtu: route.mtu }), ...(route.hopLimit === null ? {} : { hoplimit: route.hopLimit }) };
  return {
    ...(route.type === 'unicast' ? {} : { type: route.type }),
    dst: shortDestination(route),
    ...(route.tos === 0 ? {} : { tos: `0x${route.tos.toString(16).padStart(2, '0')}` }),
    ...(only ? wayJson(only, route.family) : {}),
    ...(route.table === MAIN ? {} : { table: tableWord(route.table) }),
    ...(route.protocol === null || route.protocol === 'boot' ? {} : { protocol: route.protocol }),
    ...(route.scope === null || route.scope === 'global' ? {} : { scope: route.scope }),
    ...(route.preferredSource === null ? {} : { prefsrc: route.preferredSource }),
    ...(route.metric === 0 && route.family === 4 ? {} : { metric: route.metric }),
    flags: route.flags,
    ...(Object.keys(metrics).length === 0 ? {} : { metrics: [metrics] }),
    ...(route.family === 6 ? { pref: route.preference ?? 'medium' } : {}),
    ...(route.nexthops.length > 1 ? { nexthops: route.nexthops.map((h) => ({ ...wayJson(h, route.family), weight: h.weight, flags: h.flags })) } : {}),
  };
}

function wayJson(hop: NexthopCapture, family: Family): JsonObject {
  const isOther = family === 4 && hop.gateway !== null && hop.gateway.includes(':');
  return {
    ...(hop.gateway === null ? {} : isOther ? { via: { family: 'inet6', host: hop.gateway } } : { gateway: hop.gateway }),
    ...(hop.device === null ? {} : { dev: hop.device }),
  };
}

function shortDestination(route: RouteCapture): string {
  if (route.destination === '0.0.0.0/0' || route.destination === '::/0') return 'default';
  const full = route.family === 4 ? '/32' : '/128';
  return route.destination.endsWith(full) ? route.destination.slice(0, -full.length) : route.destination;
}
