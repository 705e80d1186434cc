/** The bench's bundle and scenarios, as files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SERVER_PORT, SERVICE_PORT, iptablesSave, partialSync, service, serviceIp, type Service } from './rules';
import { CLIENT, FIRST_SENDER, MACHINES, SERVER, type BenchMachine } from './topology';

const PORTS = 60_000;
const PAYLOAD = 18;

export function writeBundle(folder: string, all: readonly Service[]): void {
  const rules = iptablesSave(all);
  put(folder, 'cluster.yaml', 'apiVersion: worldline.dev/v1alpha1\nkind: Cluster\nmetadata: {name: bench}\nspec:\n  fabric: {kind: l2}\n');
  for (const machine of MACHINES) {
    const own = join(folder, machine.name.replace(/^(node|pod)\//, '$1s/'));
    put(own, 'ip-addr.json', JSON.stringify(addresses(machine)));
    put(own, 'ip-route.json', JSON.stringify(routes(machine)));
    put(own, 'ip-rule.json', '[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"}]');
    put(own, 'ip-neigh.json', JSON.stringify(machine.neighbours.map(({ address, mac, device }) => ({ dst: address, dev: device, lladdr: mac, state: ['PERMANENT'] }))));
    put(own, 'bridge-link.json', '[]');
    put(own, 'bridge-fdb.json', '[]');
    put(own, 'conntrack.txt', '');
    put(own, 'sysctl.txt', settings(machine));
    put(own, 'sockets.txt', machine.name === SERVER ? `udp UNCONN 0 0 0.0.0.0:${SERVER_PORT} 0.0.0.0:* users:(("echo",pid=1,fd=3))\n` : '');
    if (machine.isNode) put(own, 'iptables-save.txt', rules);
    else put(own, 'node.txt', machine.name === CLIENT ? 'node-a\n' : 'node-b\n');
  }
}

function settings({ isNode, interfaces }: BenchMachine): string {
  const forwarding = isNode ? 1 : 0;
  const scopes = ['all', 'default', 'lo', ...interfaces.map(({ name }) => name)];
  const own = scopes.flatMap((scope) => [`net.ipv4.conf.${scope}.forwarding = ${forwarding}`, `net.ipv4.conf.${scope}.rp_filter = 0`]);
  return `${[`net.ipv4.ip_forward = ${forwarding}`, ...own, 'net.netfilter.nf_conntrack_max = 4194304'].join('\n')}\n`;
}

function put(folder: string, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function addresses({ interfaces }: BenchMachine): unknown[] {
  const lo = { ifindex: 1, ifname: 'lo', flags: ['LOOPBACK', 'UP', 'LOWER_UP'], mtu: 65_536, operstate: 'UNKNOWN', link_type: 'loopback', address: '00:00:00:00:00:00', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, scope: 'host' }] };
  const own = interfaces.map(({ name, index, mac, address, length, peer: [machine, end] }, position) => ({
    ...{ ifindex: index, ifname: name, flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'], mtu: 1500, operstate: 'UP', link_type: 'ether', address: mac },
    link_index: name === 'eth0' && machine.startsWith('node/') && index === 10 ? 900 + position : (MACHINES.find((one) => one.name === machine)?.interfaces.find((one) => one.name === end)?.index ?? 0),
    link_netnsid: position,
    linkinfo: { info_kind: 'veth' },
    addr_info: [{ family: 'inet', local: address, prefixlen: length, scope: 'global' }],
  }));
  return [lo, ...own];
}

function routes({ interfaces, routes: own }: BenchMachine): unknown[] {
  const kernel = interfaces.flatMap(({ name, address, length }) => [
    { type: 'local', dst: address, dev: name, table: 'local', protocol: 'kernel', scope: 'host', prefsrc: address, flags: [] },
    ...(length === 24 ? [{ dst: `${address.replace(/\d+$/, '0')}/24`, dev: name, protocol: 'kernel', scope: 'link', prefsrc: address, flags: [] }] : []),
  ]);
  const given = own.map(({ to, via, device, isLocal }) =>
    isLocal ? { type: 'local', dst: to, dev: device, table: 'local', scope: 'host', flags: [] } : { dst: to, ...(via === undefined ? { scope: 'link' } : { gateway: via }), dev: device, flags: via?.startsWith('169.') || via?.startsWith('10.') ? ['onlink'] : [] },
  );
  return [...given, ...kernel, { type: 'local', dst: '127.0.0.0/8', dev: 'lo', table: 'local', protocol: 'kernel', scope: 'host', prefsrc: '127.0.0.1', flags: [] }];
}

function scenario(name: string, flows: readonly string[], events: readonly string[] = []): string {
  const list = (word: string, items: readonly string[]): string => (items.length === 0 ? '' : `  ${word}:\n${items.map((item) => `    - {${item}}\n`).join('')}`);
  return `apiVersion: worldline.dev/v1alpha1\nkind: Scenario\nmetadata: {name: ${name}}\nspec:\n  snapshot: ./snapshot\n  seed: 1\n${list('flows', flows)}${list('events', events)}`;
}

function sources(flows: number): string {
  const last = 3 + Math.max(1, Math.ceil(flows / PORTS)) - 1;
  return `source: {ip: ${FIRST_SENDER}${last > 3 ? `-10.244.${last >> 8}.${last & 255}` : ''}, port: 2000-${2000 + Math.min(flows, PORTS) - 1}}, spoof: true`;
}

/** `flows` flows that have had an answer, then `packets` datagrams of theirs in turn that get none. */
export function established(name: string, { flows, packets, count }: { flows: number; packets: number; count: number }): string {
  const each = Math.max(1, Math.round(packets / flows));
  const from = `from: {pod: default/client}, protocol: udp, ${sources(flows)}, destination: {ip: ${serviceIp(0)}-${serviceIp(count - 1)}, port: ${SERVICE_PORT}}, payload: ${PAYLOAD}, connections: ${flows}, rate: 1000000/s, expect: {delivered: {pod: default/server}}`;
  return scenario(name, [`name: warm, at: 0ms, ${from}, packets: 1`, `name: data, at: 1s, ${from}, packets: ${each}, every: 100us, server: silent`]);
}

/** Every datagram opens a flow, to any of the Services. */
export function fresh(name: string, { flows, count }: { flows: number; count: number }): string {
  return scenario(name, [`name: new, at: 0ms, from: {pod: default/client}, protocol: udp, ${sources(flows)}, destination: {ip: ${serviceIp(0)}-${serviceIp(count - 1)}, port: ${SERVICE_PORT}, spread: random}, packets: 1, payload: ${PAYLOAD}, connections: ${flows}, rate: 1000000/s, server: silent, expect: {delivered: {pod: default/server}}`]);
}

/** One Service moves to another endpoint `changes` times; a datagram of a new flow follows each. Writes what kube-proxy restores. */
export function writeChanges(folder: string, all: readonly Service[], changes: number): void {
  const number = all.length >> 1;
  const flows: string[] = [];
  const events: string[] = [];
  let before = all[number] as Service;
  for (let k = 0; k < changes; k++) {
    const now = service(number, 1, 20_000 + k);
    put(folder, `change-${k}.txt`, partialSync(all, before, now));
    events.push(`at: ${100 + 10 * k}ms, node: node-a, run: 'iptables-restore --noflush --counters', stdin: ./change-${k}.txt`);
    flows.push(`name: after-${k}, at: ${105 + 10 * k}ms, from: {pod: default/client}, protocol: udp, spoof: true, source: {ip: ${FIRST_SENDER}, port: ${2000 + k}}, destination: {ip: ${now.ip}, port: ${SERVICE_PORT}}, packets: 1, payload: ${PAYLOAD}, server: silent, expect: {delivered: {ip: ${now.endpoints[0]?.ip ?? ''}}}`);
    before = now;
  }
  put(folder, 'change.yaml', scenario('change', flows, events));
}

export function writeScenario(folder: string, name: string, text: string): string {
  put(folder, `${name}.yaml`, text);
  return join(folder, `${name}.yaml`);
}
