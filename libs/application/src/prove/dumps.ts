/** What the real tools print of the machines on a stage: a bundle, and the state after a run. */
import { countersIn, entriesIn, withoutDates } from '@worldline/analysis';
import type { AfterDumps } from '@worldline/analysis';
import type { MachineCapture, MachineName, Observation, ObservedChain } from '@worldline/model';
import { folderOfMachine } from '@worldline/snapshot';
import type { RealKernel, StageCommand } from '../ports/index.js';

type Texts = ReadonlyMap<string, string>;

/** Files of a bundle by the command that prints them. */
const SNAPSHOT: readonly (readonly [file: string, command: string])[] = [
  ['ip-addr.json', 'ip -j -d addr'],
  ['ip-route.json', 'ip -j route show table all'],
  ['ip-rule.json', 'ip -j rule'],
  ['ip6-route.json', 'ip -6 -j route show table all'],
  ['ip6-rule.json', 'ip -6 -j rule'],
  ['ip-neigh.json', 'ip -j neigh'],
  ['bridge-link.json', 'bridge -j -d link'],
  ['bridge-fdb.json', 'bridge -j fdb'],
  ['iptables-save.txt', 'iptables-save -c'],
  ['ip6tables-save.txt', 'ip6tables-save -c'],
  ['ipset-save.txt', 'ipset save'],
  ['ebtables-save.txt', 'ebtables-save'],
  ['conntrack.txt', 'conntrack -L -f ipv4 -o extended; conntrack -L -f ipv6 -o extended'],
  ['sysctl.txt', 'sysctl -a 2>/dev/null | grep ^net'],
  ['sockets.txt', 'ss -Hlnptu'],
  ['uname.txt', 'uname -r'],
];
const AFTER: readonly (readonly [file: string, command: string])[] = [
  ['iptables-save.txt', 'iptables-save -c'],
  ['ip6tables-save.txt', 'ip6tables-save -c'],
  ['conntrack.txt', 'conntrack -L -f ipv4 -o extended; conntrack -L -f ipv6 -o extended'],
  ['ipset-save.txt', 'ipset save'],
];
const MIBS = 'cat /proc/thread-self/net/snmp /proc/thread-self/net/netstat; sed s/^/six:/ /proc/thread-self/net/snmp6; conntrack -S';

async function printed(kernel: RealKernel, machines: readonly MachineName[], commands: typeof AFTER): Promise<Map<MachineName, Texts>> {
  const asked: StageCommand[] = machines.flatMap((machine) => commands.map(([, command]) => ({ machine, command })));
  const outcomes = await kernel.run(asked);
  return new Map(machines.map((machine, m) => [machine, new Map(commands.map(([file], c) => [file, withoutDates(outcomes[m * commands.length + c]?.stdout ?? '')]))]));
}

/** A bundle of what is on the stage now. Files of the given bundle that no tool prints are taken over by the caller. */
export async function dumpSnapshot(kernel: RealKernel, machines: readonly MachineCapture[]): Promise<ReadonlyMap<string, string>> {
  const texts = await printed(kernel, machines.map(({ machine }) => machine), SNAPSHOT);
  const tree = new Map<string, string>();
  for (const [machine, files] of texts) for (const [file, text] of files) tree.set(`${folderOfMachine(machine)}/${file}`, file.endsWith('.json') ? lineByLine(text) : text);
  for (const { machine, node } of machines) if (node !== null) tree.set(`${folderOfMachine(machine)}/node.txt`, `${node}\n`);
  return tree;
}

/** One element a line, as people read it. */
function lineByLine(text: string): string {
  try {
    const list = JSON.parse(text.trim() === '' ? '[]' : text) as unknown[];
    return list.length === 0 ? '[]\n' : `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`;
  } catch {
    return text;
  }
}

export interface AfterState {
  readonly dumps: ReadonlyMap<MachineName, AfterDumps>;
  readonly observation: Pick<Observation, 'counters' | 'counters6' | 'conntrack'>;
  readonly tree: ReadonlyMap<string, string>;
}

export async function dumpAfter(kernel: RealKernel, machines: readonly MachineName[]): Promise<AfterState> {
  const texts = await printed(kernel, machines, AFTER);
  const tree = new Map<string, string>();
  const dumps = new Map<MachineName, AfterDumps>();
  const counters: Record<MachineName, Record<string, Record<string, ObservedChain>>> = {};
  const counters6: typeof counters = {};
  const conntrack: Record<MachineName, readonly string[]> = {};
  for (const [machine, files] of texts) {
    for (const [file, text] of files) if (text.trim() !== '') tree.set(`${folderOfMachine(machine)}/${file}`, text);
    const one = afterOf((file) => files.get(file) ?? null);
    dumps.set(machine, one);
    const [four, six, entries] = [countersIn(one.rules), countersIn(one.rules6), entriesIn(one.conntrack)];
    if (four) counters[machine] = four;
    if (six) counters6[machine] = six;
    if (entries.length > 0) conntrack[machine] = entries;
  }
  return { dumps, tree, observation: { counters, counters6, conntrack } };
}

/** The dumps that are compared, out of a machine's files. */
export function afterOf(textOf: (file: string) => string | null): AfterDumps {
  return { rules: textOf('iptables-save.txt') ?? '', rules6: textOf('ip6tables-save.txt') ?? '', conntrack: textOf('conntrack.txt') ?? '' };
}

type Mibs = ReadonlyMap<MachineName, ReadonlyMap<string, number>>;

export async function readMibs(kernel: RealKernel, machines: readonly MachineName[]): Promise<Mibs> {
  const outcomes = await kernel.run(machines.map((machine) => ({ machine, command: MIBS })));
  return new Map(machines.map((machine, i) => [machine, countsIn(outcomes[i]?.stdout ?? '')]));
}

/** What grew between two readings. */
export function mibChanges(before: Mibs, after: Mibs): NonNullable<Observation['snmp']> {
  const out: Record<MachineName, Record<string, number>> = {};
  for (const [machine, counts] of after)
    for (const [name, count] of counts) {
      const grown = count - (before.get(machine)?.get(name) ?? 0);
      if (grown !== 0) (out[machine] ??= {})[name] = grown;
    }
  return out;
}

const KEPT_MIBS = /^(Ip|Icmp|Udp|Ip6|Icmp6|Udp6|TcpExt\.(ListenDrops|TCPTimeouts)|IpExt\.(InNoRoutes|InTruncatedPkts|InBcastPkts|OutBcastPkts)|TcpExt\.IPReversePathFilter)/;
const NOISY_MIBS = /Forwarding|DefaultTTL|Octets|ECT|NeighborSol|NeighborAdv|RouterSol|RouterAdv|Group|MLD|Mcast|Type13[0-6]|Type143/;
const CONNTRACK_COUNTS = ['insert_failed', 'drop', 'early_drop', 'error', 'invalid', 'clash_resolve', 'chaintoolong'];

/** /proc/net/snmp and netstat: a line of names, a line of numbers; snmp6: name and number; `conntrack -S`: a line a CPU. */
function countsIn(text: string): Map<string, number> {
  const out = new Map<string, number>();
  const add = (name: string, count: number): void => {
    if (KEPT_MIBS.test(name) && !NOISY_MIBS.test(name)) out.set(name, count);
  };
  let names: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [head = '', ...words] = line.trim().split(/\s+/);
    if (head.startsWith('six:')) add(head.slice(4), Number(words[0]));
    else if (head.startsWith('cpu=')) for (const name of CONNTRACK_COUNTS) out.set(`conntrack.${name}`, (out.get(`conntrack.${name}`) ?? 0) + Number(new RegExp(`\\b${name}=(\\d+)`).exec(line)?.[1] ?? 0));
    else if (words.every((w) => /^-?\d+$/.test(w))) names.forEach((name, i) => add(`${head.slice(0, -1)}.${name}`, Number(words[i])));
    else names = words;
  }
  return out;
}
