import { parseBridgeCommand } from '../bridge/index.js';
import { parseSysctlCommand } from '../sysctl/index.js';
import { parseIpCommand } from './index.js';

const words = (line: string): string[] => line.split(' ').slice(1);

describe('parseIpCommand', () => {
  it.each([
    ['ip link set eth0 down', { object: 'link', action: 'set', device: 'eth0', changes: { isUp: false } }],
    ['ip l s dev eth0 mtu 1400 master br0 up', { object: 'link', action: 'set', device: 'eth0', changes: { mtu: 1400, master: 'br0', isUp: true } }],
    ['ip link set v0 type bridge_slave hairpin on', { changes: { kind: 'bridge_slave', kindData: { hairpin: 'on' } } }],
    ['ip link add v0 type veth peer name v1', { object: 'link', action: 'add', link: { name: 'v0', kind: 'veth', peer: { name: 'v1' } } }],
    ['ip link add vx type vxlan id 1 dev eth0 dstport 4789 nolearning', { link: { kind: 'vxlan', lower: 'eth0', kindData: { id: '1', dstport: '4789', nolearning: '1' } } }],
    ['ip link del v0', { object: 'link', action: 'delete', device: 'v0' }],
    ['ip a a 10.0.0.1/24 brd + dev eth0', { object: 'address', action: 'add', address: { local: '10.0.0.1', prefixLength: 24, broadcast: '+', device: 'eth0' } }],
    ['ip -6 addr del fd00::1/64 dev eth0', { object: 'address', action: 'delete', address: { family: 6, local: 'fd00::1' } }],
    ['ip addr add 10.0.0.1 peer 10.0.0.2/32 dev eth0', { address: { peer: '10.0.0.2', prefixLength: 32 } }],
    ['ip addr flush dev eth0', { object: 'address', action: 'flush', device: 'eth0' }],
    ['ip route add default via 10.0.0.1', { object: 'route', action: 'add', route: { family: 4, destination: { length: 0 }, nexthops: [{ gateway: '10.0.0.1', device: null }] } }],
    ['ip route add default via fd00::1', { route: { family: 6, destination: { address: { family: 6 }, length: 0 } } }],
    ['ip r replace 10.0.0.0/8 via 10.1.0.1 dev eth0 src 10.1.0.2 metric 5 table 100 mtu lock 1300 onlink', { action: 'replace', route: { preferredSource: '10.1.0.2', metric: 5, table: 100, mtu: 1300, isMtuLocked: true, nexthops: [{ isOnLink: true }] } }],
    ['ip route add 10.0.0.0/8 nexthop via 10.1.0.1 weight 2 nexthop via 10.2.0.1 dev b', { route: { nexthops: [{ weight: 2 }, { device: 'b', weight: 1 }] } }],
    ['ip route add unreachable 10.0.0.0/8', { route: { type: 'unreachable', nexthops: [] } }],
    ['ip route add to local 10.0.0.7 dev lo proto 66', { route: { type: 'local', protocol: 66, destination: { length: 32 } } }],
    ['ip route del local 127.0.0.0/8 dev lo table local', { action: 'delete', route: { type: 'local', table: 255 } }],
    ['ip route flush table 100', { object: 'route', action: 'flush', filter: { table: 100 } }],
    ['ip rule add fwmark 0x10/0xf0 table 100 prio 5', { object: 'rule', action: 'add', rule: { mark: 16, markMask: 0xf0, table: 100, priority: 5, action: 'table' } }],
    ['ip rule add not from 10.0.0.0/8 to 10.1.0.0/16 iif a oif b ipproto tcp dport 80-90 prohibit', { rule: { isInverted: true, source: '10.0.0.0/8', destination: '10.1.0.0/16', protocol: 6, destinationPorts: [80, 90], action: 'prohibit' } }],
    ['ip rule del from fd00::/8 table 5', { object: 'rule', action: 'delete', rule: { family: 6, source: 'fd00::/8' } }],
    ['ip rule add table main suppress_prefixlength 0', { rule: { suppressPrefixLength: 0, table: 254 } }],
    ['ip neigh replace 10.0.0.2 lladdr 2:0:0:0:0:7 dev eth0 nud reachable', { object: 'neighbour', action: 'replace', neighbour: { mac: '02:00:00:00:00:07', state: 'REACHABLE' } }],
    ['ip n flush dev eth0 nud permanent', { object: 'neighbour', action: 'flush', device: 'eth0', states: ['PERMANENT'] }],
    ['ip -j -d addr show dev eth0', { object: 'address', action: 'show' }],
  ])('%s', (line, expected) => {
    const { value, issues } = parseIpCommand(words(line));
    expect(issues).toEqual([]);
    expect(value).toMatchObject(expected);
  });

  it.each([
    ['ip foo', 'foo', 'Object "foo" is unknown, try "ip help".'],
    ['ip link foo', 'foo', 'Command "foo" is unknown, try "ip link help".'],
    ['ip link set d0 foo', 'foo', 'Error: either "dev" is duplicate, or "foo" is a garbage.'],
    ['ip route add 10.79.0.0/16 foo', 'foo', 'Error: either "to" is duplicate, or "foo" is a garbage.'],
    ['ip route add 10.78.0.0/33 dev d0', '10.78.0.0/33', 'Error: any valid prefix is expected rather than "10.78.0.0/33".'],
    ['ip rule add foo', 'foo', 'Error: argument "foo" is wrong: Failed to parse rule type'],
    ['ip addr add 1.2.3.4/24 foo', 'foo', 'Error: either "local" is duplicate, or "foo" is a garbage.'],
    ['ip neigh add 10.1.1.11 lladdr zz dev e0', 'zz', '"zz" is invalid lladdr.'],
    ['ip neigh add 10.1.1.7 lladdr 02:00:00:00:00:07', 'neigh', 'Device and destination are required arguments.'],
    ['ip link set d0 netns other', 'netns', 'a device cannot be moved to another namespace: "netns other"'],
  ])('%s: names %s', (line, word, message) => {
    expect(parseIpCommand(words(line))).toEqual({ value: null, issues: [{ code: 'UnknownWord', severity: 'error', message, word }] });
  });
});

describe('parseBridgeCommand', () => {
  it.each([
    ['bridge fdb replace 02:00:00:00:00:09 dev v0 master static', { object: 'fdb', action: 'replace', entry: { device: 'v0', isMaster: true, state: 'static' } }],
    ['bridge fdb append 00:00:00:00:00:00 dev vx dst 10.0.0.2 self permanent', { action: 'append', entry: { destination: '10.0.0.2', state: 'permanent' } }],
    ['bridge link set dev v0 hairpin on isolated off state 3', { object: 'link', action: 'set', changes: { hairpin: true, isolated: false, state: 'forwarding' } }],
  ])('%s', (line, expected) => {
    expect(parseBridgeCommand(words(line)).value).toMatchObject(expected);
  });

  it('names the word that it does not know', () => {
    expect(parseBridgeCommand(words('bridge link set dev v0 frob on')).issues[0]?.word).toBe('frob');
  });
});

describe('parseSysctlCommand', () => {
  it.each([
    { name: 'several keys', words: ['-w', 'net.ipv4.ip_forward=1', 'net/ipv4/conf/eth0.1/rp_filter=2'], assignments: [['net.ipv4.ip_forward', '1'], ['net.ipv4.conf.eth0/1.rp_filter', '2']] },
    { name: 'blanks inside one word', words: ['net.ipv4.ip_local_port_range = 1000 2000'], assignments: [['net.ipv4.ip_local_port_range', '1000 2000']] },
    { name: 'flags together', words: ['-qw', 'a.b=1'], assignments: [['a.b', '1']] },
    { name: 'a name alone is read', words: ['net.ipv4.ip_forward'], assignments: [['net.ipv4.ip_forward', null]] },
  ])('$name', ({ words: line, assignments }) => {
    expect(parseSysctlCommand(line).value?.assignments.map((a) => [a.name, a.value])).toEqual(assignments);
  });

  it('names an option that it does not know', () => {
    expect(parseSysctlCommand(['-z', 'a=1']).issues[0]).toMatchObject({ word: '-z' });
  });
});
