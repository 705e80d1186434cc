import { Random } from '@worldline/model';
import { BranchChooser, SampleChooser } from './chooser.js';
import { ZERO, add, formatFraction, fraction, multiply, subtract, toNumber, type Fraction } from './question/fraction.js';

const WEIGHTS = Int32Array.of(9, 1, 0, 3, 9);

/** Plays a game of choices along every branch: what came out, and with which weight. */
function explore(game: (chooser: BranchChooser) => string): Record<string, string> {
  const chooser = new BranchChooser();
  const outcomes = new Map<string, Fraction>();
  do {
    chooser.rewind();
    const outcome = game(chooser);
    outcomes.set(outcome, add(outcomes.get(outcome) ?? ZERO, chooser.weight()));
  } while (chooser.advance());
  return Object.fromEntries([...outcomes].map(([outcome, weight]) => [outcome, formatFraction(weight)]));
}

describe('BranchChooser', () => {
  test('no choice at all is one branch', () => {
    expect(explore(() => 'x')).toEqual({ x: '1' });
  });

  test('what is certain is no choice', () => {
    expect(explore((c) => `${c.chance(0, 5)} ${c.chance(5, 5)}`)).toEqual({ 'false true': '1' });
  });

  test('an equal share of three by two statistics', () => {
    expect(explore((c) => (c.chance(1, 3) ? 'a' : c.chance(1, 2) ? 'b' : 'c'))).toEqual({ a: '1/3', b: '1/3', c: '1/3' });
  });

  test('weights, none for what has none', () => {
    expect(explore((c) => `${c.pick(WEIGHTS, 1, 4)}`)).toEqual({ 0: '1/4', 2: '3/4' });
  });

  test('choices that depend on earlier ones, merged by outcome', () => {
    expect(explore((c) => (c.chance(1, 2) ? (c.chance(1, 4) ? 'a' : 'b') : 'b'))).toEqual({ a: '1/8', b: '7/8' });
  });
});

describe('SampleChooser', () => {
  test('draws by weight', () => {
    const chooser = new SampleChooser(Random.fromSeed(7));
    const counts = [0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[chooser.pick(WEIGHTS, 1, 4)]++;
    expect(counts[1]).toBe(0);
    expect(counts[0] / 4000).toBeCloseTo(0.25, 1);
  });

  test('the same seed draws the same', () => {
    const draw = (): boolean[] => {
      const chooser = new SampleChooser(Random.fromSeed(9));
      return Array.from({ length: 20 }, () => chooser.chance(1, 2));
    };
    expect(draw()).toEqual(draw());
  });
});

describe('fraction', () => {
  const rows = [
    { name: 'reduced', value: fraction(6n, 8n), text: '3/4' },
    { name: 'whole', value: fraction(8n, 4n), text: '2' },
    { name: 'sum', value: add(fraction(1n, 3n), fraction(1n, 6n)), text: '1/2' },
    { name: 'difference', value: subtract(fraction(1n, 2n), fraction(1n, 3n)), text: '1/6' },
    { name: 'product', value: multiply(fraction(2n, 3n), fraction(3n, 4n)), text: '1/2' },
  ];

  test.each(rows)('$name', ({ value, text }) => {
    expect(formatFraction(value)).toBe(text);
  });

  test('a fraction with thousands of digits is still a number', () => {
    const huge = 3n ** 5000n;
    expect(toNumber(fraction(huge, huge * 3n + 1n))).toBeCloseTo(1 / 3, 12);
  });
});
