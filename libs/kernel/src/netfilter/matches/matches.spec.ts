import type { Family } from '@worldline/model';
import { ACCEPT, CT_NEW, CT_UNTRACKED, FORWARD, LOCAL_OUT, NO_CONNTRACK, PACKET_BROADCAST, SENDER_KERNEL, SENDER_PROCESS, TCP_ACK, TCP_FIN, TCP_SYN } from '../../packet/index.js';
import { MATCHES } from './index.js';
import { TestMachine, filterTable, type TestPacket } from '../test-machine.fixture.js';

interface Row {
  readonly match: string;
  readonly yes?: readonly TestPacket[];
  readonly no?: readonly TestPacket[];
  readonly family?: Family;
}

const tcp = (fields: object): TestPacket => ({ protocol: 6, fields });
const later: TestPacket = { fields: { fragmentOffset: 1480 } };

const ROWS: readonly Row[] = [
  { match: '-s 10.0.0.0/8', yes: [{ source: '10.9.9.9' }], no: [{ source: '11.0.0.1' }] },
  { match: '! -s 10.0.0.0/255.0.255.0', yes: [{ source: '10.1.1.1' }], no: [{ source: '10.1.0.1' }] },
  { match: '-d fd00::/64', family: 6, yes: [{ destination: 'fd00::9' }], no: [{ destination: 'fd00:0:0:1::9' }] },
  { match: '-i eth0 -o veth+', yes: [{}], no: [{ fields: { inputInterface: 1 } }, { fields: { outputInterface: 0 } }] },
  { match: '! -i eth0', yes: [{ fields: { inputInterface: 1 } }], no: [{}] },
  { match: '-p udp -m udp --dport 50:60', yes: [{}], no: [{ destinationPort: 61 }, later, { protocol: 6 }] },
  { match: '-p udp -m udp ! --dport 53', yes: [{ destinationPort: 54 }], no: [{}, { ...later, destinationPort: 54 }] },
  { match: '-f', yes: [later], no: [{}] },
  { match: '-p udp -m multiport --dports 1,53,100:200', yes: [{}, { destinationPort: 150 }], no: [{ destinationPort: 2 }, later] },
  { match: '-p udp -m multiport ! --ports 53', yes: [{ destinationPort: 54 }], no: [{}, { sourcePort: 53, destinationPort: 1 }] },
  { match: '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', yes: [tcp({ tcpFlags: TCP_SYN })], no: [tcp({ tcpFlags: TCP_SYN | TCP_ACK })] },
  { match: '-p tcp -m tcp ! --tcp-flags SYN,RST NONE', yes: [tcp({ tcpFlags: TCP_SYN })], no: [tcp({ tcpFlags: TCP_FIN })] },
  { match: '-p tcp -m tcp --tcp-option 8', yes: [tcp({ hasTimestamps: true })], no: [tcp({})] },
  { match: '-p tcp -m tcpmss --mss 100:200', yes: [tcp({ tcpMss: 150 })], no: [tcp({ tcpMss: 1460 }), tcp({})] },
  { match: '-p icmp -m icmp --icmp-type 3/4', yes: [{ protocol: 1, fields: { icmpType: 3, icmpCode: 4 } }], no: [{ protocol: 1, fields: { icmpType: 3, icmpCode: 3 } }] },
  { match: '-p icmp -m icmp ! --icmp-type any', no: [{ protocol: 1, fields: { icmpType: 8 } }] },
  { match: '-p ipv6-icmp -m icmp6 --icmpv6-type 128', family: 6, yes: [{ protocol: 58, fields: { icmpType: 128 } }], no: [{ protocol: 58, fields: { icmpType: 129 } }] },
  { match: '-m mark --mark 0x10/0xf0', yes: [{ mark: 0x11 }], no: [{ mark: 1 }] },
  { match: '-m iprange --src-range 10.0.0.1-10.0.0.9 ! --dst-range 10.0.0.5-10.0.0.9', yes: [{ source: '10.0.0.9' }], no: [{ source: '10.0.0.10' }, { destination: '10.0.0.5' }] },
  { match: '-m iprange --dst-range fd00::1-fd00::1:0', family: 6, yes: [{ destination: 'fd00::ffff' }], no: [{ destination: 'fd00::1:1' }] },
  { match: '-m length --length 60:61', yes: [{}], no: [{ length: 62 }] },
  { match: '-m ttl --ttl-lt 64', yes: [{ ttl: 63 }], no: [{}] },
  { match: '-m ttl ! --ttl-eq 64', yes: [{ ttl: 63 }], no: [{}] },
  { match: '-m hl --hl-gt 10', family: 6, yes: [{}], no: [{ ttl: 10 }] },
  { match: '-m tos --tos 0x10/0x3f', yes: [{ fields: { tos: 0xd0 } }], no: [{ fields: { tos: 8 } }] },
  { match: '-m dscp --dscp 0x0a', yes: [{ fields: { tos: 0x2b } }], no: [{ fields: { tos: 0x0a } }] },
  { match: '-m ecn --ecn-ip-ect 1', yes: [{ fields: { tos: 1 } }], no: [{}] },
  { match: '-m pkttype --pkt-type broadcast', yes: [{ fields: { packetType: PACKET_BROADCAST } }], no: [{}] },
  { match: '-m addrtype --dst-type UNICAST', yes: [{}] },
  { match: '-m addrtype ! --dst-type LOCAL --limit-iface-in', yes: [{}] },
  { match: '-m conntrack --ctstate INVALID', yes: [{ fields: { conntrack: NO_CONNTRACK, conntrackInfo: CT_NEW } }], no: [{ fields: { conntrackInfo: CT_UNTRACKED } }] },
  { match: '-m conntrack --ctstate UNTRACKED', yes: [{ fields: { conntrackInfo: CT_UNTRACKED } }], no: [{}] },
  { match: '-m conntrack --ctorigdst 10.0.0.2', no: [{}] },
  { match: '-m conntrack --ctstate INVALID --ctorigdst 10.0.0.2', yes: [{}] },
  { match: '-m connmark --mark 0x0', no: [{}] },
  { match: '-m physdev --physdev-is-bridged', yes: [{ fields: { isBridged: true, physicalInput: 0, physicalOutput: 1 } }], no: [{}, { fields: { isBridged: true, physicalInput: 0 } }] },
  { match: '-m physdev ! --physdev-is-in', yes: [{}], no: [{ fields: { isBridged: true, physicalInput: 0 } }] },
  { match: '-m physdev --physdev-in eth+', yes: [{ fields: { isBridged: true, physicalInput: 0 } }], no: [{}, { fields: { isBridged: true, physicalInput: 1 } }] },
  { match: '-m owner --uid-owner 0', yes: [{ fields: { sender: SENDER_PROCESS } }], no: [{}, { fields: { sender: SENDER_KERNEL } }] },
  { match: '-m owner ! --uid-owner 0', yes: [{}, { fields: { sender: SENDER_KERNEL } }], no: [{ fields: { sender: SENDER_PROCESS } }] },
  { match: '-m owner --socket-exists', yes: [{ fields: { sender: SENDER_PROCESS } }, { fields: { sender: SENDER_KERNEL } }], no: [{}] },
  { match: '-m policy --dir in --pol none', yes: [{}] },
  { match: '-m policy --dir in --pol ipsec', no: [{}] },
  { match: '-m u32 --u32 "0x6&0xff=0x11&&0x0>>0x16&0x3c@0x0>>0x10=0x3e8"', yes: [{}], no: [{ sourcePort: 999 }, { protocol: 6 }] },
  { match: '-m bpf --bytecode "4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0"', yes: [{}], no: [{ protocol: 6 }] },
  { match: '-m string --hex-string "|03e80035|" --algo bm', yes: [{}], no: [{ sourcePort: 999 }] },
  { match: '-m cpu --cpu 0', yes: [{}] },
  { match: '-m frag --fragmore', family: 6, yes: [{ fields: { hasMoreFragments: true } }], no: [{}] },
  { match: '-m hbh --hbh-len 8', family: 6, yes: [{ fields: { extensions: 1 } }], no: [{}] },
  { match: '-m ipv6header --header hop-by-hop,protocol', family: 6, yes: [{ fields: { extensions: 1 } }], no: [{}, { fields: { extensions: 0x21 } }] },
  { match: '-m ipv6header --header ipv6-opts --soft', family: 6, yes: [{ fields: { extensions: 0x21 } }], no: [{}] },
  { match: '-p esp -m esp --espspi 1', no: [{ protocol: 50 }] },
  { match: '-m helper --helper ftp', no: [{}] },
  { match: '-m helper ! --helper ftp', yes: [{}] },
  { match: '-p tcp -m tcp --tcp-option 1', yes: [{ protocol: 6, fields: { hasTimestamps: true } }], no: [{ protocol: 6 }, { protocol: 6, fields: { hasTimestamps: true, hasSackPermitted: true } }] },
];

describe.each(ROWS)('$match', ({ match, yes = [], no = [], family = 4 }) => {
  const cases = [...yes.map((packet) => ({ packet, isMatch: true })), ...no.map((packet) => ({ packet, isMatch: false }))];
  it.each(cases)('$packet: $isMatch', ({ packet, isMatch }) => {
    const m = new TestMachine(filterTable([`${match} -j DROP`]), family, family === 4 ? 'iptables-save.txt' : 'ip6tables-save.txt');
    expect(m.issues).toEqual([]);
    // What turns tracking on would give the packet an entry; here the packet says what it has
    m.machine.netfilter.isTracking = [false, false];
    expect(m.send({ family, ...packet }).verdict !== ACCEPT).toBe(isMatch);
  });
});

it('knows no device that a hook has not', () => {
  const m = new TestMachine('*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -i eth+ -j DROP\n-A OUTPUT ! -o veth1 -j DROP\nCOMMIT\n');
  expect(m.send({}, LOCAL_OUT).verdict).toBe(ACCEPT);
  expect(m.send({}, FORWARD).verdict).toBe(ACCEPT);
});

it('cites the kernel for each, once', () => {
  expect(MATCHES.every(({ citation }) => /\.c/.test(citation))).toBe(true);
  expect(new Set(MATCHES.map(({ opcode }) => opcode)).size).toBe(MATCHES.length);
});
