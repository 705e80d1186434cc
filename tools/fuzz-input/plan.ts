/** How a case is spoilt: which case, and step by step what is done to which of its files. Plans are values, so that each can be run again and made smaller. */
import fc from 'fast-check';

export const LEVELS = ['byte', 'line', 'token', 'json', 'yaml', 'file'] as const;
export type Level = (typeof LEVELS)[number];

export interface Step {
  readonly level: Level;
  /** Which file, which place in it, which other place: any number, taken by remainder. */
  readonly file: number;
  readonly place: number;
  readonly other: number;
  /** What is done there, by remainder as well. */
  readonly action: number;
  readonly piece: string;
  /** A JSON text. */
  readonly value: string;
}

export interface Plan {
  readonly case: number;
  readonly steps: readonly Step[];
}

/** Words that have broken programs before, and some of our own languages. */
const PIECES = [
  '', ' ', '\n', '\r\n', '\t', '\0', '\\', '"', "'", '`', '#', '%', '$(x)', '!', '! ', '--', '-', '*', '[1:1]', '[9999999999999999999:0]', ':', '{', '}', '[]', 'null', '~',
  '0', '-1', '1e99', '4294967296', '2147483648', '999999999999999999999', '65536', '0x', '0xffffffff/0x0', 'NaN', '.inf', 'true', '0/0', '10.0.0.0/33', '255.255.255.255', '0.0.0.0/0',
  '10.0.0.9-10.0.0.1', '65535-1', '::', '::/0', 'fe80::1%eth0', 'lo', 'eth0', 'all', 'default', 'ACCEPT', 'DROP', '-j', '-A INPUT', '-m', '-p', 'tcp', 'udp', 'icmpv6', 'RETURN', '--to-destination',
  '&a ', '*a', '!!binary x', '<<: *a', '\u2028', '\ufeff', '\ud800', 'é', '__proto__', 'constructor', 'toString', '../../etc/passwd', 'node/*', 'x'.repeat(300), '['.repeat(200), '- '.repeat(200),
];

const piece = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...PIECES) }, { weight: 1, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) });
const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...PIECES), fc.constantFrom(-1, 0, 1, 65_536, 2 ** 31, 2 ** 53, 1e308)).map((v) => JSON.stringify(v));
const number = fc.nat({ max: 0x7fffffff });

const step: fc.Arbitrary<Step> = fc.record({ level: fc.constantFrom(...LEVELS), file: number, place: number, other: number, action: number, piece, value });

export const anyPlan: fc.Arbitrary<Plan> = fc.record({ case: number, steps: fc.array(step, { minLength: 1, maxLength: 4 }) });

/** The plans of a seed. The first ones are the same however many are asked for. */
export function* plansOf(seed: number, count: number): Iterable<{ readonly seed: number; readonly plan: Plan }> {
  for (let i = 0; i < count; i++) {
    const own = (seed + i) | 0;
    yield { seed: own, plan: planOf(own) };
  }
}

export function planOf(seed: number): Plan {
  return fc.sample(anyPlan, { seed, numRuns: 1 })[0] as Plan;
}
