import { Random } from '@worldline/model';
import { splitEbtablesLine } from '@worldline/language';
import { Environment } from '../record/index.js';
import { EbtablesState } from '../link/index.js';
import { runEbtablesCommand, runEbtablesRestore, runEbtablesSave } from './ebtables.js';

class Machine {
  readonly state = new EbtablesState();
  readonly environment = Environment.create(Random.fromSeed(1), { chance: () => false, pick: () => 0 });

  run(line: string): string {
    const result = runEbtablesCommand(this.environment, this.state, splitEbtablesLine(line));
    return result.exitCode === 0 ? '' : `${result.exitCode} ${result.error.split('\n')[0]}`;
  }

  rules(): string[] {
    return runEbtablesSave(this.state, []).output.split('\n').filter((line) => line.startsWith('-A') || line.startsWith(':'));
  }
}

// Recorded from ebtables 1.8.9 on Linux 6.18.
describe('what ebtables says', () => {
  it.each([
    ['-A INPUT -j FROB', "2 ebtables v1.8.9 (nf_tables): Chain 'FROB' does not exist"],
    ['-D INPUT -j RETURN', '1 ebtables: Bad rule (does a matching rule exist in that chain?)'],
    ['-I INPUT 99 -j DROP', '1 ebtables: Index of insertion too big'],
    ['-N FOO; -N FOO', '1 ebtables: Chain already exists'],
    ['-X NOPE', '1 ebtables: No chain/target/match by that name'],
    ['-N BAR; -A INPUT -j BAR; -X BAR', '4 ebtables v1.8.9 (nf_tables):  CHAIN_DEL failed (Device or resource busy): chain BAR'],
    ['-A NOPE -j DROP', '1 ebtables: No chain/target/match by that name'],
    ['-A INPUT -o eth0', '2 ebtables v1.8.9 (nf_tables): Use -o only in OUTPUT, FORWARD and POSTROUTING chains'],
    ['-A OUTPUT -i eth0', '2 ebtables v1.8.9 (nf_tables): Use -i only in INPUT, FORWARD, PREROUTING and BROUTING chains'],
    ['-P INPUT CONTINUE', "2 ebtables v1.8.9 (nf_tables): Wrong policy 'CONTINUE'"],
    ['-t moon -A INPUT -j DROP', "3 ebtables v1.8.9 (nf_tables): table 'moon' does not exist"],
    ['-A INPUT --string foo', "2 ebtables v1.8.9 (nf_tables): Unknown argument: '--string'"],
    ['-D INPUT 50', '1 ebtables: No chain/target/match by that name'],
    ['-A INPUT -p IPv4 -j DROP; -D INPUT -p ipv4 -j DROP', ''],
  ])('%s', (lines, said) => {
    const m = new Machine();
    expect(lines.split('; ').map((line) => m.run(line)).at(-1)).toBe(said);
  });
});

it('changes stand in the dump', () => {
  const m = new Machine();
  const lines = [
    '-N FOO -P RETURN',
    '-A FORWARD -p IPv4 --ip-src 10.0.0.1 -j FOO',
    '-I FORWARD -p ARP -j ACCEPT',
    '-I FORWARD 2 -i eth0 -j DROP',
    '-A FOO -s Broadcast -j RETURN -c 3 4',
    '-P FORWARD DROP',
    '-E FOO BAR',
    '--concurrent -A OUTPUT -j mark --set-mark 5',
    '-A OUTPUT -j DROP',
    '-D OUTPUT 2',
    '-t nat -A POSTROUTING -j snat --to-src 02:00:00:00:00:09',
  ];
  expect(lines.map((line) => m.run(line)).filter((said) => said !== '')).toEqual([]);
  expect(m.rules()).toEqual([
    ':INPUT ACCEPT',
    ':FORWARD DROP',
    ':OUTPUT ACCEPT',
    ':BAR RETURN',
    '-A FORWARD -p ARP -j ACCEPT',
    '-A FORWARD -i eth0 -j DROP',
    '-A FORWARD -p IPv4 --ip-src 10.0.0.1 -j BAR',
    '-A OUTPUT -j mark --mark-set 0x5 --mark-target ACCEPT',
    '-A BAR -s Broadcast -j RETURN',
    ':PREROUTING ACCEPT',
    ':OUTPUT ACCEPT',
    ':POSTROUTING ACCEPT',
    '-A POSTROUTING -j snat --to-src 02:00:00:00:00:09 --snat-target ACCEPT',
  ]);
  expect(runEbtablesSave(m.state, ['-c']).output).toContain('[3:4] -A BAR -s Broadcast -j RETURN');
  expect(m.run('-Z')).toBe('');
  expect(runEbtablesSave(m.state, ['-c']).output).not.toContain('[3:4]');
  expect(m.run('-F')).toBe('');
  expect(m.run('-X')).toBe('');
  expect(m.rules().filter((line) => line.includes('BAR'))).toEqual([]);
});

it('restore replaces the tables that it names', () => {
  const m = new Machine();
  m.run('-A FORWARD -j DROP');
  m.run('-t nat -A PREROUTING -j ACCEPT');
  const result = runEbtablesRestore(m.environment, m.state, [], '*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n-A INPUT -p ARP -j DROP\n');
  expect(result).toMatchObject({ exitCode: 0, issues: [] });
  expect(m.rules().filter((line) => line.startsWith('-A'))).toEqual(['-A INPUT -p ARP -j DROP', '-A PREROUTING -j ACCEPT']);
});
