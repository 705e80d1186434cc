/** What a run of the fuzzer came to. */
import type { Tried } from './main.js';
import type { WordCount } from './tally.js';

export interface Figures {
  readonly kernel: string;
  readonly seeds: readonly [first: number, last: number];
  readonly cases: Readonly<Record<Tried['outcome'], number>>;
  readonly packets: number;
  /** Packets of which something differs. */
  readonly wrong: number;
  /** Seeds whose prediction differs. */
  readonly different: readonly number[];
  readonly words: Readonly<Record<string, readonly [matched: number, unmatched: number]>>;
  readonly refused: readonly string[];
}

export function figuresOf({ tried, counts, kernel, refused }: { tried: readonly Tried[]; counts: ReadonlyMap<string, WordCount>; kernel: string; refused: ReadonlyMap<string, number> }): Figures {
  const of = (outcome: Tried['outcome']): Tried[] => tried.filter((t) => t.outcome === outcome);
  const seeds = tried.map(({ seed }) => seed);
  return {
    kernel,
    seeds: [Math.min(...seeds), Math.max(...seeds)],
    cases: { equal: of('equal').length, different: of('different').length, unstable: of('unstable').length, impossible: of('impossible').length },
    packets: [...of('equal'), ...of('different')].reduce((sum, { packets }) => sum + packets, 0),
    wrong: of('different').reduce((sum, { wrong }) => sum + wrong, 0),
    different: of('different').map(({ seed }) => seed),
    words: Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([word, { matched, unmatched }]) => [word, [matched, unmatched] as const])),
    refused: [...new Set([...refused.keys()].map((text) => /\((.*)\)$/.exec(text)?.[1] ?? text))].sort(),
  };
}

export function formatFigures({ kernel, seeds, cases, packets, wrong, different, words, refused }: Figures): string {
  const rows = Object.entries(words).map(([word, [matched, unmatched]]) => `${String(matched).padStart(8)} ${String(unmatched).padStart(8)}  ${word}`);
  return [
    ' matched unmatched  word',
    ...rows,
    '',
    ...refused.map((text) => `left out: ${text}`),
    `Linux ${kernel}, seeds ${seeds[0]} to ${seeds[1]}: ${packets} packets compared, ${wrong} of them different; cases: ${cases.equal} equal, ${cases.different} different, ${cases.unstable} that the kernel did not do twice, ${cases.impossible} that could not be played`,
    ...(different.length > 0 ? [`different: seeds ${different.join(', ')}`] : []),
    '',
  ].join('\n');
}
