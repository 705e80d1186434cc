import { Random } from '@worldline/model';
import { parseConntrackCommand, parseConntrackEntries } from '@worldline/language';
import { Environment } from '../record/index.js';
import { ConntrackState, insertCaptured } from '../conntrack/index.js';
import { runConntrack, type ConntrackMachineState } from './conntrack.js';

const DUMP = `ipv4     2 udp      17 29 src=10.0.0.1 dst=10.96.0.10 sport=1003 dport=53 src=10.2.0.9 dst=10.0.0.1 sport=8053 dport=1003 mark=0 use=1
ipv4     2 udp      17 29 src=10.0.0.1 dst=10.0.0.2 sport=1004 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.9.9.8 sport=80 dport=1004 mark=16 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1001 dport=80 zone-orig=3 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1001 mark=0 use=1
ipv4     2 udp      17 99 src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 mark=0 zone=7 use=1
ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 [ASSURED] mark=5 use=1
ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=77 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=77 mark=0 use=1
ipv4     2 unknown  50 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 use=1
ipv6     10 udp      17 29 src=fd00::1 dst=fd00::2 sport=1000 dport=80 [UNREPLIED] src=fd00::2 dst=fd00::1 sport=80 dport=1000 mark=0 use=1
`;

function machine(): ConntrackMachineState {
  const m = {
    environment: Environment.create(Random.fromSeed(1), { chance: () => false, pick: (_: Int32Array, from: number) => from }),
    sysctl: { generation: 1, get: (): undefined => undefined },
    conntrack: new ConntrackState(),
  };
  for (const entry of parseConntrackEntries(DUMP, 'conntrack.txt').entries) expect(insertCaptured(m.conntrack, m, entry)).toBe(true);
  return m;
}

function run(m: ConntrackMachineState, line: string): { exitCode: number; output: string; errorOutput: string } {
  const { value, issues } = parseConntrackCommand(line.split(' '));
  expect(issues).toEqual([]);
  return runConntrack(m, value as NonNullable<typeof value>);
}

it('shows what was captured as it was', () => {
  expect(run(machine(), '-L -o extended')).toEqual({ exitCode: 0, output: DUMP, errorOutput: 'conntrack v1.4.7 (conntrack-tools): 8 flow entries have been shown.\n' });
});

it.each([
  { line: '-D -p udp --orig-dst 10.96.0.10', left: 7 },
  { line: '-D -p udp --dst-nat 10.2.0.9', left: 7 },
  { line: '-D --dst-nat', left: 7 },
  { line: '-D --src-nat', left: 7 },
  { line: '-D -j', left: 6 },
  { line: '-D -j :8053', left: 7 },
  { line: '-D -s 10.0.0.0/24', left: 1 },
  { line: '-D -d 10.0.0.0 --mask-dst 255.0.0.0', left: 1 },
  { line: '-D -f ipv6', left: 7 },
  { line: '-D -w 7', left: 7 },
  { line: '-D --orig-zone 3', left: 7 },
  { line: '-D -m 0x10/0xf0', left: 7 },
  { line: '-D -u ASSURED', left: 7 },
  { line: '-D -p tcp --state ESTABLISHED', left: 7 },
  { line: '-D -p icmp --icmp-id 77', left: 7 },
  { line: '-D -p udp --reply-port-src 8053', left: 7 },
  { line: '-D -q 10.9.9.8', left: 7 },
  { line: '-D', left: 0 },
])('deletes with $line', ({ line, left }) => {
  const m = machine();
  const { exitCode, errorOutput } = run(m, line);
  expect([exitCode, errorOutput]).toEqual([0, `conntrack v1.4.7 (conntrack-tools): ${8 - left} flow entries have been deleted.\n`]);
  expect(run(m, '-C').output).toBe(`${left}\n`);
});

it('says so when nothing was to be deleted', () => {
  expect(run(machine(), '-D -p udp --orig-port-src 999')).toEqual({ exitCode: 1, output: '', errorOutput: 'conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.\n' });
});

it('empties the table', () => {
  const m = machine();
  expect(run(m, '-F').errorOutput).toBe('conntrack v1.4.7 (conntrack-tools): connection tracking table has been emptied.\n');
  expect(m.conntrack.count).toBe(0);
});

it('makes and changes entries', () => {
  const m = machine();
  run(m, '-F');
  run(m, '-I -p udp -s 10.0.0.1 -d 10.96.0.10 --sport 1003 --dport 80 -t 100 --dst-nat 10.9.9.9:8080 -u SEEN_REPLY');
  expect(run(m, '-L').output).toBe('udp      17 100 src=10.0.0.1 dst=10.96.0.10 sport=1003 dport=80 src=10.9.9.9 dst=10.0.0.1 sport=8080 dport=1003 mark=0 use=1\n');
  expect(run(m, '-U -p udp -m 9 -t 200')).toMatchObject({ exitCode: 1, errorOutput: expect.stringContaining('Operation not supported') as string });
  expect(run(m, '-U -p udp -s 10.0.0.1 -m 9 -t 200').errorOutput).toContain('1 flow entries have been updated');
  expect(run(m, '-L').output).toContain('udp      17 200');
  expect(run(m, '-L').output).toContain('mark=9');
  expect(run(m, '-I -p udp -s 10.0.0.1 -d 10.96.0.10 --sport 1003 --dport 80 -t 100')).toMatchObject({ exitCode: 1 });
});
