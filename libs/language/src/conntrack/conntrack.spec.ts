import { formatConntrackEntry, parseConntrackCommand, parseConntrackEntries } from './index.js';

const DUMP = `ipv4     2 unknown  50 99 src=10.0.0.1 dst=10.0.0.2 packets=0 bytes=0 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 packets=0 bytes=0 mark=0 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1004 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.9.9.8 sport=80 dport=1004 mark=0 use=1
ipv4     2 gre      47 99 src=10.0.0.1 dst=10.0.0.2 srckey=0x0 dstkey=0x1f [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 srckey=0x0 dstkey=0x0 mark=0 use=1
ipv4     2 icmp     1 29 src=10.1.2.2 dst=10.2.1.2 type=8 code=0 id=77 src=10.2.1.2 dst=10.2.1.1 type=0 code=0 id=23031 mark=0 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1002 dport=80 packets=1 bytes=60 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1002 zone-reply=3 packets=0 bytes=0 mark=0 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1001 dport=80 zone-orig=3 packets=2 bytes=60 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1001 packets=0 bytes=0 mark=4294967295 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 mark=0 zone=7 use=1
ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 [ASSURED] mark=5 secctx=system_u:object_r:unlabeled_t:s0 use=2
ipv4     2 tcp      6 src=10.0.0.1 dst=10.0.0.2 sport=1009 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1009 [OFFLOAD] mark=0 use=2
ipv4     2 sctp     132 99 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 mark=0 use=1
ipv6     10 icmpv6   58 28 src=fd00::1 dst=fd00::2 type=128 code=0 id=1 src=fd00::2 dst=fd00::1 type=129 code=0 id=1 mark=0 use=1
ipv6     10 udp      17 99 src=fd00::1 dst=fd00::2 sport=1000 dport=80 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=80 dport=1000 mark=0 use=1
`;

describe('entries', () => {
  it('are printed as they were read', () => {
    const { entries, issues } = parseConntrackEntries(DUMP, 'conntrack.txt');
    expect(issues).toEqual([]);
    expect(entries.map((e) => `${formatConntrackEntry(e, true)}\n`).join('')).toBe(DUMP);
  });

  it('may be printed without the network protocol', () => {
    const line = 'udp      17 99 src=fd00::1 dst=fd00::2 sport=1000 dport=80 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=80 dport=1000 mark=0 use=1';
    const [entry] = parseConntrackEntries(line, 'conntrack.txt').entries;
    expect(entry?.family).toBe(6);
    expect(entry && formatConntrackEntry(entry, false)).toBe(line);
  });

  it.each([
    { name: 'no protocol number', line: 'ipv4     2 udp      x 99 src=1.1.1.1 dst=2.2.2.2 src=2.2.2.2 dst=1.1.1.1 mark=0 use=1', word: 'x' },
    { name: 'a bad address', line: 'ipv4     2 udp      17 99 src=1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1 mark=0 use=1', word: 'src=1.1.1' },
    { name: 'one direction', line: 'ipv4     2 udp      17 99 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 mark=0', word: 'mark=0' },
    { name: 'a bad number', line: 'ipv4     2 udp      17 99 src=1.1.1.1 dst=2.2.2.2 sport=z dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1 mark=0 use=1', word: 'sport=z' },
  ])('with $name are left out, with an issue', ({ line, word }) => {
    const { entries, issues } = parseConntrackEntries(`\n${line}\n`, 'nodes/n1/conntrack.txt');
    expect(entries).toEqual([]);
    expect(issues).toMatchObject([{ code: 'BrokenConntrackEntry', file: 'nodes/n1/conntrack.txt', line: 2, word }]);
  });

  it('keep words that nobody knows', () => {
    const { entries, issues } = parseConntrackEntries('udp 17 9 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1 mark=0 colour=red use=1', 'f');
    expect(entries[0]?.extras).toContain('colour=red');
    expect(issues).toMatchObject([{ code: 'UnknownConntrackWord', severity: 'info', word: 'colour=red' }]);
  });
});

const parse = (line: string): ReturnType<typeof parseConntrackCommand> => parseConntrackCommand(line.split(' ').filter(Boolean));

describe('commands', () => {
  it.each([
    { line: '-D -p udp --orig-dst 10.96.0.10 --orig-port-src 1234', want: { action: 'delete', protocol: 17, family: 4, original: { sourcePort: 1234 } } },
    { line: '-D -f ipv6 -p udp --orig-dst fd00::10', want: { family: 6 } },
    { line: '-F', want: { action: 'flush', table: 'conntrack' } },
    { line: '-L expect', want: { action: 'list', table: 'expect' } },
    { line: '-D -pudp --dst-nat 10.1.1.1', want: { destinationNat: { address: { length: 32 }, port: null } } },
    { line: '-L --src-nat -o extended,id', want: { sourceNat: { address: null, port: null }, output: ['extended', 'id'] } },
    { line: '-D -j [fd00::1]:80', want: { anyNat: { address: { address: { family: 6 } }, port: 80 } } },
    { line: '-D -s 10.0.0.0/24 -w 7 -m 0x10/0xf0', want: { zone: 7, mark: { value: 16, mask: 240 }, original: { source: { length: 24 } } } },
    { line: '-D -d 10.0.0.0 --mask-dst 255.255.0.0', want: { original: { destination: { length: 16 } } } },
    { line: '-L -p tcp --state time_wait -u ASSURED,SEEN_REPLY', want: { state: 'TIME_WAIT', status: ['ASSURED', 'SEEN_REPLY'] } },
    { line: '--delete --proto=icmp --icmp-id 7', want: { action: 'delete', protocol: 1, icmpId: 7 } },
    { line: '-I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 10 --state SYN_SENT', want: { action: 'create', timeout: 10 } },
    { line: '-C', want: { action: 'count' } },
    { line: '-S', want: { action: 'statistics' } },
  ])('reads $line', ({ line, want }) => {
    const { value, issues } = parse(line);
    expect(issues).toEqual([]);
    expect(value).toMatchObject(want);
  });

  it.each([
    { line: '-D --bogus', word: '--bogus' },
    { line: '-D --sport 1 -p udp', word: '--sport' },
    { line: '-D -p foo', word: 'foo' },
    { line: '-D -s 10.0.0', word: '10.0.0' },
    { line: '-L -F', word: '-F' },
    { line: '-D -s 10.0.0.1 -d fd00::1', word: 'fd00::1' },
    { line: '-L -p udp --sport x', word: 'x' },
    { line: '-D stray-table', word: 'stray-table' },
    { line: '-I -p tcp -s 1.1.1.1 -d 2.2.2.2 --sport 1 --dport 2 -t 10', word: '--state' },
    { line: '-p udp', word: '-p' },
    { line: '-D -s', word: '-s' },
  ])('refuses $line', ({ line, word }) => {
    expect(parse(line)).toMatchObject({ value: null, issues: [{ code: 'BadCommand', severity: 'error', word }] });
  });
});
