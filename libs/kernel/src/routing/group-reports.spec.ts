import { Random } from '@worldline/model';
import { GroupReports } from './group-reports.js';

describe('GroupReports', () => {
  function play(changes: readonly (readonly [number, number, readonly number[]])[]): [number, number][] {
    const reports = new GroupReports();
    const random = Random.fromSeed(1);
    const sent: [number, number][] = [];
    const queue = [...changes];
    for (;;) {
      const next = Math.min(queue[0]?.[0] ?? Infinity, reports.nextTimer());
      if (next === Infinity) return sent;
      while (queue[0]?.[0] === next) {
        const [at, device, groups] = queue.shift() as (typeof changes)[number];
        reports.change(device, groups, at);
      }
      reports.advance(next, random);
      for (let r = reports.take(); r !== null; r = reports.take()) sent.push([r.device, r.records]);
    }
  }

  it('tells every change twice', () => {
    expect(play([[0, 1, [7, 8, 9]]])).toEqual([[1, 3], [1, 3]]);
  });

  it('puts what changes before the second telling into it', () => {
    expect(play([[0, 1, [7]], [5_000, 1, [8]]])).toEqual([[1, 1], [1, 2], [1, 1]]);
  });

  it('keeps interfaces apart', () => {
    expect(play([[0, 1, [7]], [0, 2, [7]]])).toHaveLength(4);
  });
});
