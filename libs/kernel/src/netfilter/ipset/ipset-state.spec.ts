import { Random, parseAddress, type IpAddress } from '@worldline/model';
import { printIpsetSave, readIpsetSave } from '@worldline/language';
import { PacketContext } from '../../packet/index.js';
import { Environment } from '../../record/index.js';
import {
  COUNTER_EQUAL,
  COUNTER_GREATER,
  COUNTER_LESS,
  COUNTER_NONE,
  IpsetState,
  SET_EXIST,
  SET_RETURN_NOMATCH,
  SET_SKIP_COUNTERS,
  SET_SKIP_SUBCOUNTERS,
  captureIpsets,
  loadIpsets,
  packDirections,
} from './index.js';

function environment(): Environment {
  const chooser = { chance: () => false, pick: () => 0 };
  return Environment.create(Random.fromSeed(1), chooser);
}

function load(text: string): IpsetState {
  const state = new IpsetState(environment());
  const parsed = readIpsetSave(text, 'ipset-save.txt');
  expect(parsed.issues).toEqual([]);
  expect(loadIpsets(state, parsed.value ?? [], 'ipset-save.txt')).toEqual([]);
  return state;
}

interface Headers {
  from: string;
  to: string;
  protocol?: number;
  ports?: [number, number];
  icmp?: [number, number];
  mark?: number;
  macs?: [string, string];
  fragmentOffset?: number;
}

function packet(state: IpsetState, headers: Headers): PacketContext {
  const { addresses, macs } = state.environment;
  const p = new PacketContext();
  const source = parseAddress(headers.from) as IpAddress;
  p.family = source.family;
  p.source = addresses.handle(source);
  p.destination = addresses.handle(parseAddress(headers.to) as IpAddress);
  p.protocol = headers.protocol ?? 17;
  [p.sourcePort, p.destinationPort] = headers.ports ?? [40000, 53];
  [p.icmpType, p.icmpCode] = headers.icmp ?? [0, 0];
  p.mark = headers.mark ?? 0;
  [p.sourceMac, p.destinationMac] = (headers.macs ?? ['02:00:00:00:00:01', '02:00:00:00:00:02']).map((x) => macs.id(x)) as [number, number];
  p.fragmentOffset = headers.fragmentOffset ?? 0;
  p.length = 84;
  return p;
}

function position(state: IpsetState, name: string): number {
  return state.find(state.environment.words.id(name));
}

const UDP: Headers = { from: '10.1.1.2', to: '10.2.1.2', ports: [40000, 53] };
const V6: Headers = { from: '2001:db8:1::2', to: '2001:db8:2::2', ports: [40000, 53] };
const ECHO: Headers = { from: '10.5.0.1', to: '10.5.0.2', protocol: 1, icmp: [8, 0] };
const ECHO6: Headers = { from: '2001:db8:1::2', to: '2001:db8:2::2', protocol: 58, icmp: [128, 0] };

interface Row {
  name: string;
  set: string;
  directions: string;
  packet: Headers;
  isIn: boolean;
  flags?: number;
  devices?: [string | null, string | null];
}

// What Linux 6.18 does, by counters of rules that name the sets.
const ROWS: Row[] = [
  { name: 'hash:ip, source', set: 'hash:ip|10.1.1.2', directions: 'src', packet: UDP, isIn: true },
  { name: 'hash:ip, destination', set: 'hash:ip|10.1.1.2', directions: 'dst', packet: UDP, isIn: false },
  { name: 'hash:ip asked with more directions than it has', set: 'hash:ip|10.1.1.2', directions: 'src,dst', packet: UDP, isIn: true },
  { name: 'hash:ip, IPv6', set: 'hash:ip family inet6|2001:db8:2::2', directions: 'dst', packet: V6, isIn: true },
  { name: 'a set of the other family', set: 'hash:ip family inet6|2001:db8:2::2', directions: 'dst', packet: UDP, isIn: false },
  { name: 'netmask', set: 'hash:ip netmask 24|10.1.1.0', directions: 'src', packet: UDP, isIn: true },
  { name: 'bitmask', set: 'hash:ip bitmask 255.0.255.0|10.0.1.0', directions: 'src', packet: UDP, isIn: true },
  { name: 'netmask, IPv6', set: 'hash:ip family inet6 netmask 64|2001:db8:1::', directions: 'src', packet: V6, isIn: true },
  { name: 'hash:ip,port', set: 'hash:ip,port|10.2.1.2,udp:53', directions: 'dst,dst', packet: UDP, isIn: true },
  { name: 'hash:ip,port asked with too few directions', set: 'hash:ip,port|10.2.1.2,udp:53', directions: 'dst', packet: UDP, isIn: false },
  { name: 'hash:ip,port of another protocol', set: 'hash:ip,port|10.2.1.2,tcp:53', directions: 'dst,dst', packet: UDP, isIn: false },
  { name: 'hash:ip,port of a later fragment', set: 'hash:ip,port|10.2.1.2,udp:53', directions: 'dst,dst', packet: { ...UDP, fragmentOffset: 1480 }, isIn: false },
  { name: 'hash:ip,port, echo', set: 'hash:ip,port|10.5.0.1,icmp:echo-request', directions: 'src,src', packet: ECHO, isIn: true },
  { name: 'hash:ip,port, echo of IPv6', set: 'hash:ip,port family inet6|2001:db8:1::2,ipv6-icmp:echo-request', directions: 'src,src', packet: ECHO6, isIn: true },
  { name: 'hash:ip,port, a protocol without ports', set: 'hash:ip,port|10.1.1.2,gre:0', directions: 'src,src', packet: { ...UDP, protocol: 47 }, isIn: true },
  { name: 'hash:ip,port,ip', set: 'hash:ip,port,ip|10.2.1.2,udp:53,10.1.1.2', directions: 'dst,dst,src', packet: UDP, isIn: true },
  { name: 'hash:ip,port,net', set: 'hash:ip,port,net|10.2.1.2,udp:53,10.1.1.0/24', directions: 'dst,dst,src', packet: UDP, isIn: true },
  { name: 'hash:ip,mark', set: 'hash:ip,mark markmask 0x000000ff|10.1.1.2,0x00000012', directions: 'src,src', packet: { ...UDP, mark: 0x4012 }, isIn: true },
  { name: 'hash:mac', set: 'hash:mac|02:00:00:00:00:01', directions: 'src', packet: UDP, isIn: true },
  { name: 'hash:ip,mac, the other end', set: 'hash:ip,mac|10.1.1.2,02:00:00:00:00:01', directions: 'src,dst', packet: UDP, isIn: false },
  { name: 'hash:net, longest first', set: 'hash:net|10.1.0.0/16|10.1.1.0/24 nomatch', directions: 'src', packet: UDP, isIn: false },
  { name: 'hash:net, nomatch asked for', set: 'hash:net|10.1.0.0/16|10.1.1.0/24 nomatch', directions: 'src', packet: UDP, flags: SET_RETURN_NOMATCH, isIn: true },
  { name: 'hash:net, nomatch asked for but a plain network', set: 'hash:net|10.1.0.0/16', directions: 'src', packet: UDP, flags: SET_RETURN_NOMATCH, isIn: false },
  { name: 'hash:net, a hole in nomatch', set: 'hash:net|10.1.0.0/16 nomatch|10.1.1.2', directions: 'src', packet: UDP, isIn: true },
  { name: 'hash:net, IPv6', set: 'hash:net family inet6|2001:db8:1::/48', directions: 'src', packet: V6, isIn: true },
  { name: 'hash:net,port', set: 'hash:net,port|10.2.0.0/16,udp:53', directions: 'dst,dst', packet: UDP, isIn: true },
  { name: 'hash:net,net', set: 'hash:net,net|10.1.0.0/16,10.2.0.0/16|10.1.1.0/24,10.3.0.0/16', directions: 'src,dst', packet: UDP, isIn: true },
  { name: 'hash:net,net, the nearer pair says no', set: 'hash:net,net|10.1.0.0/16,10.2.0.0/16|10.1.0.0/16,10.2.1.0/24 nomatch', directions: 'src,dst', packet: UDP, isIn: false },
  { name: 'hash:net,port,net', set: 'hash:net,port,net|10.1.0.0/16,udp:53,10.2.1.0/24', directions: 'src,dst,dst', packet: UDP, isIn: true },
  { name: 'hash:net,iface', set: 'hash:net,iface|10.1.0.0/16,eth1', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: true },
  { name: 'hash:net,iface, no device that way in this hook', set: 'hash:net,iface|10.1.0.0/16,eth1', directions: 'src,dst', packet: UDP, devices: ['eth1', null], isIn: false },
  { name: 'hash:net,iface, a longer network of another device hides it', set: 'hash:net,iface|10.1.1.0/24,eth2|10.1.0.0/16,eth1', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: false },
  { name: 'hash:net,iface, a shorter network of another device does not', set: 'hash:net,iface|10.1.1.0/24,eth1|10.1.0.0/16,eth2', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: true },
  { name: 'hash:net,iface of a bridge port is never asked for', set: 'hash:net,iface|10.1.0.0/16,physdev:eth1', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: false },
  { name: 'hash:net,iface, the network of a bridge port hides nothing', set: 'hash:net,iface|10.1.1.0/24,physdev:eth2|10.1.0.0/16,eth1', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: true },
  { name: 'hash:net,iface, the beginning of a name', set: 'hash:net,iface|10.1.0.0/16,eth wildcard', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: true },
  { name: 'hash:net,iface, everything', set: 'hash:net,iface|0.0.0.0/0,eth1', directions: 'src,src', packet: UDP, devices: ['eth1', null], isIn: true },
  { name: 'bitmap:ip', set: 'bitmap:ip range 10.1.0.0-10.1.255.255|10.1.1.2', directions: 'src', packet: UDP, isIn: true },
  { name: 'bitmap:ip with netmask', set: 'bitmap:ip range 10.1.0.0-10.1.255.255 netmask 24|10.1.1.0', directions: 'src', packet: UDP, isIn: true },
  { name: 'bitmap:ip,mac', set: 'bitmap:ip,mac range 10.1.1.0-10.1.1.255|10.1.1.2,02:00:00:00:00:01', directions: 'src,src', packet: UDP, isIn: true },
  { name: 'bitmap:ip,mac, another MAC', set: 'bitmap:ip,mac range 10.1.1.0-10.1.1.255|10.1.1.2,02:00:00:00:00:07', directions: 'src,src', packet: UDP, isIn: false },
  { name: 'bitmap:ip,mac without MAC', set: 'bitmap:ip,mac range 10.1.1.0-10.1.1.255|10.1.1.2', directions: 'src,src', packet: UDP, isIn: true },
  { name: 'bitmap:port', set: 'bitmap:port range 0-1023|53', directions: 'dst', packet: UDP, isIn: true },
  { name: 'bitmap:port of IPv6', set: 'bitmap:port range 0-1023|53', directions: 'dst', packet: V6, isIn: true },
  { name: 'bitmap:port, ICMP has none', set: 'bitmap:port range 0-65535|0', directions: 'src', packet: ECHO, isIn: false },
];

function define(row: Row): string {
  const [head, ...members] = row.set.split('|');
  const [type, ...options] = (head as string).split(' ');
  return [`create s ${type} ${options.join(' ')}`, ...members.map((m) => `add s ${m}`)].join('\n');
}

describe('test, alone and inside a list', () => {
  for (const row of ROWS) {
    it(row.name, () => {
      const state = load(`${define(row)}\ncreate l list:set size 8\nadd l s\n`);
      const p = packet(state, row.packet);
      const [input, output] = (row.devices ?? [null, null]).map((name) => (name === null ? -1 : state.environment.interfaceNames.id(name))) as [number, number];
      const directions = packDirections(row.directions);
      expect(state.test(p, position(state, 's'), directions, row.flags ?? 0, input, output)).toBe(row.isIn);
      // A list hands the question on, --return-nomatch included.
      expect(state.test(p, position(state, 'l'), directions, row.flags ?? 0, input, output)).toBe(row.isIn);
    });
  }
});

describe('counters', () => {
  const directions = packDirections('src');

  it('count before they are compared', () => {
    const state = load('create c hash:ip counters\nadd c 10.1.1.2 packets 0 bytes 0\n');
    const p = packet(state, UDP);
    const asked = [1, 2, 3].map(() => state.testCounters(p, position(state, 'c'), directions, 0, -1, -1, COUNTER_GREATER, 2, COUNTER_NONE, 0));
    expect(asked).toEqual([false, false, true]);
    expect(state.testCounters(p, position(state, 'c'), directions, SET_SKIP_COUNTERS, -1, -1, COUNTER_NONE, 0, COUNTER_LESS, 252)).toBe(false);
    expect(printIpsetSave(captureIpsets(state))).toContain('packets 3 bytes 252');
  });

  it('of a list are compared, those of its sets only counted', () => {
    const state = load('create c hash:ip counters\nadd c 10.1.1.2\ncreate l list:set counters\nadd l c\n');
    const p = packet(state, UDP);
    const ask = (flags: number): boolean => state.testCounters(p, position(state, 'l'), directions, flags, -1, -1, COUNTER_EQUAL, 1, COUNTER_NONE, 0);
    expect([ask(0), ask(0)]).toEqual([true, false]);
    expect(state.test(p, position(state, 'l'), directions, SET_SKIP_SUBCOUNTERS, -1, -1)).toBe(true);
    expect(printIpsetSave(captureIpsets(state))).toContain('add c 10.1.1.2 packets 2 bytes 168');
    expect(printIpsetSave(captureIpsets(state))).toContain('add l c packets 3 bytes 252');
  });
});

describe('time', () => {
  it('takes members away', () => {
    const state = load('create t hash:ip timeout 30\nadd t 10.1.1.2 timeout 5\nadd t 10.1.1.3 timeout 0\n');
    const isIn = (from: string): boolean => state.test(packet(state, { ...UDP, from }), position(state, 't'), packDirections('src'), 0, -1, -1);
    expect([isIn('10.1.1.2'), isIn('10.1.1.3')]).toEqual([true, true]);
    state.environment.now = 4_999_000;
    expect([isIn('10.1.1.2'), isIn('10.1.1.3')]).toEqual([true, true]);
    state.environment.now = 5_001_000;
    expect([isIn('10.1.1.2'), isIn('10.1.1.3')]).toEqual([false, true]);
    expect(captureIpsets(state)[0]?.members.map((m) => m.entry)).toEqual(['10.1.1.3']);
  });
});

describe('the SET target', () => {
  const saved = (state: IpsetState): string[] => captureIpsets(state).flatMap((c) => c.members.map((m) => `${m.entry} ${m.timeout} ${m.packets}`));

  it.each([
    { name: 'adds the packet, counted', set: 'hash:ip counters timeout 0', directions: 'src', member: '10.1.1.2 0 1' },
    { name: 'adds a network as long as the longest', set: 'hash:net|10.9.0.0/20', directions: 'src', member: '10.1.0.0/20 null null' },
    { name: 'adds an address to an empty set of networks', set: 'hash:net', directions: 'src', member: '10.1.1.2 null null' },
    { name: 'adds with the port', set: 'hash:ip,port timeout 100', directions: 'src,dst', member: '10.1.1.2,udp:53 50 null' },
  ])('$name', ({ set, directions, member }) => {
    const state = load(define({ set } as Row));
    expect(state.add(packet(state, UDP), 0, packDirections(directions), 0, set.includes('port') ? 50 : -1, -1, -1)).toBe(true);
    expect(saved(state)).toContain(member);
  });

  it('refreshes a member only with --exist', () => {
    const state = load('create t hash:ip timeout 10\nadd t 10.1.1.2 timeout 2\n');
    const p = packet(state, UDP);
    expect(state.add(p, 0, packDirections('src'), 0, -1, -1, -1)).toBe(false);
    expect(saved(state)).toEqual(['10.1.1.2 2 null']);
    expect(state.add(p, 0, packDirections('src'), SET_EXIST, -1, -1, -1)).toBe(true);
    expect(saved(state)).toEqual(['10.1.1.2 10 null']);
  });

  it('adds to and deletes from the first set of a list that takes it', () => {
    const state = load('create p hash:ip,port\ncreate a hash:ip\ncreate b hash:ip\ncreate l list:set\nadd l p\nadd l a\nadd l b\n');
    const p = packet(state, UDP);
    const list = position(state, 'l');
    expect(state.add(p, list, packDirections('src'), 0, -1, -1, -1)).toBe(true);
    expect(captureIpsets(state).map((c) => c.members.length)).toEqual([0, 1, 0, 3]);
    expect(state.delete(p, list, packDirections('src'), -1, -1)).toBe(true);
    expect(captureIpsets(state).map((c) => c.members.length)).toEqual([0, 0, 0, 3]);
  });

  it('is refused by a full set, and makes room with forceadd', () => {
    const state = load('create f hash:ip maxelem 1\nadd f 10.9.9.9\ncreate g hash:ip maxelem 1 forceadd\nadd g 10.9.9.9\n');
    const p = packet(state, UDP);
    expect([0, 1].map((set) => state.add(p, set, packDirections('src'), 0, -1, -1, -1))).toEqual([false, true]);
    expect(saved(state)).toEqual(['10.9.9.9 null null', '10.1.1.2 null null']);
  });

  it('maps the mark', () => {
    const state = load('create m hash:ip skbinfo\nadd m 10.1.1.2 skbmark 0x12/0xff\n');
    const p = packet(state, { ...UDP, mark: 0x4034 });
    expect(state.map(p, 0, packDirections('src'), true, -1, -1)).toBe(true);
    expect(p.mark).toBe(0x4012);
  });
});

describe('what a memo of decisions needs to know', () => {
  it('a lookup is pure without counters, timeouts and open MACs', () => {
    const state = load('create a hash:ip\ncreate c hash:ip counters\ncreate t hash:ip timeout 0\ncreate l list:set\nadd l a\ncreate m list:set\nadd m a\nadd m c\n');
    expect(['a', 'c', 't', 'l', 'm'].map((name) => state.isPure(position(state, name)))).toEqual([true, false, false, true, false]);
  });

  it('a change of members is a new generation', () => {
    const state = load('create a hash:ip\nadd a 10.1.1.2\n');
    const { generation } = state;
    state.delete(packet(state, UDP), 0, packDirections('src'), -1, -1);
    expect(state.generation).toBeGreaterThan(generation);
  });
});

describe('fork', () => {
  it('keeps what one run changes from the other', () => {
    const state = load('create c hash:ip counters\nadd c 10.1.1.2\n');
    const copy = state.fork(state.environment);
    const p = packet(state, UDP);
    copy.test(p, 0, packDirections('src'), 0, -1, -1);
    copy.delete(p, 0, packDirections('src'), -1, -1);
    expect(captureIpsets(state)[0]?.members.map((m) => m.packets)).toEqual([0]);
    expect(captureIpsets(copy)[0]?.members).toEqual([]);
  });
});

describe('directions', () => {
  it.each([
    ['src', (1 << 8) | 2],
    ['dst,src', (2 << 8) | 4],
    ['source', -1],
  ])('%s', (text, packed) => {
    expect(packDirections(text)).toBe(packed);
  });
});
