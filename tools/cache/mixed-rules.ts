/** Rule sets for node n1, drawn at random from what nodes have: kube-proxy's shape, and whatever else a rule can ask or do. */
import type { Random } from '@worldline/model';
import { oneOf } from '@worldline/testkit';

/** A node's sets: without anything, with timeouts, with counters, a list of them. */
export const IPSETS = [
  'create plain hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1',
  'add plain 10.244.1.10',
  'create nets hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1',
  'add nets 10.244.2.0/24',
  'create timed hash:ip family inet hashsize 1024 maxelem 65536 timeout 2 bucketsize 12 initval 0x1',
  'add timed 10.244.1.10 timeout 2',
  'create counted hash:ip family inet hashsize 1024 maxelem 65536 counters bucketsize 12 initval 0x1',
  'add counted 10.244.1.10 packets 0 bytes 0',
  'create ports hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1',
  'add ports 10.244.2.10,udp:53',
  'create all list:set size 8',
  'add all plain',
  'add all nets',
  '',
].join('\n');

const SERVICE = '10.96.0.10';
const ENDPOINTS = ['10.244.2.10', '10.244.2.11', '10.244.1.11'] as const;
const SERVICE6 = 'fd00:96::10';
const ENDPOINTS6 = ['[fd00:10:2::10]', '[fd00:10:1::11]'] as const;

const ADDRESSES = ['10.244.1.10', '10.244.1.11', '10.244.2.10', '10.244.2.0/24', '192.168.0.0/24', '10.96.0.10'] as const;
const ADDRESSES6 = ['fd00:10:1::10', 'fd00:10:2::/64', 'fd00:c0a8::/64'] as const;

type Chain = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

const CHAINS: Readonly<Record<string, readonly Chain[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** Matches that are the same for the same packet, unless somebody changes what they look at. */
const STEADY = [
  '-p udp', '-p udp -m udp --dport 53', '-p udp -m multiport --dports 53,8080', '-m mark --mark 0x7/0x7', '-m connmark --mark 0x1/0x1', '-m conntrack --ctstate RELATED,ESTABLISHED',
  '-m conntrack --ctstate NEW', '-m conntrack --ctstatus ASSURED', '-m conntrack --ctstatus SEEN_REPLY', '-m conntrack ! --ctstatus ASSURED', '-m conntrack --ctdir REPLY', '-m conntrack --ctstate INVALID',
  '-m length --length 0:100', '-m ttl --ttl-gt 62', '-m comment --comment "a word"', '-m addrtype --dst-type LOCAL', '-m iprange --src-range 10.244.1.0-10.244.1.99', '-m pkttype --pkt-type unicast', '-i eth0', '-o veth+', '! -p tcp',
] as const;
const STEADY6 = ['-p udp', '-p udp -m udp --dport 53', '-m mark --mark 0x7/0x7', '-m conntrack --ctstate RELATED,ESTABLISHED', '-m conntrack --ctstatus ASSURED', '-m length --length 0:100', '-i eth0'] as const;

/** Matches that remember, count, draw or look at a clock. */
const FICKLE = [
  '-m limit --limit 2/sec --limit-burst 3', '-m limit --limit 10/min', '-m hashlimit --hashlimit-upto 3/sec --hashlimit-burst 4 --hashlimit-mode srcip --hashlimit-name h1',
  '-m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-mode srcip,srcport --hashlimit-name h2', '-m statistic --mode random --probability 0.50000000000', '-m statistic --mode nth --every 3 --packet 0',
  '-m quota --quota 2000', '-m connlimit --connlimit-above 2 --connlimit-mask 32 --connlimit-saddr', '-m conntrack --ctexpire 0:2', '-m time --timestart 00:00:02 --timestop 00:00:04',
  '-m recent --set --name r1 --mask 255.255.255.255 --rsource', '-m recent --rcheck --seconds 1 --name r1 --mask 255.255.255.255 --rsource', '-m recent --update --seconds 2 --hitcount 3 --name r1 --mask 255.255.255.255 --rsource',
  '-m set --match-set plain src', '-m set --match-set nets dst', '-m set --match-set timed src', '-m set --match-set counted src', '-m set --match-set counted src --packets-lt 5', '-m set --match-set ports dst,dst', '-m set --match-set all src', '-m socket --nowildcard',
] as const;
const FICKLE6 = FICKLE.slice(0, 10).filter((match) => !match.includes('connlimit') && !match.includes('hashlimit'));

const TARGETS: Readonly<Record<string, readonly string[]>> = {
  raw: ['-j CT --notrack', '-j MARK --set-xmark 0x7/0xffffffff', '-j CT --zone 1', '-j ACCEPT'],
  mangle: [
    '-j MARK --set-xmark 0x7/0xffffffff', '-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff', '-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff', '-j CONNMARK --set-xmark 0x1/0xffffffff',
    '-j TTL --ttl-dec 1', '-j DSCP --set-dscp 0x08', '-j CHECKSUM --checksum-fill', '-j RETURN', '-j DROP', '-j TOS --set-tos 0x10/0xff',
  ],
  nat: ['-j ACCEPT', '-j RETURN', '-j LOG'],
  filter: ['-j ACCEPT', '-j ACCEPT', '-j RETURN', '-j DROP', '-j REJECT --reject-with icmp-port-unreachable', '-j LOG', '-j SIDE', '-g SIDE'],
};
const ADDED = ['-j SET --add-set timed src --exist', '-j SET --add-set plain dst', '-j SET --del-set plain src', '-j SET --add-set timed src --exist --timeout 1'] as const;

export interface RuleChoice {
  readonly isKubeProxy: boolean;
  /** How many further rules. */
  readonly count: number;
  /** Of ten rules, how many ask what remembers. */
  readonly fickle: number;
  readonly hasSetTargets: boolean;
}

export function drawRules(random: Random, choice: RuleChoice, family: 4 | 6): string {
  const rules: Record<string, string[]> = { raw: [], mangle: [], nat: [], filter: [] };
  if (choice.isKubeProxy) {
    rules['nat']?.push(...kubeProxy(random, family));
    rules['filter']?.push('-A FORWARD -m conntrack --ctstate INVALID -j DROP', '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
  } else if (random.below(2) === 0) rules['nat']?.push(`-A POSTROUTING -o eth0 ${oneOf(['-j MASQUERADE', '-j MASQUERADE --random-fully'], random)}`);
  for (let i = 0; i < choice.count; i++) {
    const table = oneOf(['raw', 'mangle', 'filter', 'filter', 'filter', 'mangle', 'nat'], random);
    const at = random.below((rules[table] as string[]).length + 1);
    rules[table]?.splice(at, 0, drawRule(random, table, choice, family));
  }
  rules['filter']?.push('-A SIDE -p udp -m comment --comment "on the side"', '-A SIDE -m mark --mark 0x7/0x7 -j RETURN');
  return Object.entries(rules)
    .map(([table, lines]) => `*${table}\n${headers(table, choice.isKubeProxy, family)}${lines.map((line) => `[0:0] ${line}\n`).join('')}COMMIT\n`)
    .join('');
}

/** One rule as iptables-save prints it, `-A` and its chain first. */
export function drawRule(random: Random, table: string, choice: RuleChoice, family: 4 | 6): string {
  const chain = oneOf(CHAINS[table] as readonly Chain[], random);
  const addresses = family === 4 ? ADDRESSES : ADDRESSES6;
  const words: string[] = [`-A ${chain}`];
  if (random.below(4) === 0) words.push(`-s ${oneOf(addresses, random)}`);
  if (random.below(4) === 0) words.push(`-d ${oneOf(addresses, random)}`);
  const isFickle = random.below(10) < choice.fickle;
  const match = isFickle ? oneOf(family === 4 ? FICKLE : FICKLE6, random) : oneOf(family === 4 ? STEADY : STEADY6, random);
  const isPossible = !(match.startsWith('-i') && (chain === 'OUTPUT' || chain === 'POSTROUTING')) && !(match.startsWith('-o') && (chain === 'INPUT' || chain === 'PREROUTING'));
  if (isPossible && !(match.includes('socket') && chain !== 'PREROUTING' && chain !== 'INPUT') && !(match.includes('conn') && table === 'raw')) words.push(match);
  return [...words, drawTarget(random, table, choice, family)].filter((word) => word !== '').join(' ');
}

function drawTarget(random: Random, table: string, { hasSetTargets }: RuleChoice, family: 4 | 6): string {
  if (hasSetTargets && family === 4 && table !== 'nat' && random.below(3) === 0) return oneOf(ADDED, random);
  // most rules only count
  if (random.below(3) === 0) return '';
  const target = oneOf(TARGETS[table] as readonly string[], random);
  return family === 4 ? target : target.replace('-j TTL --ttl-dec', '-j HL --hl-dec').replace('icmp-port', 'icmp6-port');
}

function headers(table: string, isKubeProxy: boolean, family: 4 | 6): string {
  const own = table === 'filter' ? ['SIDE'] : table === 'nat' && isKubeProxy ? ['KUBE-SERVICES', 'KUBE-SVC-X', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ', ...(family === 4 ? ENDPOINTS : ENDPOINTS6).map((_, i) => `KUBE-SEP-${i}`)] : [];
  return [...(CHAINS[table] as readonly Chain[]).map((chain) => `:${chain} ACCEPT [0:0]\n`), ...own.map((chain) => `:${chain} - [0:0]\n`)].join('');
}

/** A Service of three endpoints (two in IPv6) as kube-proxy writes it, with session affinity or without. */
function kubeProxy(random: Random, family: 4 | 6): string[] {
  const endpoints: readonly string[] = family === 4 ? ENDPOINTS : ENDPOINTS6;
  const hasAffinity = family === 4 && random.below(3) === 0;
  const isMasqueraded = random.below(2) === 0;
  const lines = [
    '-A PREROUTING -j KUBE-SERVICES',
    '-A OUTPUT -j KUBE-SERVICES',
    '-A POSTROUTING -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    `-A KUBE-POSTROUTING -j MASQUERADE${random.below(2) === 0 ? ' --random-fully' : ''}`,
    `-A KUBE-SERVICES -d ${family === 4 ? SERVICE : SERVICE6} -p udp -m udp --dport 53 -j KUBE-SVC-X`,
  ];
  if (isMasqueraded) lines.push('-A KUBE-SVC-X -j KUBE-MARK-MASQ');
  endpoints.forEach((_, i) => {
    if (hasAffinity) lines.push(`-A KUBE-SVC-X -m recent --rcheck --seconds 3 --reap --name KUBE-SEP-${i} --mask 255.255.255.255 --rsource -j KUBE-SEP-${i}`);
  });
  endpoints.forEach((endpoint, i) => {
    const share = (1 / (endpoints.length - i)).toFixed(11);
    lines.push(`-A KUBE-SVC-X${i < endpoints.length - 1 ? ` -m statistic --mode random --probability ${share}` : ''} -j KUBE-SEP-${i}`);
    if (hasAffinity) lines.push(`-A KUBE-SEP-${i} -p udp -m recent --set --name KUBE-SEP-${i} --mask 255.255.255.255 --rsource -m udp -j DNAT --to-destination ${endpoint}:53`);
    else lines.push(`-A KUBE-SEP-${i} -p udp -m udp -j DNAT --to-destination ${endpoint}:53`);
  });
  return lines;
}
