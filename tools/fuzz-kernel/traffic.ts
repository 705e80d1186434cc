/** Flows and events of a case. */
import type { Dice } from './dice.js';
import { PAYLOAD_TEXT } from './matches.js';
import { PORTS } from './topology.js';
import type { FuzzMachine, Topology } from './topology.js';

export interface FuzzFlow {
  readonly name: string;
  readonly at: string;
  readonly [word: string]: unknown;
}

export interface FuzzEvent {
  readonly at: string;
  readonly machine: string;
  readonly run: string;
}

const FIRST_SOURCE = 41000;
/** So far apart that one exchange is over before the next begins; a TCP connection talks longer. */
const SPACING_MS = 10;
const CONNECT_SPACING_MS = 34;
const EVENT_SPACING_MS = 120;
const FLAGS = ['ACK', 'SYN,FIN', 'FIN,ACK', 'RST', 'SYN', 'PSH,ACK', 'FIN,PSH,URG'];

export interface Traffic {
  readonly flows: readonly FuzzFlow[];
  readonly events: readonly FuzzEvent[];
}

/** `change` makes the command of an event. */
export function trafficOf(topology: Topology, { dice, count, change }: { dice: Dice; count: number; change: () => { machine: string; run: string } }): Traffic {
  const flows: FuzzFlow[] = [];
  const events: FuzzEvent[] = [];
  const eventsAt = new Set(dice.some(Array.from({ length: count }, (_, i) => i), dice.weighted([[0, 2], [1, 2], [2, 2], [4, 1]])));
  let at = 10;
  for (let i = 0; i < count; i++) {
    if (eventsAt.has(i)) {
      events.push({ at: `${at + 40}ms`, ...change() });
      at += EVENT_SPACING_MS;
    }
    const flow = oneFlow(topology, dice, i);
    flows.push({ ...flow.words, at: `${at}ms`, name: flow.name });
    at += flow.lasts;
  }
  return { flows, events };
}

function oneFlow(topology: Topology, dice: Dice, i: number): { name: string; words: Readonly<Record<string, unknown>>; lasts: number } {
  const from = dice.weighted<FuzzMachine>([...topology.clients.map((m) => [m, 6] as const), ...topology.nodes.map((m) => [m, 3] as const), [topology.servers[0] as FuzzMachine, 1]]);
  const isFour = dice.chance(0.5);
  const own = isFour ? from.four : from.six;
  const others = (list: readonly FuzzMachine[]): string[] => list.flatMap(({ four, six }) => (isFour ? four : six)).filter((a) => !own.includes(a));
  const to = dice.weighted([[dice.pick(others(topology.servers)), 6], [dice.pick(isFour ? topology.vips.four : topology.vips.six), 5], [dice.pick(others(topology.machines)), 3], [isFour ? '10.9.9.9' : 'fd00:9::9', 0.4 * 5]]);
  const protocol = dice.weighted([['udp', 48], ['tcp', 34], ['icmp', 18]]);
  const kinds = from.name.startsWith('node/') ? 'node' : from.name.startsWith('pod/') ? 'pod' : 'external';
  const base: Record<string, unknown> = { from: { [kinds]: from.name.replace(/^[^/]+\//, '') }, protocol: protocol === 'icmp' && !isFour ? 'icmpv6' : protocol };
  const source: Record<string, unknown> = { port: FIRST_SOURCE + (dice.chance(0.12) ? dice.between(0, i) : i) };
  if (dice.chance(0.05)) base['ttl'] = dice.pick([1, 2]);
  if (dice.chance(0.08)) base['tos'] = dice.pick([0x10, 0x08, 0xb8, 0x02]);
  if (dice.chance(0.06)) base['mark'] = dice.pick([1, 2, 0x10]);
  const name = `f${String(i + 1).padStart(3, '0')}`;
  const port = dice.pick([...PORTS, ...PORTS, 7777]);
  if (protocol === 'tcp') {
    if (!dice.chance(0.18)) return { name, words: { ...base, source: { ...source, port: FIRST_SOURCE + i }, destination: { ip: to, port }, packets: 'connect', payload: dice.pick([24, 32, 200, 900]), timeout: '300ms' }, lasts: CONNECT_SPACING_MS };
    const words = { ...base, source: { ...source, ip: dice.pick(own) }, destination: { ip: to, port }, packets: 1, payload: dice.pick([0, 0, 24]), flags: dice.pick(FLAGS), seq: 1_000_000 * (i + 1), ack: 500_000_000 + 1_000_000 * i };
    return { name, words, lasts: SPACING_MS };
  }
  const packets = dice.weighted([[1, 3], [2, 3], [3, 2], [5, 1]]);
  const payload = dice.weighted([[24, 3], [32, 5], [64, 3], [200, 3], [1200, 1], [1464, 1]]);
  const words: Record<string, unknown> = { ...base, source, destination: protocol === 'icmp' ? { ip: to } : { ip: to, port }, packets, every: `${SPACING_MS}ms`, payload };
  if (protocol === 'udp' && isFour && dice.chance(0.06)) words['df'] = false;
  if (protocol === 'udp' && dice.chance(0.05)) {
    words['spoof'] = true;
    words['source'] = { ...source, ip: dice.pick(others(topology.machines)) };
    words['payload'] = dice.pick([32, 64]);
  } else if (protocol === 'udp' && !isFour && dice.chance(0.06)) {
    words['extensions'] = dice.some(['hop-by-hop', 'destination', 'routing', 'fragment'], dice.between(1, 2));
    words['source'] = { ...source, ip: dice.pick(own.filter((a) => !a.startsWith('fe80'))) };
  }
  return { name, words, lasts: SPACING_MS * packets };
}

/** The document of a scenario. */
export function scenarioText({ flows, events }: Traffic, name: string): string {
  return `${JSON.stringify({ apiVersion: 'worldline.dev/v1alpha1', kind: 'Scenario', metadata: { name }, spec: { snapshot: './snapshot', seed: 1, startTime: '2026-06-15T12:00:00Z', payload: PAYLOAD_TEXT, flows, events } }, null, 1)}\n`;
}
