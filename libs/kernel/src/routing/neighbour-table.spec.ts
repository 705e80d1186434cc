import { Random } from '@worldline/model';
import { Environment } from '../record/index.js';
import { SysctlState } from '../sysctl/index.js';
import { NEIGHBOR_QUEUED, NEIGHBOR_UNREACHABLE, NUD_DELAY, NUD_FAILED, NUD_PERMANENT, NUD_PROBE, NUD_REACHABLE, NUD_STALE, NeighbourTable } from './neighbour-table.js';

const SECOND = 1_000_000;
const ADDRESS = 0x0a000002;
const MAC = 7;

function setup() {
  const chooser = { chance: () => true, pick: () => 0 };
  const environment = Environment.create(Random.fromSeed(1), chooser);
  const sysctl = SysctlState.create(true);
  sysctl.addInterface(0, 'eth0');
  const table = new NeighbourTable();
  const at = (seconds: number): void => {
    environment.now = seconds * SECOND;
    table.advance(sysctl, environment.now);
  };
  const ask = (): number => table.ask(sysctl, environment, 4, 0, ADDRESS);
  const learn = (isReply: boolean): void => table.learn(sysctl, environment, 4, 0, ADDRESS, MAC, { isConfirming: isReply, isCreating: !isReply, overrides: 'always' });
  const probes = (): number => {
    let n = 0;
    while (table.takeSolicitation() >= 0) n++;
    return n;
  };
  return { table, sysctl, environment, at, ask, learn, probes, state: () => table.stateOf(table.find(4, 0, ADDRESS)) };
}

describe('NeighbourTable', () => {
  it('asks three times, a second apart, and fails after the third', () => {
    const { ask, at, probes, state, table } = setup();
    expect(ask()).toBe(NEIGHBOR_QUEUED);
    expect(probes()).toBe(1);
    at(0.5);
    expect(probes()).toBe(0);
    at(1);
    at(2);
    expect(probes()).toBe(2);
    expect(table.takeFailed()).toBe(-1);
    expect(table.nextTimer()).toBe(3 * SECOND);
    at(3);
    expect(state()).toBe(NUD_FAILED);
    expect(table.takeFailed()).toBe(table.find(4, 0, ADDRESS));
    expect(ask()).toBe(NEIGHBOR_QUEUED);
    expect(probes()).toBe(1);
  });

  it('is reachable once answered, stale after a while, and asked for again when used then', () => {
    const { ask, at, learn, probes, state, table } = setup();
    ask();
    probes();
    learn(true);
    expect(table.takeResolved()).toBe(table.find(4, 0, ADDRESS));
    expect([ask(), state()]).toEqual([MAC, NUD_REACHABLE]);
    at(40);
    expect(state()).toBe(NUD_STALE);
    expect([ask(), state()]).toEqual([MAC, NUD_DELAY]);
    at(45);
    expect(state()).toBe(NUD_PROBE);
    expect(table.isUnicastProbe(table.takeSolicitation())).toBe(true);
    learn(true);
    expect(state()).toBe(NUD_REACHABLE);
  });

  it('learns of an asker without trusting it, and never changes what is permanent', () => {
    const { table, learn, state, ask } = setup();
    learn(false);
    expect([state(), ask()]).toEqual([NUD_STALE, MAC]);
    table.set(4, 0, ADDRESS, 9, NUD_PERMANENT);
    learn(true);
    expect([state(), ask()]).toEqual([NUD_PERMANENT, 9]);
  });

  it('has no room above gc_thresh3', () => {
    const { table, sysctl, environment } = setup();
    sysctl.set('net.ipv4.neigh.default.gc_thresh3', '2');
    const answers = [1, 2, 3].map((address) => table.ask(sysctl, environment, 4, 0, address));
    expect(answers).toEqual([NEIGHBOR_QUEUED, NEIGHBOR_QUEUED, NEIGHBOR_UNREACHABLE]);
  });

  it('forgets what was asked for when the carrier goes, and all when the link goes down', () => {
    const { table, ask } = setup();
    table.set(4, 0, 1, MAC, NUD_PERMANENT);
    ask();
    table.flushDevice(0, true);
    expect([table.find(4, 0, 1) >= 0, table.find(4, 0, ADDRESS)]).toEqual([true, -1]);
    table.flushDevice(0, false);
    expect(table.find(4, 0, 1)).toBe(-1);
  });
});
