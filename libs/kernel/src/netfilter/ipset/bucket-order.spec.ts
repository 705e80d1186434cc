import { Random } from '@worldline/model';
import { printIpsetSave, readIpsetSave } from '@worldline/language';
import { Environment } from '../../record/index.js';
import { IpsetState, captureIpsets, loadIpsets } from './index.js';

/** Printed by ipset 7.17 on Linux 6.18: members stand in the order of the kernel's buckets. */
const DUMP = `\
create h1 hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x582f7b51
add h1 10.0.4.28
add h1 10.0.5.35
add h1 10.0.2.14
add h1 10.0.6.42
add h1 10.0.1.7
add h1 10.0.7.49
add h1 10.0.3.21
create h2 hash:ip family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x009f15c7
add h2 2001:db8:7::49
add h2 2001:db8:6::42
add h2 2001:db8:5::35
add h2 2001:db8:2::14
add h2 2001:db8:4::28
add h2 2001:db8:1::7
add h2 2001:db8:3::21
create p1 hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xa6367f63
add p1 10.0.1.7,udp:100
add p1 10.0.3.21,udp:300
add p1 10.0.1.7,tcp:100
add p1 10.0.7.49,tcp:700
add p1 10.0.4.28,udp:400
add p1 10.0.5.35,tcp:500
add p1 10.0.6.42,tcp:600
add p1 10.0.2.14,tcp:200
add p1 10.0.4.28,tcp:400
add p1 10.0.2.14,udp:200
add p1 10.0.6.42,udp:600
add p1 10.0.7.49,udp:700
add p1 10.0.5.35,udp:500
add p1 10.0.3.21,tcp:300
create p2 hash:ip,port family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x28637595
add p2 2001:db8:1::7,tcp:100
add p2 2001:db8:5::35,tcp:500
add p2 2001:db8:4::28,tcp:400
add p2 2001:db8:7::49,tcp:700
add p2 2001:db8:2::14,tcp:200
add p2 2001:db8:3::21,tcp:300
add p2 2001:db8:6::42,tcp:600
create pp1 hash:ip,port,ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3780cb82
add pp1 10.0.2.14,tcp:200,10.1.1.2
add pp1 10.0.6.42,tcp:600,10.1.1.6
add pp1 10.0.7.49,tcp:700,10.1.1.7
add pp1 10.0.3.21,tcp:300,10.1.1.3
add pp1 10.0.5.35,tcp:500,10.1.1.5
add pp1 10.0.1.7,tcp:100,10.1.1.1
add pp1 10.0.4.28,tcp:400,10.1.1.4
create pp2 hash:ip,port,ip family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x5ebf86ca
add pp2 2001:db8:7::49,tcp:700,2001:db9:7::1
add pp2 2001:db8:5::35,tcp:500,2001:db9:5::1
add pp2 2001:db8:1::7,tcp:100,2001:db9:1::1
add pp2 2001:db8:2::14,tcp:200,2001:db9:2::1
add pp2 2001:db8:4::28,tcp:400,2001:db9:4::1
add pp2 2001:db8:3::21,tcp:300,2001:db9:3::1
add pp2 2001:db8:6::42,tcp:600,2001:db9:6::1
create pn1 hash:ip,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xce051e01
add pn1 10.0.3.21,tcp:300,10.0.0.0/13
add pn1 10.0.6.42,tcp:600,10.6.0.0/16
add pn1 10.0.7.49,tcp:700,10.7.0.0/17
add pn1 10.0.1.7,tcp:100,10.0.0.0/11
add pn1 10.0.4.28,tcp:400,10.4.0.0/14
add pn1 10.0.5.35,tcp:500,10.4.0.0/15
add pn1 10.0.2.14,tcp:200,10.0.0.0/12
create pn2 hash:ip,port,net family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x2a676f5e
add pn2 2001:db8:5::35,tcp:500,2001:db9::/45
add pn2 2001:db8:7::49,tcp:700,2001:db9:6::/47
add pn2 2001:db8:2::14,tcp:200,2001:db9::/42
add pn2 2001:db8:4::28,tcp:400,2001:db9::/44
add pn2 2001:db8:6::42,tcp:600,2001:db9:4::/46
add pn2 2001:db8:3::21,tcp:300,2001:db9::/43
add pn2 2001:db8:1::7,tcp:100,2001:db9::/41
create n1 hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x96c5127c
add n1 10.6.0.0/16
add n1 10.0.0.0/11
add n1 10.4.0.0/15
add n1 10.0.0.0/12
add n1 10.2.3.0/24 nomatch
add n1 10.4.0.0/14
add n1 10.7.0.0/17
add n1 10.0.0.0/13
add n1 10.2.3.7
create n2 hash:net family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1cc19cc2
add n2 2001:db9::/41
add n2 2001:db9:6::/47
add n2 2001:db9::/43
add n2 2001:db9:4::/46
add n2 2001:db9::/44
add n2 2001:db9::/42
add n2 2001:db9::/45
create np1 hash:net,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xb6d2b903
add np1 10.0.0.0/11,tcp:1
add np1 10.0.0.0/13,tcp:3
add np1 10.0.0.0/12,tcp:2
add np1 10.4.0.0/14,tcp:4
add np1 10.6.0.0/16,tcp:6
add np1 10.4.0.0/15,tcp:5
add np1 10.7.0.0/17,tcp:7
create np2 hash:net,port family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0xa4bfa829
add np2 2001:db9::/41,udp:1
add np2 2001:db9::/44,udp:4
add np2 2001:db9::/42,udp:2
add np2 2001:db9::/45,udp:5
add np2 2001:db9:4::/46,udp:6
add np2 2001:db9::/43,udp:3
add np2 2001:db9:6::/47,udp:7
create ni1 hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xacc0c322
add ni1 10.4.0.0/14,eth4
add ni1 10.0.0.0/11,eth1
add ni1 10.0.0.0/11,physdev:eth0
add ni1 10.4.0.0/15,eth5
add ni1 10.6.0.0/16,eth6
add ni1 10.7.0.0/17,eth7
add ni1 10.0.0.0/12,eth2
add ni1 10.0.0.0/13,eth3
create ni2 hash:net,iface family inet6 hashsize 1024 maxelem 65536 bucketsize 12 initval 0x6a7d8d0e
add ni2 2001:db9:4::/46,eth6
add ni2 2001:db9::/45,eth5
add ni2 2001:db9::/43,eth3
add ni2 2001:db9::/42,eth2
add ni2 2001:db9::/44,eth4
add ni2 2001:db9:6::/47,eth7
add ni2 2001:db9::/41,eth1
`;

function print(text: string, isTurned: boolean): string {
  const chooser = { chance: () => false, pick: () => 0 };
  const environment = Environment.create(Random.fromSeed(1), chooser);
  const state = new IpsetState(environment);
  const sets = readIpsetSave(text, 'ipset-save.txt').value ?? [];
  const turned = sets.map((set) => ({ ...set, members: isTurned ? set.members.slice().reverse() : set.members }));
  expect(loadIpsets(state, turned, 'ipset-save.txt')).toEqual([]);
  return printIpsetSave(captureIpsets(state));
}

describe('members are printed in the order of the kernel', () => {
  it('as they were read', () => expect(print(DUMP, false)).toBe(DUMP));

  it('whatever the order in which they came', () => expect(print(DUMP, true)).toBe(DUMP));

  it('and the hash grows with them', () => {
    // The kernel made 512 buckets of 64 for these.
    const grown = 'create big hash:ip family inet hashsize 512 maxelem 65536 bucketsize 4 initval 0x9260c887';
    const members = Array.from({ length: 250 }, (_, i) => `add big 10.3.${(i + 1) % 7}.${i + 1}\n`).join('');
    expect(print(`${grown.replace('512', '64')}\n${members}`, false).split('\n')[0]).toBe(grown);
  });
});
