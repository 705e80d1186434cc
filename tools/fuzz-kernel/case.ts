/** One case of the fuzzer: a bundle and what finishes it, drawn from a seed. */
import type { StageCommand } from '@worldline/application';
import { Dice } from './dice.js';
import { MARKS } from './matches.js';
import { rulesFor } from './rules.js';
import { bundleOf, randomTopology } from './topology.js';
import type { FuzzMachine, Topology } from './topology.js';
import { scenarioText, trafficOf } from './traffic.js';
import type { Traffic } from './traffic.js';

export interface FuzzCase {
  readonly name: string;
  readonly topology: Topology;
  readonly tree: ReadonlyMap<string, string>;
  /** Commands that may fail where the kernel lacks what they name. */
  readonly setup: readonly StageCommand[];
  /** Rule sets by the tool that restores them. */
  readonly rules: readonly { readonly machine: string; readonly tool: string; readonly text: string }[];
  readonly scenario: string;
  readonly traffic: Traffic;
}

const FLOWS = 90;

export function generate(seed: number): FuzzCase {
  const dice = new Dice(seed);
  const topology = randomTopology(dice);
  for (const node of topology.nodes) for (const [key, value] of settings(node, dice)) node.sysctl.set(key, value);
  let count = 0;
  const serial = (): number => ++count;
  const sourcePorts = Array.from({ length: 12 }, () => 41000 + dice.between(0, FLOWS - 1));
  const setup: StageCommand[] = topology.machines.map(({ name, setup: lines }) => ({ machine: name, command: lines.map((l) => `${l} || echo "$0: ${l.replaceAll('"', '')}" >&2`).join('\n') }));
  const rules: { machine: string; tool: string; text: string }[] = [];
  const setNames = new Map<string, string[]>();
  for (const machine of topology.machines) {
    const isNode = machine.name.startsWith('node/');
    if (!isNode && !dice.chance(0.25)) continue;
    const made = rulesFor({ topology, machine, dice, sourcePorts, serial });
    setNames.set(machine.name, [...made.sets.matchAll(/^create (\S+)/gm)].map((m) => m[1] as string));
    rules.push({ machine: machine.name, tool: 'ipset -exist restore', text: made.sets });
    for (const [family, text] of made.rules) rules.push({ machine: machine.name, tool: family === 4 ? 'iptables-restore' : 'ip6tables-restore', text });
    if (isNode) setup.push({ machine: machine.name, command: [...policyRoutes(topology, dice), ...bridgeRules(machine, dice)].join('\n') });
  }
  const traffic = trafficOf(topology, { dice, count: FLOWS, change: () => change(topology, dice, setNames) });
  const name = `fuzz-${seed}`;
  return { name, topology, tree: bundleOf(topology), setup: setup.filter(({ command }) => command !== ''), rules, scenario: scenarioText(traffic, name), traffic };
}

function settings(node: FuzzMachine, dice: Dice): readonly (readonly [string, string])[] {
  const device = dice.pick(node.interfaces).name.replaceAll('.', '/');
  const all: readonly (readonly [string, string])[] = [
    [`net.ipv4.conf.${device}.rp_filter`, dice.pick(['1', '2'])],
    ['net.ipv4.conf.all.rp_filter', dice.pick(['1', '2'])],
    [`net.ipv4.conf.${device}.forwarding`, '0'],
    [`net.ipv4.conf.${device}.accept_local`, '1'],
    ['net.ipv4.conf.all.accept_local', '1'],
    ['net.ipv4.conf.all.route_localnet', '1'],
    ['net.ipv4.conf.all.src_valid_mark', '1'],
    ['net.ipv4.ip_default_ttl', dice.pick(['32', '128'])],
    ['net.ipv4.icmp_echo_ignore_all', '1'],
    ['net.ipv4.icmp_errors_use_inbound_ifaddr', '1'],
    ['net.ipv4.fwmark_reflect', '1'],
    ['net.ipv6.fwmark_reflect', '1'],
    ['net.ipv4.tcp_fwmark_accept', '1'],
    ['net.ipv6.conf.all.hop_limit', '33'],
    [`net.ipv6.conf.${device}.hop_limit`, '99'],
    ['net.bridge.bridge-nf-call-iptables', '0'],
    ['net.bridge.bridge-nf-call-ip6tables', '0'],
    ['net.netfilter.nf_conntrack_tcp_loose', '0'],
    ['net.netfilter.nf_conntrack_tcp_be_liberal', '1'],
    ['net.netfilter.nf_conntrack_acct', '1'],
    ['net.netfilter.nf_conntrack_tcp_ignore_invalid_rst', '1'],
    ['net.netfilter.nf_conntrack_tcp_no_window_check', '1'],
    ['net.ipv4.conf.all.send_redirects', '1'],
    [`net.ipv4.conf.${device}.bc_forwarding`, '1'],
    ['net.ipv4.ip_nonlocal_bind', '1'],
    ['net.ipv6.bindv6only', '1'],
  ];
  return dice.some(all, dice.weighted([[0, 3], [1, 3], [2, 2], [4, 2]]));
}

function policyRoutes(topology: Topology, dice: Dice): string[] {
  if (!dice.chance(0.35)) return [];
  const server = dice.pick(topology.servers);
  const mark = dice.pick(MARKS);
  const kind = (): string => dice.pick(['unreachable', 'blackhole', 'prohibit', 'throw']);
  return [
    `ip rule add fwmark ${mark}/${mark} lookup 100 pref 1000`,
    `ip route add ${kind()} ${server.four[0]}/32 table 100`,
    `ip -6 rule add fwmark ${mark}/${mark} lookup 100 pref 1000`,
    `ip -6 route add ${kind()} ${server.six[0]}/128 table 100`,
    ...(dice.chance(0.3) ? [`ip rule add to ${dice.pick(topology.servers).four[0]} ${dice.pick(['unreachable', 'prohibit', 'blackhole'])} pref 900`] : []),
    ...(dice.chance(0.3) ? ['ip rule add pref 800 lookup main suppress_prefixlength 0'] : []),
  ];
}

function bridgeRules(machine: FuzzMachine, dice: Dice): string[] {
  const ports = machine.interfaces.filter(({ master }) => master !== null);
  if (ports.length === 0 || !dice.chance(0.5)) return [];
  const macs = ports.map(({ mac }) => mac);
  const match = (): string =>
    dice.pick([
      `-p IPv4 --ip-proto ${dice.pick(['udp', 'tcp'])} --ip-dport ${dice.pick([53, 8080])}`,
      `-p IPv6 --ip6-proto ${dice.pick(['udp', 'tcp'])}`,
      `-i ${dice.pick(ports).name}`,
      `-s ${dice.pick(macs)}`,
      `-p IPv4 --ip-src ${machine.four[0]}`,
      `--mark ${dice.pick(MARKS)}`,
      `--pkttype-type ${dice.pick(['otherhost', 'broadcast', 'host'])}`,
      '--limit 1/hour --limit-burst 3',
      '-p IPv4',
    ]);
  const target = (): string => dice.weighted([['ACCEPT', 3], ['CONTINUE', 3], ['DROP', 1], ['RETURN', 2], [`mark --mark-or ${dice.pick(MARKS)} --mark-target CONTINUE`, 4], ['nflog', 1]]);
  return Array.from({ length: dice.between(1, 5) }, () => {
    const [table, chain] = dice.pick([['filter', 'FORWARD'], ['filter', 'INPUT'], ['filter', 'OUTPUT'], ['nat', 'PREROUTING'], ['nat', 'POSTROUTING']] as const);
    const text = match();
    const isLate = chain === 'OUTPUT' || chain === 'POSTROUTING';
    return `ebtables -t ${table} -A ${chain} ${isLate && text.startsWith('-i') ? text.replace('-i', '-o') : text} -j ${target()}`;
  });
}

/** What may happen to a node in the middle of the traffic. */
function change(topology: Topology, dice: Dice, sets: ReadonlyMap<string, readonly string[]>): { machine: string; run: string } {
  const node = dice.pick(topology.nodes);
  const server = dice.pick(topology.servers);
  const own = (sets.get(node.name) ?? []).filter((name) => name === 'ip' || name === 'net');
  const run = dice.pick([
    `iptables -t filter -I FORWARD 1 -p udp -m udp --dport ${dice.pick([53, 8080])} -d ${server.four[0]} -j ${dice.pick(['DROP', 'REJECT', 'ACCEPT'])}`,
    `ip6tables -t filter -I FORWARD 1 -d ${server.six[0]} -j ${dice.pick(['DROP', 'REJECT', 'ACCEPT'])}`,
    `iptables -t mangle -I PREROUTING 1 -j MARK --set-xmark ${dice.pick(MARKS)}/0xff`,
    `iptables -t nat -I PREROUTING 1 -d 10.96.0.2/32 -p udp -j DNAT --to-destination ${server.four[0]}:53`,
    'conntrack -F',
    'conntrack -D -p udp || true',
    'conntrack -D -f ipv6 -p tcp || true',
    `sysctl -w net.ipv4.conf.all.rp_filter=${dice.pick([0, 1, 2])}`,
    `sysctl -w net.netfilter.nf_conntrack_tcp_loose=${dice.pick([0, 1])}`,
    `sysctl -w net.ipv4.conf.${dice.pick(node.interfaces).name.replaceAll('.', '/')}.forwarding=${dice.pick([0, 1])}`,
    `ip route add ${dice.pick(['blackhole', 'unreachable', 'prohibit'])} ${server.four[0]}/32 metric 5 && ip route add ${dice.pick(['blackhole', 'unreachable', 'prohibit'])} 10.96.0.3/32`,
    `ip -6 route add ${dice.pick(['blackhole', 'unreachable', 'prohibit'])} fd00:96::3/128`,
    ...(own.length > 0 ? [`ipset -exist add ${dice.pick(own)} ${server.four[0]}`, `ipset -exist del ${dice.pick(own)} ${server.four[0]}`] : []),
  ]);
  return { machine: node.name, run };
}
