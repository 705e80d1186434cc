import type { Random } from '@worldline/model';
import { flowSpec, forSeeds } from '@worldline/testkit';
import { Timeline } from './timeline.js';
import type { Flow } from './traffic/flow.js';

interface Shape {
  readonly at?: number;
  readonly connections?: number;
  readonly connectionEvery?: number;
  readonly packets?: number;
  readonly interval?: number;
}

/** A flow as far as a timeline looks at it. */
function flow(position: number, { at = 0, connections = 1, connectionEvery = 0, packets = 1, interval = 0 }: Shape): Flow {
  return { position, packets, spec: flowSpec({ at, connections, connectionEvery, interval }) } as Flow;
}

function play(timeline: Timeline): string[] {
  const played: string[] = [];
  while (timeline.packetAt() < Infinity) {
    const at = timeline.packetAt();
    timeline.takePacket();
    played.push(`${at}:${timeline.flow.position}/${timeline.connection}/${timeline.packet}`);
  }
  return played;
}

/** The same by sorting everything. */
function sorted(flows: readonly Flow[]): string[] {
  const all: { at: number; key: readonly number[] }[] = [];
  for (const { position, packets, spec } of flows) {
    for (let c = 0; c < spec.connections; c++) {
      for (let n = 0; n < packets; n++) all.push({ at: spec.at + Math.floor(c * spec.connectionEvery) + n * spec.interval, key: [position, c, n] });
    }
  }
  all.sort((a, b) => a.at - b.at || a.key[0] - b.key[0] || a.key[1] - b.key[1] || a.key[2] - b.key[2]);
  return all.map(({ at, key }) => `${at}:${key.join('/')}`);
}

const rows: { name: string; flows: Shape[] }[] = [
  { name: 'one packet', flows: [{ at: 5 }] },
  { name: 'no packet', flows: [{ packets: 0 }] },
  { name: 'flows of one instant in order', flows: [{ packets: 2, interval: 3 }, { packets: 2, interval: 3 }] },
  { name: 'connections that begin while others go on', flows: [{ connections: 3, connectionEvery: 10, packets: 4, interval: 5 }] },
  { name: 'a connection that begins when an older one is due', flows: [{ connections: 3, connectionEvery: 5, packets: 3, interval: 5 }] },
  { name: 'all packets at once', flows: [{ connections: 2, packets: 3 }] },
  { name: 'a rate with a fraction', flows: [{ connections: 8, connectionEvery: 14.285714, packets: 2, interval: 20 }] },
];

test.each(rows)('$name', ({ flows }) => {
  const made = flows.map((shape, position) => flow(position, shape));
  expect(play(new Timeline(made, []))).toEqual(sorted(made));
});

test('any mixture is played in order of time, flow, connection and packet', () => {
  forSeeds(50, (random: Random) => {
    const flows = Array.from({ length: 1 + random.below(4) }, (_, position) =>
      flow(position, { at: random.below(20), connections: 1 + random.below(6), connectionEvery: random.below(10) / (1 + random.below(2)), packets: random.below(5), interval: random.below(8) }),
    );
    expect(play(new Timeline(flows, []))).toEqual(sorted(flows));
  });
});

test('one connection alone keeps its own times', () => {
  const shape = { at: 7, connections: 4, connectionEvery: 10, packets: 3, interval: 4 };
  const one = flow(0, shape);
  const alone = new Timeline([one], []).forConnection(one, 2);
  expect(play(alone)).toEqual(['27:0/2/0', '31:0/2/1', '35:0/2/2']);
});
