/** What a command may change on a machine, as lines that can be told apart: each thing by a key, with its name and its text. */
import { formatConntrackEntry, printMember, routeJson, ruleJson, tableWord } from '@worldline/language';
import type { Json, MachineCapture, RouteCapture, StateChangeKind } from '@worldline/model';
import { captureLinks } from '../interface/index.js';
import { captureIpsets } from '../netfilter/index.js';
import { captureNeighbours, captureRoutes, captureRules } from '../routing/index.js';
import type { Machine } from '../machine/index.js';
import { captureBridge, captureConntrack, captureFdb } from './captures.js';

export interface Fact {
  readonly kind: StateChangeKind;
  readonly ref: Json;
  readonly text: string;
}

/** By a key that says what the thing is. */
export type Facts = ReadonlyMap<string, Fact>;

/** What stands in one machine. */
type FactList = (m: Machine, capture: MachineCapture) => readonly Fact[];

const SYSCTLS: FactList = (m) => m.sysctl.list().map(([name, value]) => ({ kind: 'sysctl', ref: { name }, text: value }));

const ROUTES: FactList = (m) => [...captureRoutes(m, 4), ...captureRoutes(m, 6)].map((route) => ({ kind: 'route', ref: routeName(route), text: plainText(routeJson(route)) }));

const ROUTING_RULES: FactList = (m) =>
  [...captureRules(m, 4), ...captureRules(m, 6)].map((rule) => {
    const text = plainText(ruleJson(rule));
    return { kind: 'routing-rule', ref: { priority: rule.priority, text }, text };
  });

const NEIGHBOURS: FactList = (m) =>
  captureNeighbours(m).map(({ address, device, mac, state, isProxy }) => ({
    kind: 'neighbour',
    ref: { ip: address, interface: device },
    text: [address, 'dev', device, ...(mac === null ? [] : ['lladdr', mac]), isProxy ? 'proxy' : state].join(' '),
  }));

const LINKS: FactList = (m) =>
  captureLinks(m.interfaces, m.environment).flatMap(({ name, flags, mtu, master, mac, addresses }) => [
    { kind: 'link', ref: { interface: name }, text: [`${name}: <${flags.join(',')}> mtu ${mtu}`, ...(master === null ? [] : [`master ${master}`]), mac].join(' ') },
    ...addresses.map((one): Fact => ({ kind: 'address', ref: { interface: name, address: one.local }, text: `${one.local}/${one.prefixLength} scope ${one.scope} dev ${name}` })),
  ]);

const ENTRIES: FactList = (m) =>
  captureConntrack(m).map((entry) => {
    const { protocol, original: o, zone } = entry;
    const ref = { protocol, source: { ip: o.source, port: o.sourcePort }, destination: { ip: o.destination, port: o.destinationPort }, zone };
    return { kind: 'conntrack-entry', ref, text: formatConntrackEntry(entry, true) };
  });

const SETS: FactList = (m) =>
  captureIpsets(m.netfilter.ipsets).flatMap(({ name, type, options, members }) => [
    { kind: 'ipset', ref: { set: name }, text: ['create', name, type, ...options].join(' ') },
    ...members.map((member): Fact => ({ kind: 'ipset-entry', ref: { set: name, entry: member.entry }, text: `add ${name} ${member.entry}${printMember(member)}` })),
  ]);

const BRIDGES: FactList = (m, capture) => [
  ...captureBridge(m, capture).map((port): Fact => ({ kind: 'bridge-port', ref: { interface: port.name }, text: plainText(port.raw) })),
  ...captureFdb(m, capture).map(({ mac, device, destination, master, state }): Fact => ({
    kind: 'fdb-entry',
    ref: { interface: device, mac, destination },
    text: [mac, 'dev', device, ...(destination === null ? [] : ['dst', destination]), ...(master === null ? [] : ['master', master]), state].join(' ').trim(),
  })),
];

const ALL_OF_IP = [LINKS, ROUTES, ROUTING_RULES, NEIGHBOURS, BRIDGES, ENTRIES];

/** By tool: what it can change. Rules stand in lists and are told apart elsewhere. */
const CHANGED_BY: Readonly<Record<string, readonly FactList[]>> = {
  // A write may bring addresses and routes, or take them: disable_ipv6, forwarding
  sysctl: [SYSCTLS, LINKS, ROUTES],
  ip: ALL_OF_IP,
  bridge: [BRIDGES],
  conntrack: [ENTRIES],
  ipset: [SETS],
};

/** What a tool may change on a machine, as it is now. */
export function factsOf(tool: string, m: Machine, capture: MachineCapture): Facts {
  const facts = new Map<string, Fact>();
  for (const list of CHANGED_BY[tool] ?? []) {
    for (const fact of list(m, capture)) {
      const key = `${fact.kind} ${JSON.stringify(fact.ref)}`;
      // Equal things (routes of equal metric) are told apart by their order
      let place = key;
      for (let n = 2; facts.has(place); n++) place = `${key} ${n}`;
      facts.set(place, fact);
    }
  }
  return facts;
}

function routeName({ destination, table, type, metric, tos, nexthops }: RouteCapture): Json {
  const [hop] = nexthops;
  return { destination, table: tableWord(table), type, via: hop?.gateway ?? null, interface: hop?.device ?? null, metric, tos };
}

/** What `ip -j` prints, as words: `dst=10.0.0.0/24 dev=eth0`. */
function plainText(json: Readonly<Record<string, unknown>>): string {
  const word = (value: unknown): string => (value === null ? '' : `=${typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)}`);
  return Object.entries(json)
    .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
    .map(([key, value]) => `${key}${word(value)}`)
    .join(' ');
}
