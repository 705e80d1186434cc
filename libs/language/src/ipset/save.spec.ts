import { printIpsetSave, readIpsetSave } from './save.js';

const DUMP = `\
create ips hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x013d82b5
add ips 10.1.1.2
create nets hash:net family inet6 hashsize 1024 maxelem 65536 timeout 30 counters comment skbinfo bucketsize 12 initval 0x9d921e0d
add nets 2001:db8::/32 timeout 12 nomatch packets 3 bytes 252 comment "two words" skbmark 0x10/0xff skbprio 1:10 skbqueue 3
create ipp hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x13a74a3c
add ipp 10.2.1.2,tcp:8080
add ipp 10.2.1.2,icmp:echo-request
create nif hash:net,iface family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x3c8b5ae0
add nif 10.1.0.0/16,physdev:vethc2
add nif 10.2.0.0/16,veth wildcard
create ports bitmap:port range 0-1023
add ports 53
create mac bitmap:ip,mac range 10.0.0.0-10.0.0.255
add mac 10.0.0.1,02:00:00:00:00:0A
create both list:set size 8
add both ips
`;

it('a dump is printed as it was read', () => {
  const { value, issues } = readIpsetSave(DUMP, 'ipset-save.txt');
  expect(issues).toEqual([]);
  expect(printIpsetSave(value ?? [])).toBe(DUMP);
  expect(value?.[1]?.members[0]).toEqual({
    entry: '2001:db8::/32',
    isNomatch: true,
    isWildcard: false,
    timeout: 12,
    packets: 3,
    bytes: 252,
    comment: 'two words',
    skbmark: '0x10/0xff',
    skbprio: '1:10',
    skbqueue: 3,
    line: 4,
  });
});

it('lists stand last', () => {
  const { value } = readIpsetSave('create l list:set size 8\ncreate a hash:ip\nadd l a\n', 'f');
  expect(printIpsetSave(value ?? [])).toBe('create a hash:ip\ncreate l list:set size 8\nadd l a\n');
});

describe('what is not understood is said and kept', () => {
  it.each([
    { line: 'create t hash:moon family inet\nadd t 1.2.3.4', word: 'hash:moon', at: 1, code: 'UnknownSetType' },
    { line: 'create t hash:ip shiny', word: 'shiny', at: 1, code: 'UnknownSetType' },
    { line: 'create t hash:ip\nadd t fe80::1', word: 'fe80::1', at: 2, code: 'UnreadableIpset' },
    { line: 'create t hash:ip\nadd t 1.2.3.4 shiny 3', word: 'shiny', at: 2, code: 'UnreadableIpset' },
    { line: 'add t 1.2.3.4', word: 't', at: 1, code: 'UnreadableIpset' },
    { line: 'swap a b', word: 'swap', at: 1, code: 'UnreadableIpset' },
  ])('$line', ({ line, word, at, code }) => {
    const { value, issues } = readIpsetSave(line, 'nodes/n1/ipset-save.txt');
    expect(issues).toEqual([expect.objectContaining({ code, word, line: at, file: 'nodes/n1/ipset-save.txt' })]);
    if (line.startsWith('create')) expect(value).toHaveLength(1);
  });
});
