import { Random } from '@worldline/model';
import { ACCEPT, DROP, EXTENSION_FRAGMENT, EXTENSION_HOP_BY_HOP, PREROUTING, PacketContext, STOLEN } from '../packet/index.js';
import { DISPOSITION, Environment } from '../record/index.js';
import { FragmentQueues } from './fragment-queues.js';
import { ConntrackSettings } from './settings.js';

const environment = Environment.create(Random.fromSeed(1), { chance: () => false, pick: (_, from) => from });
const settings = new ConntrackSettings().values;

/** A piece of a datagram of 3000 bytes after the IP header, say. */
function piece(family: 4 | 6, from: number, to: number, hasMore: boolean, ipId = 1): PacketContext {
  const p = new PacketContext();
  p.family = family;
  p.protocol = 17;
  p.source = 1;
  p.destination = 2;
  p.sourcePort = from === 0 ? 4000 : 0;
  p.destinationPort = from === 0 ? 53 : 0;
  p.ipId = ipId;
  p.fragmentOffset = from;
  p.hasMoreFragments = hasMore;
  p.length = (family === 4 ? 20 : 48) + to - from;
  return p;
}

describe.each([{ family: 4 as const, header: 20 }, { family: 6 as const, header: 40 }])('IPv$family', ({ family, header }) => {
  it.each([
    { name: 'in order', order: [0, 1, 2] },
    { name: 'backwards', order: [2, 1, 0] },
    { name: 'in disorder', order: [1, 2, 0] },
  ])('puts fragments together that come $name', ({ order }) => {
    const queues = new FragmentQueues();
    const pieces = [piece(family, 0, 1480, true), piece(family, 1480, 2960, true), piece(family, 2960, 3008, false)];
    const verdicts = order.map((i) => queues.defragment(environment, pieces[i], PREROUTING, settings));
    expect(verdicts).toEqual([STOLEN, STOLEN, ACCEPT]);
    const whole = pieces[order[2]];
    expect(whole).toMatchObject({ length: header + 3008, sourcePort: 4000, destinationPort: 53, fragmentOffset: 0, hasMoreFragments: false });
    expect(whole.largestFragment).toBe(pieces[order[0] === 2 ? order[1] : order[0]].length);
    const merged = queues.takeFinished();
    expect(merged).toHaveLength(2);
    expect(merged.every((p) => p.disposition === DISPOSITION.Accepted)).toBe(true);
    expect(queues.nextTimer()).toBe(Infinity);
  });

  it('keeps datagrams, hooks and users apart', () => {
    const queues = new FragmentQueues();
    expect(queues.defragment(environment, piece(family, 0, 800, true, 1), PREROUTING, settings)).toBe(STOLEN);
    expect(queues.defragment(environment, piece(family, 800, 900, false, 2), PREROUTING, settings)).toBe(STOLEN);
    expect(queues.reassemble(environment, piece(family, 800, 900, false, 1), settings)).toBe(STOLEN);
    expect(queues.defragment(environment, piece(family, 800, 900, false, 1), PREROUTING, settings)).toBe(ACCEPT);
  });

  it('drops a duplicate alone, and all where fragments contradict each other', () => {
    const queues = new FragmentQueues();
    queues.defragment(environment, piece(family, 0, 800, true), PREROUTING, settings);
    expect(queues.defragment(environment, piece(family, 0, 800, true), PREROUTING, settings)).toBe(DROP);
    expect(queues.nextTimer()).toBeLessThan(Infinity);
    expect(queues.defragment(environment, piece(family, 400, 1200, true), PREROUTING, settings)).toBe(DROP);
    expect(queues.nextTimer()).toBe(Infinity);
    expect(queues.takeFinished()).toHaveLength(1);
  });

  it('gives up in the end', () => {
    const queues = new FragmentQueues();
    queues.defragment(environment, piece(family, 0, 800, true), PREROUTING, settings);
    const deadline = (family === 4 ? 30 : 60) * 1_000_000;
    expect(queues.nextTimer()).toBe(deadline);
    queues.advance(deadline - 1);
    expect(queues.takeFinished()).toHaveLength(0);
    queues.advance(deadline);
    expect(queues.takeFinished()).toHaveLength(1);
  });

  it('lets whole packets pass', () => {
    const queues = new FragmentQueues();
    expect(queues.defragment(environment, piece(family, 0, 800, false), PREROUTING, settings)).toBe(ACCEPT);
  });
});

it('takes the header off an atomic fragment', () => {
  const p = piece(6, 0, 100, false);
  p.extensions = EXTENSION_HOP_BY_HOP | (EXTENSION_FRAGMENT << 4);
  expect(new FragmentQueues().defragment(environment, p, PREROUTING, settings)).toBe(ACCEPT);
  expect(p).toMatchObject({ length: 140, extensions: EXTENSION_HOP_BY_HOP });
});
