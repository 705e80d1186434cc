import { Random } from '@worldline/model';
import { splitIpsetLine } from '@worldline/language';
import { Environment } from '../record/index.js';
import { IpsetState } from '../netfilter/index.js';
import { runIpset } from './ipset.js';

function state(): IpsetState {
  const chooser = { chance: () => false, pick: () => 0 };
  const environment = Environment.create(Random.fromSeed(1), chooser);
  return new IpsetState(environment);
}

function run(s: IpsetState, line: string, input = ''): { exitCode: number; output: string; error: string } {
  const { exitCode, output, error } = runIpset(s, splitIpsetLine(line), input);
  return { exitCode, output, error: error.replace(/^ipset v7.17: /, '').replace(/\n$/, '') };
}

/** Runs the lines; each but the last must be done, the last may say something. */
function last(lines: string): string {
  const s = state();
  let said = '';
  for (const line of lines.split('; ')) {
    expect(said).toBe('');
    const { exitCode, error } = run(s, line);
    said = exitCode === 0 ? '' : `${exitCode} ${error.split('\n')[0]}`;
  }
  return said;
}

// Recorded from ipset 7.17 on Linux 6.18.
describe('what ipset says', () => {
  it.each([
    ['create a hash:ip; create a hash:ip', '1 Set cannot be created: set with the same name already exists'],
    ['create a hash:ip; create a hash:ip -exist', ''],
    ['create a hash:ip; create a hash:ip family inet6 -exist', '1 Set cannot be created: set with the same name already exists'],
    ['create a hash:ip; add a 1.2.3.4 timeout 4', '1 Timeout cannot be used: set was created without timeout support'],
    ['create a hash:ip; add a 1.2.3.4 comment x', '1 Comment cannot be used: set was created without comment support'],
    ['create a hash:ip; add a 1.2.3.4 packets 3', '1 Packet/byte counters cannot be used: set was created without counter support'],
    ['create a hash:ip; add a 1.2.3.4 nomatch', "2 Unknown argument: `nomatch'"],
    ['add b 1.1.1.1', '1 The set with the given name does not exist'],
    ['create a hash:ip; del a 9.9.9.9', "1 Element cannot be deleted from the set: it's not added"],
    ['create a hash:ip; del a 9.9.9.9 -exist', ''],
    ['create a hash:ip; add a fe80::1', '1 Syntax error: cannot parse fe80::1: resolving to IPv4 address failed'],
    ['create a hash:ip; add a 0.0.0.0', '1 Null-valued element, cannot be stored in a hash type of set'],
    ['create a hash:ip; add a 1.1.1.1; add a 1.1.1.1', "1 Element cannot be added to the set: it's already added"],
    ['create n hash:net; add n 0.0.0.0/0', '1 The value of the CIDR parameter of the IP address is invalid'],
    ['create n hash:net; add n 10.1.0.0/16 nomatch; test n 10.1.0.5', '1 10.1.0.5 is NOT in set n.'],
    ['create n hash:net; add n 10.1.0.0/16 nomatch; test n 10.1.0.0/16 nomatch', ''],
    ['create n hash:net; add n 10.1.0.0/16; test n 10.1.0.5', ''],
    ['create n hash:net; add n 10.1.0.0/16; test n 10.1.0.0/24', '1 10.1.0.0/24 is NOT in set n.'],
    ['create p bitmap:port range 1-100; add p 200', '1 Element is out of the range of the set'],
    ['create p bitmap:port', "2 Mandatory option `range' is missing"],
    ['create z bitmap:ip range 10.0.0.0/8', '1 The range you specified exceeds the size limit of the set type'],
    ['create t hash:ip timeout 30; add t 1.1.1.9 timeout 9999999', "1 Syntax error: '9999999' is out of range 0-2147483"],
    ['create i hash:ip,port; add i 1.1.1.1', '1 Syntax error: Second element is missing from 1.1.1.1.'],
    ['create i hash:ip,port; add i 1.1.1.1,gre:5', '1 Syntax error: Protocol gre can be used with pseudo port value 0 only.'],
    ['create i hash:ip,port,ip; add i 1.1.1.1,80,10.0.0.0/31', '1 Syntax error: plain IP address must be supplied: 10.0.0.0/31'],
    ['create h hash:ip maxelem 2; add h 1.1.1.1-1.1.1.3', '1 Hash is full, cannot add more elements'],
    ['create x foo', "2 Syntax error: typename 'foo' is unknown"],
    ['create x hash:net netmask 24', "2 Unknown argument: `netmask'"],
    ['create x hash:ip netmask 24 bitmask 255.0.0.0', '1 Syntax error: bitmask and netmask are mutually exclusive, provide only one'],
    ['create abcdefghijabcdefghijabcdefghij123 hash:ip', "1 Syntax error: setname 'abcdefghijabcdefghijabcdefghij123' is longer than 31 characters"],
    ['create l list:set; add l l', '1 Sets with list:set type cannot be added to the set.'],
    ['create l list:set; add l zz', '1 Set to be added/deleted/tested as element does not exist.'],
    ['create l list:set; create a hash:ip; add l a before zz', "1 The set to which you referred with 'before' or 'after' does not exist."],
    ['create l list:set; create a hash:ip; add l a; destroy a', '1 Set cannot be destroyed: it is in use by a kernel component'],
    ['create l list:set; create a hash:ip; add l a; rename a q', '1 Set cannot be renamed: it is in use by another system'],
    ['create l list:set; create a hash:ip; add l a; del l a; rename a q', ''],
    ['create l list:set; create a hash:ip; add l a; destroy', ''],
    ['create a hash:ip; create b hash:ip; rename a b', '1 Set cannot be renamed: a set with the new name already exists'],
    ['create a hash:ip; swap a b', '1 Sets cannot be swapped: the second set does not exist'],
    ['create a hash:ip; create n hash:net; swap a n', '1 The sets cannot be swapped: their type does not match'],
    ['create a hash:ip; create b bitmap:ip range 10.0.0.0/24; swap a b', ''],
    ['frob', '2 No command specified: unknown argument frob'],
    ['add a', '2 Missing second mandatory argument to command add'],
  ])('%s', (lines, said) => expect(last(lines)).toBe(said));
});

describe('elements', () => {
  it.each([
    ['create s hash:ip; add s 1.2.3.0-1.2.3.3', ['1.2.3.0', '1.2.3.1', '1.2.3.2', '1.2.3.3']],
    ['create s hash:ip; add s 10.0.0.0/30; add s 10.0.0.0/29 -exist', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.7']],
    ['create s hash:ip netmask 24; add s 1.2.3.4', ['1.2.3.0']],
    ['create s hash:ip bitmask 255.0.255.0; add s 1.2.3.4', ['1.0.3.0']],
    ['create s hash:ip family inet6; add s FE80:0::2/128', ['fe80::2']],
    ['create s hash:net; add s 10.0.0.5/24; add s 10.0.0.0-10.0.0.9', ['10.0.0.0/24', '10.0.0.0/29', '10.0.0.8/31']],
    ['create s hash:net; add s 1.2.3.4-1.2.3.9', ['1.2.3.4/30', '1.2.3.8/31']],
    ['create s hash:net; add s 10.1.0.0/16 nomatch; add s 10.1.0.0/16 -exist', ['10.1.0.0/16']],
    ['create s hash:ip,port; add s 1.1.1.1,80; add s 1.1.1.1,udp:80-81; add s 1.1.1.0/31,tcp:9', ['1.1.1.0,tcp:9', '1.1.1.1,tcp:80', '1.1.1.1,tcp:9', '1.1.1.1,udp:80', '1.1.1.1,udp:81']],
    ['create s hash:ip,port; add s 1.1.1.1,icmp:8/0; add s 1.1.1.1,47:0; add s 1.1.1.1,200:0; add s 1.1.1.1,tcp:http', ['1.1.1.1,200:0', '1.1.1.1,gre:0', '1.1.1.1,icmp:echo-request', '1.1.1.1,tcp:80']],
    ['create s hash:net,iface; add s 0.0.0.0/0,eth0; add s 10.0.0.0/8,physdev:eth1', ['0.0.0.0/0,eth0', '10.0.0.0/8,physdev:eth1']],
    ['create s hash:net,port; add s 10.0.0.0/8,tcp:80-81 nomatch', ['10.0.0.0/8,tcp:80 nomatch', '10.0.0.0/8,tcp:81 nomatch']],
    ['create s bitmap:port range 1-100; add s 7-5; add s tcp:8; add s http', ['5', '6', '7', '8', '80']],
    ['create s bitmap:ip range 10.0.0.0/16 netmask 24; add s 10.0.5.7; add s 10.0.6.0/23', ['10.0.5.0', '10.0.6.0', '10.0.7.0']],
    ['create s bitmap:ip,mac range 10.0.0.0-10.0.0.9; add s 10.0.0.1; add s 10.0.0.2,02:00:00:00:00:0a', ['10.0.0.1', '10.0.0.2,02:00:00:00:00:0A']],
    ['create s hash:ip timeout 30; add s 1.1.1.1; add s 1.1.1.1 timeout 9 -exist; add s 1.1.1.3 timeout 0', ['1.1.1.1 timeout 9', '1.1.1.3 timeout 0']],
    ['create s hash:ip counters; add s 1.1.1.1 packets 3 bytes 4; add s 1.1.1.1 -exist', ['1.1.1.1 packets 3 bytes 4']],
    [
      'create s hash:ip comment skbinfo; add s 1.1.1.1 comment "hello world" skbmark 0x10/0xff skbprio 1:10 skbqueue 3; add s 1.1.1.4 skbmark 0x5; add s 1.1.1.5 skbmark 0x0/0xff',
      ['1.1.1.1 comment "hello world" skbmark 0x10/0xff skbprio 1:10 skbqueue 3', '1.1.1.4 skbmark 0x5', '1.1.1.5 skbmark 0x0/0xff'],
    ],
  ])('%s', (lines, members) => {
    const s = state();
    for (const line of lines.split('; ')) expect(run(s, line)).toMatchObject({ exitCode: 0, error: '' });
    const saved = run(s, 'save').output.split('\n').filter((line) => line.startsWith('add'));
    expect(saved.map((line) => line.slice('add s '.length)).sort()).toEqual(members.slice().sort());
  });

  it('of a list keep their place', () => {
    const s = state();
    for (const line of 'create l list:set size 2; create a hash:ip; create b hash:ip; create c hash:ip; add l a; add l b; add l c before a; del l b; add l b after c'.split('; ')) run(s, line);
    expect(run(s, 'save l').output).toBe('create l list:set size 4\nadd l c\nadd l b\nadd l a\n');
    expect(run(s, 'test l a before c').error).toBe('a after c is NOT in set l.');
    expect(run(s, 'test l c before b').exitCode).toBe(0);
  });
});

describe('sets', () => {
  it('swap what stands under their names, rules keep the position', () => {
    const s = state();
    for (const line of ['create a hash:ip', 'create b hash:ip', 'add a 1.1.1.1', 'add b 2.2.2.2', 'swap a b']) run(s, line);
    const position = s.find(s.environment.words.id('a'));
    expect(position).toBe(0);
    expect(run(s, 'save a').output).toContain('add a 2.2.2.2\n');
  });

  it('held by a rule stay', () => {
    const s = state();
    run(s, 'create a hash:ip');
    s.hold(0);
    expect(run(s, 'destroy a').error).toBe('Set cannot be destroyed: it is in use by a kernel component');
    expect(run(s, 'destroy').error).toBe('Set cannot be destroyed: it is in use by a kernel component');
    s.release(0);
    expect(run(s, 'destroy a').exitCode).toBe(0);
  });

  it('print the header with the kernel defaults', () => {
    const s = state();
    for (const line of [
      'create a hash:ip hashsize 1000 maxelem 7 initval 0x1',
      'create b hash:ip,port netmask 24 bucketsize 5 initval 2',
      'create c hash:ip family inet6 bitmask ffff::ff timeout 10 counters comment skbinfo initval 3',
      'create d bitmap:ip range 10.0.0.0-10.0.0.9 netmask 30 timeout 5',
      'create l list:set',
      'create e hash:ip,mark markmask 0xff hashsize 3 initval 4',
    ]) {
      expect(run(s, line)).toMatchObject({ exitCode: 0, error: '' });
    }
    expect(run(s, 'save').output.split('\n')).toEqual([
      'create a hash:ip family inet hashsize 1024 maxelem 7 bucketsize 12 initval 0x00000001',
      'create b hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 6 initval 0x00000002 netmask 24',
      'create c hash:ip family inet6 hashsize 1024 maxelem 65536 bitmask ffff::ff timeout 10 counters comment skbinfo bucketsize 12 initval 0x00000003',
      'create d bitmap:ip range 10.0.0.0-10.0.0.11 netmask 30 timeout 5',
      'create e hash:ip,mark family inet markmask 0x000000ff hashsize 64 maxelem 65536 bucketsize 12 initval 0x00000004',
      'create l list:set size 8',
      '',
    ]);
  });
});

describe('restore', () => {
  it('ends at the first refusal and keeps what was done', () => {
    const s = state();
    const input = 'create q hash:ip\nadd q 1.1.1.1\n# a comment\n\nadd q 1.1.1.1\nadd q 1.1.1.2\n';
    expect(run(s, 'restore', input)).toMatchObject({ exitCode: 1, error: "Error in line 5: Element cannot be added to the set: it's already added" });
    expect(run(s, 'list q -t').output).toContain('Number of entries: 1');
    expect(run(s, 'restore -!', input)).toMatchObject({ exitCode: 0 });
    expect(run(s, 'list q -t').output).toContain('Number of entries: 2');
  });
});
