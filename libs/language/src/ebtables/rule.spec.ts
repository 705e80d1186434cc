import { readEbtablesRule, isEbtablesFault, printEbtablesRule } from './rule.js';
import { splitEbtablesLine } from './save.js';

function printed(line: string): string {
  const rule = readEbtablesRule(splitEbtablesLine(line));
  return isEbtablesFault(rule) ? `fault: ${rule.word}` : printEbtablesRule(rule).join(' ');
}

// Given to ebtables 1.8.9 and printed by its ebtables-save.
describe('rules are printed as ebtables-save does', () => {
  it.each([
    [
      '-p ARP --arp-op Request --arp-ip-src 10.0.0.1 --arp-mac-dst 02:00:00:00:00:01/ff:ff:00:00:00:00 --arp-htype 1 --arp-ptype 0x800 -j ACCEPT',
      '-p ARP --arp-op Request --arp-htype 1 --arp-ptype 0x800 --arp-ip-src 10.0.0.1 --arp-mac-dst 02:00:00:00:00:00/ff:ff:00:00:00:00 -j ACCEPT',
    ],
    ['-p IPv6 --ip6-src fe80::/64 --ip6-proto icmpv6 --ip6-icmp-type echo-request -j DROP', '-p IPv6 --ip6-src fe80::/64 --ip6-proto ipv6-icmp --ip6-icmp-type echo-request -j DROP'],
    ['-p IPv6 --ip6-proto 17 --ip6-dport 53 --ip6-tclass 0x10 -j DROP', '-p IPv6 --ip6-tclass 0x10 --ip6-proto udp --ip6-dport 53 -j DROP'],
    ['-s Multicast -d broadcast -j DROP', '-s Multicast -d Broadcast -j DROP'],
    ['-d 01:80:c2:00:00:00 -j DROP', '-d BGA -j DROP'],
    ['--mark 0x10/0xff --pkttype-type host -j DROP', '--mark 0x10/0xff --pkttype-type host -j DROP'],
    ['--pkttype-type ! broadcast --mark ! 5 -j RETURN', '--pkttype-type ! broadcast --mark ! 0x5 -j RETURN'],
    ['-p LENGTH --802_3-sap 0x42 -j DROP', '-p Length --802_3-sap 0x42 -j DROP'],
    ['--log --log-prefix "x" --log-level info --log-ip --log-arp -j ACCEPT', '--log-level info --log-prefix x --log-ip --log-arp -j ACCEPT'],
    ['--log', '--log-level notice -j CONTINUE'],
    ['--nflog-group 3', '--nflog-group 3 -j CONTINUE'],
    ['-p 0x88cc -j DROP', '-p LLDP -j DROP'],
    ['-p ! IPv4 -j DROP', '-p ! IPv4 -j DROP'],
    ['--protocol 2054 --in-interface eth0 --source 0:0:0:0:0:1 --destination broadcast', '-p 0x2054 -s 00:00:00:00:00:01 -d Broadcast -i eth0 -j CONTINUE'],
    ['! -s 02:00:00:00:00:01 ! -i eth0', '-s ! 02:00:00:00:00:01 -i ! eth0 -j CONTINUE'],
    ['-p IPv4 --ip-source 10.0.0.1/255.0.255.0 --ip-destination-port 5 --ip-protocol 17', '-p IPv4 --ip-src 10.0.0.0/255.0.255.0 --ip-proto udp --ip-dport 5 -j CONTINUE'],
    ['-p ipv4 --ip-dst 10.0.0.0/0', '-p IPv4 --ip-dst 0.0.0.0/0 -j CONTINUE'],
    ['-p arp --arp-opcode 2 --arp-ip-dst ! 10.0.0.0/24 --arp-mac-src ! 02:00:00:00:00:01', '-p ARP --arp-op Reply --arp-ip-dst ! 10.0.0.0/24 --arp-mac-src ! 02:00:00:00:00:01 -j CONTINUE'],
    ['-p IPv4 --ip-proto icmp --ip-icmp-type 8 -j DROP', '-p IPv4 --ip-proto icmp --ip-icmp-type echo-request -j DROP'],
    ['-p IPv4 --ip-proto icmp --ip-icmp-type 3/1:3', '-p IPv4 --ip-proto icmp --ip-icmp-type 3/1:3 -j CONTINUE'],
    ['-p IPv4 --ip-proto udp --ip-sport :1024 -j ACCEPT', '-p IPv4 --ip-proto udp --ip-sport 0:1024 -j ACCEPT'],
    ['--limit 3/second --limit-burst 7 -j DROP', '--limit 3/sec --limit-burst 7 -j DROP'],
    ['--limit 5/m', '--limit 5/min --limit-burst 5 -j CONTINUE'],
    ['-p 802_1Q --vlan-encap ARP -j DROP', '-p 802_1Q --vlan-encap 0806 -j DROP'],
    ['-j mark --mark-set 5 --mark-target CONTINUE', '-j mark --mark-set 0x5 --mark-target CONTINUE'],
    ['-j mark --mark-or 5', '-j mark --mark-or 0x5 --mark-target ACCEPT'],
    ['--mark-set 5', '-j mark --mark-set 0x5 --mark-target ACCEPT'],
    ['-j dnat --to-destination 02:00:00:00:00:09 --dnat-target ACCEPT', '-j dnat --to-dst 02:00:00:00:00:09 --dnat-target ACCEPT'],
    ['-j snat --to-source 02:00:00:00:00:09 --snat-arp --snat-target CONTINUE', '-j snat --to-src 02:00:00:00:00:09 --snat-arp --snat-target CONTINUE'],
    ['-j redirect --redirect-target DROP', '-j redirect --redirect-target DROP'],
    ['-p ARP -j arpreply --arpreply-mac 02:00:00:00:00:07 --arpreply-target DROP', '-p ARP -j arpreply --arpreply-mac 02:00:00:00:00:07'],
    ['-s 02:00:00:00:00:00/ff:00:00:00:00:00', '-s 02:00:00:00:00:00/ff:00:00:00:00:00 -j CONTINUE'],
    ['-p IPv4 --ip-tos 8', '-p IPv4 --ip-tos 0x08 -j CONTINUE'],
    ['-p IPv4 --ip-proto tcp --ip-tcp-flags SYN,ACK SYN', 'fault: --ip-tcp-flags'],
    ['--string foo', 'fault: --string'],
    ['-s nonsense', 'fault: nonsense'],
  ])('%s', (line, text) => expect(printed(line)).toBe(text));
});
