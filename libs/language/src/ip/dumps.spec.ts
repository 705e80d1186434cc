import { parseIpAddresses, parseIpNeighbours, parseIpRoutes, parseIpRules, printIpAddresses, printIpNeighbours, printIpRoutes, printIpRules } from './index.js';

const ROUTES = `[
{"dst":"default","gateway":"10.1.0.1","dev":"eth0","flags":[]},
{"dst":"10.20.0.0/16","tos":"0x10","gateway":"10.1.0.2","dev":"eth0","table":"100","metric":50,"flags":[],"metrics":[{"mtu":1300,"hoplimit":9}]},
{"dst":"10.22.0.0/16","flags":["linkdown"],"nexthops":[{"gateway":"10.1.0.2","dev":"eth0","weight":2,"flags":["linkdown"]},{"gateway":"10.2.0.2","dev":"eth1","weight":1,"flags":["linkdown"]}]},
{"type":"unreachable","dst":"10.25.0.0/16","flags":[]},
{"type":"local","dst":"10.1.0.9","dev":"eth0","table":"local","protocol":"kernel","scope":"host","prefsrc":"10.1.0.9","flags":[]},
{"dst":"default","gateway":"fe80::1","dev":"eth0","metric":1024,"flags":[],"pref":"medium"},
{"type":"local","dst":"::1","dev":"lo","table":"local","protocol":"kernel","metric":0,"flags":[],"pref":"medium"}
]
`;

describe('ip-route.json', () => {
  it('holds both families', () => {
    const { value, issues } = parseIpRoutes(ROUTES, 'ip-route.json', null);
    expect(issues).toEqual([]);
    expect(value?.map((r) => [r.family, r.type, r.destination, r.table, r.nexthops.length])).toEqual([
      [4, 'unicast', '0.0.0.0/0', 254, 1],
      [4, 'unicast', '10.20.0.0/16', 100, 1],
      [4, 'unicast', '10.22.0.0/16', 254, 2],
      [4, 'unreachable', '10.25.0.0/16', 254, 0],
      [4, 'local', '10.1.0.9/32', 255, 1],
      [6, 'unicast', '::/0', 254, 1],
      [6, 'local', '::1/128', 255, 1],
    ]);
    expect(value?.[1]).toMatchObject({ tos: 16, metric: 50, mtu: 1300, hopLimit: 9 });
  });

  it('is printed as it was read, from the fields alone too', () => {
    const { value } = parseIpRoutes(ROUTES, 'ip-route.json', null);
    expect(printIpRoutes(value ?? [])).toBe(ROUTES);
    expect(printIpRoutes((value ?? []).map((r) => ({ ...r, raw: {} })))).toBe(ROUTES);
  });
});

describe('broken dumps', () => {
  it.each([
    { name: 'a missing comma', text: '[\n{"dst":"1.2.3.4"}\n{"dst":"1.2.3.5"}\n]', at: [3, 1], word: '{' },
    { name: 'cut short', text: '[\n{"dst":"1.2.3.4",', at: [2, 18], word: '' },
    { name: 'a bare word', text: '[{"dst":default}]', at: [1, 9], word: 'default' },
    { name: 'more behind the end', text: '[]\nfoo', at: [2, 1], word: 'foo' },
  ])('$name', ({ text, at, word }) => {
    const { value, issues } = parseIpRoutes(text, 'nodes/n1/ip-route.json', null);
    expect(value).toBeNull();
    expect(issues).toEqual([expect.objectContaining({ code: 'BrokenJson', file: 'nodes/n1/ip-route.json', line: at[0], column: at[1], ...(word ? { word } : {}) })]);
  });

  it('leaves out an entry that makes no sense, and says where it stands', () => {
    const { value, issues } = parseIpRoutes('[\n{"dst":"10.0.0.0/8","dev":"a","flags":[]},\n{"dst":"10.0.0/99","dev":"a"}\n]', 'r.json', null);
    expect(value).toHaveLength(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'BrokenEntry', line: 3, pointer: '/1/dst', word: '10.0.0/99' })]);
  });

  it('an empty file is an empty list', () => {
    expect(parseIpNeighbours('', 'ip-neigh.json')).toEqual({ value: [], issues: [] });
  });
});

describe('ip-rule.json', () => {
  it('is read and printed', () => {
    const text = `[
{"priority":0,"src":"all","table":"local"},
{"priority":4,"src":"all","uid_start":0,"uid_end":10,"table":"main","suppress_prefixlen":0},
{"priority":5,"src":"all","ipproto":"tcp","sport_start":10,"sport_end":20,"dport":80,"table":"300"},
{"priority":7,"src":"all","tos":"0x10","goto":32766},
{"priority":98,"not":null,"src":"10.0.0.0","srclen":8,"action":"unreachable"},
{"priority":99,"src":"10.1.0.0","srclen":16,"dst":"10.2.0.0","dstlen":16,"iif":"d0","oif":"d1","table":"200"},
{"priority":100,"src":"all","fwmark":"0x10","fwmask":"0xf0","table":"100"}
]
`;
    const { value, issues } = parseIpRules(text, 'ip-rule.json', 4);
    expect(issues).toEqual([]);
    expect(value?.[2]).toMatchObject({ protocol: 6, sourcePorts: [10, 20], destinationPorts: [80, 80], table: 300 });
    expect(value?.[6]).toMatchObject({ mark: 16, markMask: 0xf0 });
    expect(printIpRules((value ?? []).map((r) => ({ ...r, raw: {} })))).toBe(text);
  });
});

describe('ip-addr.json', () => {
  const text = `[
{"ifindex":2,"link":"d1","ifname":"d0","flags":["BROADCAST","UP"],"mtu":1400,"qdisc":"noqueue","master":"br0","operstate":"UP","group":"default","txqlen":1000,"link_type":"ether","address":"02:00:00:00:00:01","broadcast":"ff:ff:ff:ff:ff:ff","linkinfo":{"info_kind":"veth","info_slave_kind":"bridge","info_slave_data":{"state":"forwarding","hairpin":true}},"num_tx_queues":1,"addr_info":[{"family":"inet","local":"10.1.0.1","address":"10.1.0.2","prefixlen":32,"scope":"global","label":"d0","valid_life_time":4294967295,"preferred_life_time":4294967295}]},
{"ifindex":3,"link_index":7,"ifname":"d1","flags":["UP"],"mtu":1400,"operstate":"UP","link_type":"ether","address":"02:00:00:00:00:02","link_netnsid":4,"linkinfo":{"info_kind":"veth"},"addr_info":[]}
]
`;
  it('is read and printed', () => {
    const { value, issues } = parseIpAddresses(text, 'ip-addr.json');
    expect(issues).toEqual([]);
    expect(value?.[0]).toMatchObject({ linkIndex: 3, linkNetnsId: -1, kind: 'veth', master: 'br0', addresses: [{ family: 4, local: '10.1.0.1', peer: '10.1.0.2' }] });
    expect(value?.[1]).toMatchObject({ linkIndex: 7, linkNetnsId: 4 });
    expect(printIpAddresses(value ?? [])).toBe(text);
  });

  it('prints what has changed over what was there', () => {
    const [first] = parseIpAddresses(text, 'ip-addr.json').value ?? [];
    const printed = first ? printIpAddresses([{ ...first, mtu: 1300, master: null, addresses: [] }]) : '';
    expect(printed).toContain('"mtu":1300');
    expect(printed).not.toContain('br0');
    expect(printed).toContain('"addr_info":[]');
  });
});

describe('ip-neigh.json', () => {
  it('is read and printed', () => {
    const text = '[\n{"dst":"10.1.1.2","dev":"a","lladdr":"02:02:00:00:00:01","state":["PERMANENT"]},\n{"dst":"fe80::1","dev":"a","state":["FAILED"]}\n]\n';
    const { value } = parseIpNeighbours(text, 'ip-neigh.json');
    expect(value?.map((n) => [n.family, n.mac, n.state])).toEqual([
      [4, '02:02:00:00:00:01', 'PERMANENT'],
      [6, null, 'FAILED'],
    ]);
    expect(printIpNeighbours(value ?? [])).toBe(text);
  });
});
