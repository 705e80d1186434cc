/** Conditions of rules. Values are drawn from what the case's packets carry, so that each sometimes matches and sometimes does not. */
import type { Dice } from './dice.js';
import { PORTS } from './topology.js';

/** What a rule is written for. */
export interface RuleContext {
  readonly dice: Dice;
  readonly family: 4 | 6;
  readonly table: string;
  /** Built-in chains that packets may have come through. */
  readonly hooks: readonly string[];
  readonly addresses: readonly string[];
  readonly networks: readonly string[];
  readonly devices: readonly string[];
  /** Ports of bridges. */
  readonly ports: readonly string[];
  readonly macs: readonly string[];
  readonly marks: readonly number[];
  /** Name and how many dimensions. */
  readonly sets: readonly { readonly name: string; readonly flags: readonly string[] }[];
  readonly sourcePorts: readonly number[];
  /** Different in every rule of a case. */
  readonly serial: () => number;
}

export type Protocol = 'udp' | 'tcp' | 'icmp' | 'ipv6-icmp' | null;

export interface MatchWord {
  readonly name: string;
  readonly families?: readonly (4 | 6)[];
  /** Hooks in which it may stand; all by default. */
  readonly hooks?: readonly string[];
  readonly tables?: readonly string[];
  /** Without it a rule is refused. */
  readonly protocols?: readonly Protocol[];
  readonly weight?: number;
  readonly write: (c: RuleContext, protocol: Protocol) => string;
}

export const MARKS = [0x1, 0x2, 0x10, 0x20, 0x100, 0x4000, 0xff];
export const MASKS = [0x1, 0x3, 0x10, 0xf0, 0xff, 0x100, 0x4000, 0xffffffff];
/** What every payload of a case begins with. */
export const PAYLOAD_TEXT = 'worldline';

const IN = ['PREROUTING', 'INPUT', 'FORWARD'];
const OUT = ['FORWARD', 'OUTPUT', 'POSTROUTING'];
const not = (c: RuleContext, share = 0.15): string => c.dice.maybe('! ', share);
const hex = (n: number): string => `0x${n.toString(16)}`;
const mark = (c: RuleContext): string => `${hex(c.dice.pick(c.marks))}${c.dice.maybe(`/${hex(c.dice.pick(MASKS))}`)}`;
const port = (c: RuleContext, isSource: boolean): number => (isSource ? c.dice.pick(c.sourcePorts) : c.dice.pick(PORTS));
const range = (c: RuleContext, p: number): string => (c.dice.chance(0.25) ? `${Math.max(1, p - c.dice.between(0, 30))}:${p + c.dice.between(0, 30)}` : String(p));
const full = (c: RuleContext): number => (c.family === 4 ? 32 : 128);

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED', 'DNAT', 'SNAT'];
const TYPES4 = ['LOCAL', 'UNICAST', 'BROADCAST', 'MULTICAST', 'BLACKHOLE', 'UNREACHABLE', 'PROHIBIT'];
const TYPES6 = ['LOCAL', 'UNICAST', 'MULTICAST', 'ANYCAST', 'UNREACHABLE'];

export const MATCHES: readonly MatchWord[] = [
  { name: '-s', weight: 3, write: (c) => `${not(c)}-s ${c.dice.chance(0.6) ? `${c.dice.pick(c.addresses)}/${full(c)}` : c.dice.pick(c.networks)}` },
  { name: '-d', weight: 3, write: (c) => `${not(c)}-d ${c.dice.chance(0.6) ? `${c.dice.pick(c.addresses)}/${full(c)}` : c.dice.pick(c.networks)}` },
  { name: '-i', weight: 2, hooks: IN, write: (c) => `${not(c)}-i ${c.dice.pick([...c.devices, 'veth+', 'eth+'])}` },
  { name: '-o', weight: 2, hooks: OUT, write: (c) => `${not(c)}-o ${c.dice.pick([...c.devices, 'veth+', 'lo'])}` },
  { name: 'port', weight: 4, protocols: ['udp', 'tcp'], write: (c, p) => (c.dice.chance(0.7) ? `-m ${p} ${not(c)}--dport ${range(c, port(c, false))}` : `-m ${p} ${not(c)}--sport ${range(c, port(c, true))}`) },
  { name: 'tcp flags', protocols: ['tcp'], write: (c) => `-m tcp ${not(c)}--tcp-flags ${c.dice.pick(['FIN,SYN,RST,ACK SYN', 'SYN,ACK SYN,ACK', 'ACK ACK', 'RST RST', 'PSH PSH', 'FIN FIN', 'FIN,SYN FIN,SYN', 'SYN,RST NONE', 'ALL NONE'])}` },
  { name: 'tcp option', protocols: ['tcp'], write: (c) => `-m tcp ${not(c)}--tcp-option ${c.dice.pick([2, 3, 4, 8, 5])}` },
  { name: 'icmp', families: [4], protocols: ['icmp'], write: (c) => `-m icmp ${not(c)}--icmp-type ${c.dice.pick(['8', '0', '3', '3/3', '3/1', '11', 'any'])}` },
  { name: 'icmp6', families: [6], protocols: ['ipv6-icmp'], write: (c) => `-m icmp6 ${not(c)}--icmpv6-type ${c.dice.pick(['128', '129', '1', '1/4', '3'])}` },
  { name: 'multiport', weight: 2, protocols: ['udp', 'tcp'], write: (c) => {
    const which = c.dice.pick(['dports', 'sports', 'ports']);
    const list = [...new Set([port(c, which === 'sports'), ...c.dice.some(PORTS, 2)])].join(',');
    return `-m multiport ${not(c)}--${which} ${list}${c.dice.maybe(',41000:41050', 0.4)}`;
  } },
  { name: 'ctstate', weight: 3, write: (c) => `-m conntrack ${not(c, 0.2)}--ctstate ${c.dice.some(STATES, c.dice.between(1, 3)).join(',')}` },
  { name: 'conntrack', weight: 3, write: conntrack },
  { name: 'state', write: (c) => `-m state ${not(c)}--state ${c.dice.some(STATES.slice(0, 5), c.dice.between(1, 2)).join(',')}` },
  { name: 'mark', weight: 2, write: (c) => `-m mark ${not(c, 0.3)}--mark ${mark(c)}` },
  { name: 'connmark', write: (c) => `-m connmark ${not(c, 0.3)}--mark ${mark(c)}` },
  { name: 'addrtype', weight: 2, write: (c) => `-m addrtype ${not(c)}--${c.dice.pick(['dst', 'src'])}-type ${c.dice.some(c.family === 4 ? TYPES4 : TYPES6, c.dice.between(1, 2)).join(',')}${limitIface(c)}` },
  { name: 'set', weight: 4, write: (c) => {
    const set = c.dice.pick(c.sets);
    return `-m set ${not(c)}--match-set ${set.name} ${c.dice.pick(set.flags)}${c.dice.maybe(' --return-nomatch', 0.05)}${c.dice.maybe(` --packets-gt ${c.dice.between(0, 3)}`, 0.05)}`;
  } },
  { name: 'statistic nth', write: (c) => { const every = c.dice.between(2, 4); return `-m statistic --mode nth ${not(c)}--every ${every} --packet ${c.dice.between(0, every - 1)}`; } },
  { name: 'statistic certain', write: (c) => `-m statistic --mode random ${not(c, 0.5)}--probability 0` },
  { name: 'recent', weight: 2, write: (c) => {
    const side = c.dice.pick(['rsource', 'rdest']);
    const action = c.dice.pick(['set', 'set', 'rcheck', 'update', 'remove']);
    const how = action === 'rcheck' || action === 'update' ? `${c.dice.maybe(' --seconds 3600', 0.4)}${c.dice.maybe(` --hitcount ${c.dice.between(1, 3)}`, 0.4)}${c.dice.maybe(' --rttl', 0.1)}` : '';
    return `-m recent ${not(c, 0.1)}--${action}${how} --name r${c.dice.between(1, 3)} --mask ${c.family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'} --${side}`;
  } },
  { name: 'limit', write: (c) => `-m limit --limit 1/hour --limit-burst ${c.dice.between(1, 6)}` },
  { name: 'hashlimit', write: (c) => `-m hashlimit --hashlimit-${c.dice.pick(['above', 'upto'])} 1/hour --hashlimit-burst ${c.dice.between(1, 5)} --hashlimit-mode ${c.dice.pick(['srcip', 'dstip', 'srcip,dstport', 'dstip,dstport', 'srcip,srcport,dstip,dstport'])} --hashlimit-name h${c.serial()}` },
  { name: 'connlimit', write: (c) => `-m connlimit --connlimit-${c.dice.pick(['above', 'upto'])} ${c.dice.between(0, 4)} --connlimit-mask ${c.family === 4 ? c.dice.pick([32, 24, 0]) : c.dice.pick([128, 64, 0])} --connlimit-${c.dice.pick(['saddr', 'daddr'])}` },
  { name: 'iprange', weight: 2, write: (c) => {
    const a = c.dice.pick(c.addresses);
    const [, head = '', last = '0'] = c.family === 4 ? (/^(.*\.)(\d+)$/.exec(a) ?? []) : (/^(.*:)([0-9a-f]+)$/.exec(a) ?? []);
    const value = parseInt(last, c.family === 4 ? 10 : 16);
    const text = (n: number): string => `${head}${n.toString(c.family === 4 ? 10 : 16)}`;
    return `-m iprange ${not(c)}--${c.dice.pick(['src', 'dst'])}-range ${text(Math.max(0, value - c.dice.between(0, 3)))}-${text(Math.min(255, value + c.dice.between(0, 9)))}`;
  } },
  { name: 'mac', hooks: IN, write: (c) => `-m mac ${not(c, 0.3)}--mac-source ${c.dice.pick(c.macs)}` },
  { name: 'physdev', hooks: ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'], write: (c) => `-m physdev ${c.hooks.every((h) => h === 'FORWARD' || h === 'POSTROUTING') ? c.dice.pick([`${not(c)}--physdev-is-bridged`, `--physdev-out ${c.dice.pick([...c.ports, 'eth0'])} --physdev-is-bridged`, `${not(c)}--physdev-in ${c.dice.pick([...c.ports, 'eth0'])}`]) : c.dice.pick([`${not(c)}--physdev-in ${c.dice.pick([...c.ports, 'eth0'])}`, `${not(c)}--physdev-is-in`])}` },
  { name: 'rpfilter', hooks: ['PREROUTING'], tables: ['raw', 'mangle'], write: (c) => `-m rpfilter${c.dice.maybe(' --loose', 0.3)}${c.dice.maybe(' --validmark', 0.2)}${c.dice.maybe(' --accept-local', 0.2)}${c.dice.maybe(' --invert', 0.5)}` },
  { name: 'socket', hooks: ['PREROUTING', 'INPUT'], write: (c) => `-m socket${c.dice.maybe(' --nowildcard', 0.4)}${c.dice.maybe(' --transparent', 0.1)}` },
  { name: 'owner', hooks: ['OUTPUT', 'POSTROUTING'], write: (c) => `-m owner ${c.dice.pick([`${not(c)}--uid-owner 0`, `${not(c)}--gid-owner 0`, `${not(c)}--socket-exists`, '--uid-owner 1000-2000'])}` },
  { name: 'length', write: (c) => { const a = c.dice.pick([28, 40, 44, 60, 80, 84, 104, 200]); return `-m length ${not(c)}--length ${a}:${a + c.dice.pick([0, 20, 200, 1000])}`; } },
  { name: 'ttl', families: [4], write: (c) => `-m ttl ${c.dice.pick(['--ttl-eq 64', '--ttl-eq 63', '--ttl-lt 64', '--ttl-gt 63', '! --ttl-eq 64'])}` },
  { name: 'hl', families: [6], write: (c) => `-m hl ${c.dice.pick(['--hl-eq 64', '--hl-eq 63', '--hl-lt 64', '--hl-gt 63', '! --hl-eq 64'])}` },
  { name: 'tos', write: (c) => `-m tos ${not(c)}--tos ${c.dice.pick(['0x00/0xff', '0x10/0xff', '0x08/0x3c', '0xb8/0xfc'])}` },
  { name: 'dscp', write: (c) => `-m dscp ${not(c)}--dscp ${c.dice.pick(['0x00', '0x04', '0x2e', '0x02'])}` },
  { name: 'ecn', families: [4], write: (c) => `-m ecn ${not(c)}--ecn-ip-ect ${c.dice.between(0, 3)}` },
  { name: 'ecn tcp', families: [4], protocols: ['tcp'], write: (c) => `-m ecn ${not(c)}--ecn-tcp-${c.dice.pick(['cwr', 'ece'])}` },
  { name: 'pkttype', write: (c) => `-m pkttype ${not(c)}--pkt-type ${c.dice.pick(['unicast', 'broadcast', 'multicast'])}` },
  { name: 'comment', write: (c) => `-m comment --comment "${c.dice.pick(['plain', "it's a comment -j DROP", 'default/web cluster IP'])} ${c.serial()}"` },
  { name: 'string', write: (c) => `-m string ${not(c)}--string "${c.dice.pick([PAYLOAD_TEXT, 'line', 'nowhere', 'world'])}" --algo ${c.dice.pick(['bm', 'kmp'])}${c.dice.maybe(' --icase', 0.15)}${c.dice.maybe(' --from 20 --to 120', 0.3)}` },
  { name: 'u32', families: [4], write: (c) => `-m u32 ${not(c)}--u32 "${c.dice.pick(['0x6&0xff=0x11', '0x6&0xff=0x1,0x6', '0x0>>0x16&0x3c@0x0&0xffff=0x35', '0x8&0xff000000=0x40000000', '0x0&0xffff=0x3c:0x54'])}"` },
  { name: 'bpf', families: [4], write: (c) => `-m bpf --bytecode "${c.dice.pick(['4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0', '4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0', '4,48 0 0 8,53 0 1 64,6 0 0 65535,6 0 0 0', '5,48 0 0 0,84 0 0 15,21 0 1 5,6 0 0 1,6 0 0 0'])}"` },
  { name: 'time', write: (c) => `-m time ${c.dice.pick(['--datestop 2020-01-01T00:00:00', '--datestart 2020-01-01T00:00:00', '--weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun', '--timestart 00:00 --timestop 23:59:59'])}` },
  { name: 'quota', write: (c) => `-m quota ${not(c, 0.3)}--quota ${c.dice.pick([60, 100, 400, 2000])}` },
  { name: 'cpu', write: (c) => `-m cpu ${not(c, 0.5)}--cpu 4000` },
  { name: 'cgroup', hooks: ['OUTPUT', 'POSTROUTING'], write: (c) => `-m cgroup ${not(c, 0.5)}--cgroup 77` },
  { name: 'policy', write: (c) => { const isIn = c.hooks.every((h) => IN.includes(h)); return `-m policy --dir ${isIn ? 'in' : 'out'} --pol ${c.dice.pick(['none', 'ipsec'])}`; }, hooks: ['PREROUTING', 'INPUT', 'FORWARD'] },
  { name: 'helper', write: (c) => `-m helper ${not(c, 0.4)}--helper "ftp"` },
  { name: 'tcpmss', protocols: ['tcp'], write: (c) => `-m tcp --tcp-flags SYN,RST SYN -m tcpmss ${not(c)}--mss ${c.dice.pick(['1460', '1:1300', '1400:1500'])}` },
  { name: 'devgroup', hooks: IN, write: (c) => `-m devgroup ${not(c, 0.5)}--src-group ${c.dice.pick(['0x0', '0x7'])}` },
  { name: 'eui64', families: [6], hooks: IN, write: () => '-m eui64' },
  { name: 'frag', families: [6], write: (c) => `-m frag ${c.dice.pick(['--fragfirst', '--fragmore', '--fraglast'])}` },
  { name: 'ipv6header', families: [6], write: (c) => `-m ipv6header ${not(c)}--header ${c.dice.pick(['ipv6-nonxt', 'protocol', 'hop-by-hop', 'ipv6-frag', 'ipv6-opts'])}${c.dice.maybe(' --soft')}` },
  { name: 'hbh', families: [6], write: (c) => `-m hbh ${not(c)}--hbh-len 8` },
  { name: 'dst', families: [6], write: (c) => `-m dst ${not(c)}--dst-len 8` },
  { name: 'rt', families: [6], write: (c) => `-m rt ${not(c)}--rt-type 0${c.dice.maybe(' --rt-segsleft 0')}` },
  { name: 'esp', families: [4, 6], write: () => '-p esp -m esp --espspi 256', weight: 1 },
  { name: 'ah', families: [4], write: () => '-p ah -m ah --ahspi 256', weight: 1 },
  { name: 'sctp', write: (c) => `-p sctp -m sctp --dport ${c.dice.pick(PORTS)}`, weight: 1 },
];

function limitIface(c: RuleContext): string {
  const [hook] = c.hooks;
  if (c.hooks.length !== 1 || !c.dice.chance(0.2)) return '';
  return hook === 'PREROUTING' || hook === 'INPUT' ? ' --limit-iface-in' : hook === 'POSTROUTING' || hook === 'OUTPUT' ? ' --limit-iface-out' : '';
}

function conntrack(c: RuleContext): string {
  const address = c.dice.pick(c.addresses);
  const option = c.dice.pick([
    `--ctproto ${c.dice.pick(['udp', 'tcp', c.family === 4 ? 'icmp' : 'ipv6-icmp'])}`,
    `--ctorigsrc ${address}`,
    `--ctorigdst ${address}`,
    `--ctreplsrc ${address}`,
    `--ctrepldst ${address}`,
    `--ctorigsrcport ${range(c, port(c, true))}`,
    `--ctorigdstport ${range(c, port(c, false))}`,
    `--ctreplsrcport ${port(c, false)}`,
    `--ctrepldstport ${range(c, port(c, true))}`,
    `--ctstatus ${c.dice.pick(['SEEN_REPLY', 'ASSURED', 'CONFIRMED', 'NONE', 'EXPECTED'])}`,
    `--ctexpire ${c.dice.pick(['1:20', '1:40', '100:600', '0:100000'])}`,
  ]);
  if (c.dice.chance(0.15)) return `-m conntrack --ctdir ${c.dice.pick(['ORIGINAL', 'REPLY'])}`;
  return `-m conntrack ${not(c, 0.2)}${option}`;
}
