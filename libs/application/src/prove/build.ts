/** A bundle's machines on the real kernel: namespaces, links, addresses, routes, rules, in the order in which the kernel takes them. */
import { routerCaptures } from '@worldline/kernel';
import { parseIpRoutes, parseIpRules } from '@worldline/language';
import type { Family, LinkCapture, MachineCapture, MachineName, RouteCapture, RoutingRuleCapture, Snapshot } from '@worldline/model';
import type { NetworkLink } from '../simulate/index.js';
import type { RealKernel, StageCommand, StageServer, StageSettings } from '../ports/index.js';
import { addressLines, bridgeLines, neighbourLines, plainLines, stackedLines, stateLines, vethLine } from './links.js';
import type { WireEnd } from './links.js';
import { addRoute, addRule, deleteRoute, deleteRule, routeKey, ruleKey } from './routes.js';
import { isModelledSetting, quietSettings, settingsOf } from './settings.js';
import { entryLines } from './entries.js';

/** Why a stage cannot be built; what was to be proved is not. */
export class CannotBuild extends Error {
  override readonly name = 'CannotBuild';
}

export interface StageInput {
  readonly snapshot: Snapshot;
  readonly links: readonly NetworkLink[];
  /** Text of a machine's file as it is restored; null where there is none. */
  readonly textOf: (machine: MachineName, file: string) => string | null;
  /** How many connections a machine can come to track beyond those captured. */
  readonly entriesAtMost: number;
}

/** The machine that is the wire between those on one segment. */
const SWITCH = 'fabric/segment';
const SWITCH_BRIDGE = 'sw0';
const PORT_INDEX = 2000;
const LOOSE_INDEX = 3000;
/** Multicast reports of new addresses must be over before a rule counts. */
const QUIET_SECONDS = 0.15;
const SETTLE_TRIES = 60;

interface Stage extends StageInput {
  readonly kernel: RealKernel;
  readonly machines: readonly MachineCapture[];
}

export async function buildStage(kernel: RealKernel, input: StageInput): Promise<void> {
  const machines = [...input.snapshot.machines, ...routerCaptures(input.snapshot).map((r) => r.capture)];
  const stage: Stage = { ...input, kernel, machines };
  await kernel.create([...machines.map(({ machine }) => machine), SWITCH]);
  await makeLinks(stage);
  await kernel.set(machines.map((m) => ({ machine: m.machine, values: [...settingsOf(m.sysctl), ...quietSettings(m.links.map((l) => l.name))] })));
  await makeAddresses(stage);
  await settle(stage);
  await makeRoutes(stage);
  await eachBatch(stage, 'bridge -force -batch -', bridgeLines);
  await eachBatch(stage, 'ip -force -batch -', neighbourLines);
  await must(kernel, [{ machine: SWITCH, command: `sleep ${QUIET_SECONDS}` }]);
  await setAll(stage);
  await makeRules(stage);
  await kernel.serve(serversOf(stage));
}

async function must(kernel: RealKernel, commands: readonly StageCommand[]): Promise<void> {
  const outcomes = await kernel.run(commands);
  outcomes.forEach(({ code, stderr }, i) => {
    const { machine, command } = commands[i] as StageCommand;
    if (code !== 0) throw new CannotBuild(`${machine}: ${typeof command === 'string' ? command : command.join(' ')}: ${stderr.trim() || `exit code ${code}`}`);
  });
}

const batch = (machine: MachineName, lines: readonly string[], tool = 'ip -batch -'): StageCommand[] => (lines.length === 0 ? [] : [{ machine, command: tool, stdin: `${lines.join('\n')}\n` }]);

/** What the kernel refuses it had already, or the device is down: what counts is compared later. */
async function eachBatch({ kernel, machines }: Stage, tool: string, linesOf: (m: MachineCapture) => string[]): Promise<void> {
  await kernel.run(machines.flatMap((m) => batch(m.machine, linesOf(m), tool)));
}

async function makeLinks(stage: Stage): Promise<void> {
  const { kernel, machines, links } = stage;
  const ports = portsOf(stage);
  const veths = links.filter(({ kind }) => kind === 'veth').flatMap(({ ends }) => {
    const [a, b] = ends.map((e) => endOf(stage, e));
    return a && b ? [vethLine(a, b)] : [];
  });
  const wires = ports.map(({ end, port }) => vethLine(end, { machine: SWITCH, link: port }));
  // what leads nowhere in the bundle ends at the switch, on no segment
  const loose = machines.flatMap((m) => unwired(stage, m).map((link) => ({ machine: m.machine, link })));
  const looseEnds = loose.map(({ link }, i): LinkCapture => ({ ...link, name: `loose${i}`, index: LOOSE_INDEX + i, mac: '' }));
  const switchLines = [`link add name ${SWITCH_BRIDGE} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`, `link set ${SWITCH_BRIDGE} up`];
  await kernel.set([{ machine: SWITCH, values: SWITCH_SETTINGS }]);
  await must(kernel, [
    ...[...machines.map((m) => m.machine), SWITCH].map((machine) => ({ machine, command: 'ip link set lo up' })),
    ...batch(SWITCH, switchLines),
    ...machines.flatMap((m) => batch(m.machine, plainLines(m))),
    ...batch(SWITCH, [...veths, ...wires, ...loose.map((end, i) => vethLine(end, { machine: SWITCH, link: looseEnds[i] as LinkCapture }))]),
    ...machines.flatMap((m) => batch(m.machine, stacked(m))),
    ...batch(SWITCH, ports.flatMap(({ port }) => [`link set ${port.name} master ${SWITCH_BRIDGE}`, `link set ${port.name} up`])),
    ...batch(SWITCH, looseEnds.filter((_, i) => loose[i]?.link.flags.includes('LOWER_UP')).map(({ name }) => `link set ${name} up`)),
    ...batch(SWITCH, ports.flatMap(({ end, port }) => [`link set dev ${port.name} flood off learning off`, `fdb replace ${end.link.mac} dev ${port.name} master static`]), 'bridge -batch -'),
  ]);
}

/** The switch has no address and no rule. */
const SWITCH_SETTINGS: StageSettings['values'] = [
  ['net.ipv6.conf.all.disable_ipv6', '1'],
  ['net.ipv6.conf.default.disable_ipv6', '1'],
  ['net.bridge.bridge-nf-call-iptables', '0'],
  ['net.bridge.bridge-nf-call-ip6tables', '0'],
  ['net.bridge.bridge-nf-call-arptables', '0'],
];

function stacked(m: MachineCapture): string[] {
  const { lines, unknown } = stackedLines(m);
  const [first] = unknown;
  if (first) throw new CannotBuild(`${m.machine}: a link of kind '${first.kind}' (${first.name}) cannot be made here`);
  return lines;
}

function endOf({ machines }: Stage, end: NetworkLink['ends'][number]): WireEnd | null {
  const link = machines.find(({ machine }) => machine === end.machine)?.links.find(({ name }) => name === end.interface);
  return link ? { machine: end.machine, link } : null;
}

interface Port {
  readonly end: WireEnd;
  readonly port: LinkCapture;
}

/** Every interface on a segment has a port of the switch, as wide as itself. */
function portsOf(stage: Stage): Port[] {
  return stage.links.filter(({ kind }) => kind === 'segment').flatMap(({ ends }) => ends).flatMap((e, i) => {
    const end = endOf(stage, e);
    if (!end) return [];
    // a peer's index that the bundle names is kept, so that a dump says the same again
    const index = end.link.linkIndex > 0 ? end.link.linkIndex : PORT_INDEX + i;
    return [{ end, port: { ...end.link, name: `port${i}`, index, mac: '' } }];
  }).map((p, i, all) => (all.findIndex((q) => q.port.index === p.port.index) < i ? { ...p, port: { ...p.port, index: PORT_INDEX + i } } : p));
}

/** Devices that lead nowhere in the bundle. */
function unwired({ links }: Stage, m: MachineCapture): LinkCapture[] {
  const isWired = (link: LinkCapture): boolean => links.some(({ ends }) => ends.some((e) => e.machine === m.machine && e.interface === link.name));
  return m.links.filter((link) => (link.kind === 'veth' || link.kind === '' || link.kind === 'physical') && link.linkType !== 'loopback' && !isWired(link));
}

async function makeAddresses({ kernel, machines }: Stage): Promise<void> {
  await must(kernel, machines.flatMap((m) => batch(m.machine, stateLines(m))));
  await kernel.run(machines.flatMap((m) => batch(m.machine, addressLines(m), 'ip -force -batch -')));
}

/** Waits until links that were captured with carrier have it, and ports forward. */
async function settle({ kernel, machines }: Stage): Promise<void> {
  const all = [...machines.map(({ machine }) => machine), SWITCH];
  for (let i = 0; i < SETTLE_TRIES; i++) {
    const outcomes = await kernel.run(all.map((machine) => ({ machine, command: 'ip -j -d link' })));
    const isReady = outcomes.every(({ stdout }, n) => (JSON.parse(stdout || '[]') as LiveLink[]).every((l) => isSettled(l, machines[n])));
    if (isReady) return;
    await kernel.run([{ machine: SWITCH, command: 'sleep 0.05' }]);
  }
  throw new CannotBuild('links that were captured with carrier do not come up');
}

interface LiveLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind?: string; readonly info_slave_kind?: string; readonly info_slave_data?: { readonly state?: string } };
}

function isSettled(live: LiveLink, capture: MachineCapture | undefined): boolean {
  if (!live.flags.includes('UP') || live.linkinfo?.info_kind !== 'veth') return true;
  const captured = capture?.links.find(({ name }) => name === live.ifname);
  if (captured && !captured.flags.includes('LOWER_UP')) return true;
  if (!captured && !live.flags.includes('LOWER_UP')) return true;
  return live.flags.includes('LOWER_UP') && (live.linkinfo.info_slave_kind !== 'bridge' || live.linkinfo.info_slave_data?.state === 'forwarding');
}

/** Compares what the kernel made of itself with what was captured, and mends the difference. */
async function makeRoutes({ kernel, machines }: Stage): Promise<void> {
  const ask = ['ip -j route show table all', 'ip -6 -j route show table all', 'ip -j rule', 'ip -6 -j rule'];
  const outcomes = await kernel.run(machines.flatMap(({ machine }) => ask.map((command) => ({ machine, command }))));
  const text = (m: number, i: number): string => outcomes[m * ask.length + i]?.stdout.trim() || '[]';
  const commands = machines.flatMap((capture, m) => {
    const six = parseIpRoutes(text(m, 1), '', 6).value ?? [];
    const four = (parseIpRoutes(text(m, 0), '', null).value ?? []).filter(({ family }) => family === 4);
    const rules = [...(parseIpRules(text(m, 2), '', 4).value ?? []), ...(parseIpRules(text(m, 3), '', 6).value ?? [])];
    return ([4, 6] as const).flatMap((family) => {
      const tool = `ip -${family} -force -batch -`;
      return [...batch(capture.machine, ruleLines(capture, { existing: rules, family }), tool), ...batch(capture.machine, routeLines(capture, { existing: family === 4 ? four : six, family }), tool)];
    });
  });
  await kernel.run(commands);
}

/** A family of which the bundle says nothing is left as the kernel makes it. */
function isCaptured({ files, routes }: MachineCapture, family: Family): boolean {
  return files.has(family === 4 ? 'ip-route.json' : 'ip6-route.json') || routes.some((r) => r.family === family);
}

function routeLines(capture: MachineCapture, { existing, family }: { existing: readonly RouteCapture[]; family: Family }): string[] {
  if (!isCaptured(capture, family)) return [];
  const wanted = new Map(capture.routes.filter((r) => r.family === family).map((r) => [routeKey(r), r]));
  const present = new Map(existing.map((r) => [routeKey(r), r]));
  const extra = [...present].filter(([key]) => !wanted.has(key)).map(([, r]) => deleteRoute(r));
  const missing = [...wanted].filter(([key]) => !present.has(key)).map(([, r]) => r);
  // a gateway must be reachable when its route is made
  const direct = missing.filter(({ nexthops }) => nexthops.every(({ gateway }) => gateway === null));
  return [...extra, ...direct.map(addRoute), ...missing.filter((r) => !direct.includes(r)).map(addRoute)];
}

function ruleLines(capture: MachineCapture, { existing, family }: { existing: readonly RoutingRuleCapture[]; family: Family }): string[] {
  const wanted = new Map(capture.routingRules.filter((r) => r.family === family).map((r) => [ruleKey(r), r]));
  if (wanted.size === 0) return [];
  const present = new Map(existing.filter((r) => r.family === family).map((r) => [ruleKey(r), r]));
  const missing = [...wanted].filter(([key]) => !present.has(key)).map(([, r]) => addRule(r));
  return [...missing, ...[...present].filter(([key]) => !wanted.has(key)).map(([, r]) => deleteRule(r))];
}

/** Of the whole machine, and so nothing to be changed for a proof; without effect while the table has room. */
const TABLE_LIMIT = 'net.netfilter.nf_conntrack_max';

async function setAll({ kernel, machines, entriesAtMost }: Stage): Promise<void> {
  const settings = machines.map((m) => ({ machine: m.machine, values: settingsOf(m.sysctl) }));
  const refused = await kernel.set(settings);
  refused.forEach((list, i) => {
    const { machine, conntrack } = machines[i] as MachineCapture;
    const [first] = list.filter(([key, value]) => isModelledSetting(key) && !(key === TABLE_LIMIT && conntrack.length + entriesAtMost < Number(value)));
    if (first) throw new CannotBuild(`${machine}: ${first[0]} = ${first[1]} cannot be set in a namespace of this machine: ${first[2]}`);
  });
}

/** Tools that take a machine's files as they are, in order: sets before rules that name them. */
const RESTORED: readonly (readonly [file: string, tool: string])[] = [
  ['ipset-save.txt', 'ipset restore'],
  ['iptables-save.txt', 'iptables-restore -c'],
  ['ip6tables-save.txt', 'ip6tables-restore -c'],
  ['iptables-legacy-save.txt', 'iptables-legacy-restore -c'],
  ['ip6tables-legacy-save.txt', 'ip6tables-legacy-restore -c'],
  ['ebtables-save.txt', 'ebtables-restore'],
];

async function makeRules({ kernel, machines, textOf }: Stage): Promise<void> {
  await must(
    kernel,
    machines.flatMap(({ machine }) =>
      RESTORED.flatMap(([file, command]) => {
        const text = textOf(machine, file);
        return text === null || text.trim() === '' ? [] : [{ machine, command, stdin: text }];
      }),
    ),
  );
  await must(kernel, machines.flatMap((m) => batch(m.machine, entryLines(m.conntrack), 'conntrack -R -')));
}

/** Sockets of the kernel's own (a tunnel's) come with their device. */
function serversOf({ machines }: Stage): StageServer[] {
  return machines.flatMap(({ machine, sockets, links }) => {
    const tunnels = links.filter(({ kind }) => kind === 'vxlan').map(({ kindData }) => kindData['port']);
    return sockets.flatMap((s): StageServer[] => {
      if (s.protocol !== 'udp' && s.protocol !== 'tcp') return [];
      if (s.protocol === 'udp' && tunnels.includes(s.port)) return [];
      return [{ machine, protocol: s.protocol, ip: s.isDualStack ? '::' : s.address, port: s.port, dual: s.isDualStack, device: s.device }];
    });
  });
}
