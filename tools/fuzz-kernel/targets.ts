/** What rules do. */
import { MARKS, MASKS } from './matches.js';
import type { Protocol, RuleContext } from './matches.js';

export interface TargetWord {
  readonly name: string;
  readonly families?: readonly (4 | 6)[];
  readonly tables: readonly string[];
  readonly hooks?: readonly string[];
  readonly protocols?: readonly Protocol[];
  readonly weight: number;
  readonly write: (c: RuleContext, protocol: Protocol) => string;
}

const ANY = ['raw', 'mangle', 'nat', 'filter'];
const hex = (n: number): string => `0x${n.toString(16)}`;
const value = (c: RuleContext): string => hex(c.dice.pick(c.marks));
const masked = (c: RuleContext): string => `${hex(c.dice.pick(MARKS))}/${hex(c.dice.pick(MASKS))}`;
const hasPorts = (p: Protocol): boolean => p === 'udp' || p === 'tcp';
const end = (c: RuleContext, ip: string, ports: string): string => (ports === '' ? ip : c.family === 6 ? `[${ip}]:${ports}` : `${ip}:${ports}`);
const REJECTS4 = ['icmp-net-unreachable', 'icmp-host-unreachable', 'icmp-proto-unreachable', 'icmp-port-unreachable', 'icmp-net-prohibited', 'icmp-host-prohibited', 'icmp-admin-prohibited'];
const REJECTS6 = ['icmp6-no-route', 'icmp6-adm-prohibited', 'icmp6-addr-unreachable', 'icmp6-port-unreachable', 'icmp6-policy-fail', 'icmp6-reject-route'];

export interface TargetFacts {
  readonly servers: readonly string[];
  /** Addresses of the node itself, to translate sources to. */
  readonly own: readonly string[];
}

export function targets({ servers, own }: TargetFacts): readonly TargetWord[] {
  const source = (c: RuleContext): string => c.dice.pick([...own, c.family === 4 ? '10.77.0.1' : 'fd00:77::1']);
  return [
    { name: 'ACCEPT', tables: ANY, weight: 6, write: () => 'ACCEPT' },
    { name: 'RETURN', tables: ANY, weight: 5, write: () => 'RETURN' },
    { name: 'DROP', tables: ['filter', 'mangle', 'raw'], weight: 2, write: () => 'DROP' },
    { name: 'REJECT', tables: ['filter'], weight: 3, write: (c, p) => `REJECT --reject-with ${p === 'tcp' && c.dice.chance(0.5) ? 'tcp-reset' : c.dice.pick(c.family === 4 ? REJECTS4 : REJECTS6)}` },
    { name: 'LOG', tables: ANY, weight: 2, write: (c) => `LOG --log-prefix "fuzz ${c.serial()} "${c.dice.maybe(' --log-level 4', 0.3)}` },
    { name: 'NFLOG', tables: ANY, weight: 2, write: (c) => `NFLOG --nflog-group ${c.dice.between(1, 9)}` },
    { name: 'MARK', tables: ANY, weight: 6, write: (c) => `MARK ${c.dice.pick([`--set-xmark ${masked(c)}`, `--or-mark ${value(c)}`, `--and-mark ${hex(c.dice.pick(MASKS))}`, `--xor-mark ${value(c)}`, `--set-mark ${value(c)}`])}` },
    { name: 'CONNMARK', tables: ['mangle', 'nat', 'filter'], weight: 4, write: (c) => `CONNMARK ${c.dice.pick([`--set-xmark ${masked(c)}`, '--save-mark', '--restore-mark', `--save-mark --nfmask ${hex(c.dice.pick(MASKS))} --ctmask ${hex(c.dice.pick(MASKS))}`, `--restore-mark --nfmask ${hex(c.dice.pick(MASKS))} --ctmask ${hex(c.dice.pick(MASKS))}`])}` },
    { name: 'CT', tables: ['raw'], weight: 3, write: (c) => `CT ${c.dice.pick(['--notrack', '--notrack', '--zone 7', '--zone-orig 3', '--zone-reply 3'])}` },
    { name: 'CT helper', tables: ['raw'], weight: 2, protocols: ['tcp'], write: () => 'CT --helper ftp' },
    { name: 'NOTRACK', tables: ['raw'], weight: 1, write: () => 'NOTRACK' },
    { name: 'DNAT', tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'], weight: 8, write: (c, p) => `DNAT --to-destination ${end(c, c.dice.pick(servers), hasPorts(p) ? c.dice.pick(['', '8080', '53', '9000', '8080-8081']) : '')}${c.dice.maybe(' --persistent', 0.05)}` },
    { name: 'REDIRECT', tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'], weight: 3, write: (c, p) => `REDIRECT${hasPorts(p) && c.dice.chance(0.8) ? ` --to-ports ${c.dice.pick([53, 8080, 9000])}` : ''}` },
    { name: 'SNAT', tables: ['nat'], hooks: ['POSTROUTING', 'INPUT'], weight: 6, write: (c, p) => `SNAT --to-source ${end(c, source(c), hasPorts(p) ? c.dice.pick(['', '', String(c.dice.between(50000, 59999)), '50000-59999', '512-600']) : '')}${c.dice.pick(['', '', '', ' --random', ' --random-fully', ' --persistent'])}` },
    { name: 'MASQUERADE', tables: ['nat'], hooks: ['POSTROUTING'], weight: 6, write: (c, p) => `MASQUERADE${hasPorts(p) ? c.dice.pick(['', '', ' --to-ports 40000-50000', ' --random', ' --random-fully']) : c.dice.maybe(' --random-fully', 0.2)}` },
    { name: 'NETMAP', tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'], weight: 1, write: (c) => `NETMAP --to ${c.family === 4 ? '10.1.3.0/24' : 'fd00:1:3::/64'}` },
    { name: 'NETMAP source', tables: ['nat'], hooks: ['POSTROUTING'], weight: 1, write: (c) => `NETMAP --to ${c.family === 4 ? '10.50.1.0/24' : 'fd00:50:1::/64'}` },
    { name: 'TCPMSS', tables: ['mangle'], hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'], protocols: ['tcp'], weight: 2, write: (c) => `SYN TCPMSS ${c.dice.pick(['--clamp-mss-to-pmtu', '--set-mss 1200', '--set-mss 1400'])}` },
    { name: 'TTL', families: [4], tables: ['mangle'], weight: 3, write: (c) => `TTL ${c.dice.pick(['--ttl-set 10', '--ttl-dec 1', '--ttl-inc 5', '--ttl-dec 62', '--ttl-set 64'])}` },
    { name: 'HL', families: [6], tables: ['mangle'], weight: 3, write: (c) => `HL ${c.dice.pick(['--hl-set 10', '--hl-dec 1', '--hl-inc 5', '--hl-dec 62', '--hl-set 64'])}` },
    { name: 'TOS', tables: ['mangle'], weight: 3, write: (c) => `TOS ${c.dice.pick(['--set-tos 0x10/0xff', '--set-tos 0x08/0x3f', '--or-tos 0x04', '--and-tos 0xf0', '--xor-tos 0x10'])}` },
    { name: 'DSCP', tables: ['mangle'], weight: 3, write: (c) => `DSCP --set-dscp ${c.dice.pick(['0x00', '0x04', '0x2e'])}` },
    { name: 'ECN', families: [4], tables: ['mangle'], protocols: ['tcp'], weight: 1, write: () => 'ECN --ecn-tcp-remove' },
    { name: 'SET', tables: ['raw', 'mangle', 'filter', 'nat'], weight: 3, write: (c) => { const set = c.dice.pick(c.sets.filter(({ name }) => !name.startsWith('l'))); return `SET --${c.dice.pick(['add', 'add', 'del'])}-set ${set.name} ${c.dice.pick(set.flags)}${''}`; } },
    { name: 'CLASSIFY', tables: ['mangle'], hooks: ['OUTPUT', 'FORWARD', 'POSTROUTING'], weight: 2, write: (c) => `CLASSIFY --set-class ${c.dice.pick(['1:1', '0002:000a'])}` },
    { name: 'TRACE', tables: ['raw'], weight: 1, write: () => 'TRACE' },
    { name: 'CHECKSUM', tables: ['mangle'], weight: 1, protocols: ['udp', 'tcp'], write: () => 'CHECKSUM --checksum-fill' },
    { name: 'AUDIT', tables: ['mangle', 'filter'], weight: 1, write: (c) => `AUDIT --type ${c.dice.pick(['accept', 'drop', 'reject'])}` },
    { name: 'NFQUEUE', tables: ['mangle', 'filter'], weight: 1, write: (c) => `NFQUEUE --queue-num ${c.dice.between(0, 3)} --queue-bypass` },
    { name: 'TCPOPTSTRIP', tables: ['mangle'], protocols: ['tcp'], weight: 1, write: () => 'TCPOPTSTRIP --strip-options 8' },
  ];
}
