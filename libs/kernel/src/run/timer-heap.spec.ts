import { forSeeds } from '@worldline/testkit';
import { Fifo } from './fifo.js';
import { TimerHeap } from './timer-heap.js';

test('timers come in order of time, those of one time in the order they were set', () => {
  forSeeds(20, (random) => {
    const heap = new TimerHeap();
    const model: { time: number; owner: number }[] = [];
    const got: string[] = [];
    const expected: string[] = [];
    for (let i = 0; i < 500; i++) {
      if (random.below(3) > 0) {
        const time = random.below(40);
        heap.add(time, 1, i);
        model.push({ time, owner: i });
      } else if (model.length > 0) {
        const first = model.reduce((a, b) => (b.time < a.time ? b : a));
        model.splice(model.indexOf(first), 1);
        expect(heap.nextAt()).toBe(first.time);
        heap.pop();
        got.push(`${heap.time} ${heap.owner}`);
        expected.push(`${first.time} ${first.owner}`);
      }
    }
    expect(got).toEqual(expected);
  });
  expect(new TimerHeap().nextAt()).toBe(Infinity);
});

test('Fifo gives back in order, however full', () => {
  forSeeds(10, (random) => {
    const fifo = new Fifo<number>();
    const model: number[] = [];
    for (let i = 0; i < 300; i++) {
      if (random.below(5) > 1) {
        fifo.push(i);
        model.push(i);
      } else expect(fifo.shift()).toBe(model.shift() ?? null);
    }
  });
});
