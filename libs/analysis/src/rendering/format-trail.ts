/** The rules that a filter step looked at, one a line; of many that did not match in a row the first, the last, and how many. */
import type { RuleTrail, Step } from '@worldline/model';
import type { Palette } from './palette.js';
import { matchedRules, trailOf } from './rule-text.js';

/** So many in a row that did not match are told one by one. */
const SHORT_RUN = 3;

interface Line {
  readonly place: string;
  readonly text: string;
  readonly isMatched: boolean;
}

export function trailLines(step: Step, palette: Palette): string[] {
  const lines: Line[] = [];
  const trail = trailOf(step);
  for (let from = 0; from < trail.length; ) {
    let to = from + 1;
    while (to < trail.length && isAlike(trail[from] as RuleTrail, trail[to] as RuleTrail)) to++;
    lines.push(...linesOf(trail.slice(from, to)));
    from = to;
  }
  const untold = Number(step.detail['lookedAt'] ?? trail.length) - trail.length;
  if (untold > 0) lines.push(...untoldLines(step, trail, untold));
  const last = matchedRules(step).at(-1);
  if (last?.number === null) lines.push({ place: `${last.chain} policy`, text: last.text, isMatched: true });
  const width = Math.max(...lines.map(({ place }) => place.length));
  const end = lines.findLastIndex(({ isMatched }) => isMatched);
  return lines.map(({ place, text, isMatched }, i) => {
    const said = isMatched ? (i === end && step.isDeciding ? palette.strong(text) : text) : palette.dim(text);
    return `${palette.dim(place.padEnd(width))}  ${said}`;
  });
}

/** Neighbours in one chain, neither of which matched. */
function isAlike(first: RuleTrail, next: RuleTrail): boolean {
  return !first.matched && !next.matched && next.chain === first.chain;
}

function linesOf(run: readonly RuleTrail[]): Line[] {
  if (run.length <= SHORT_RUN) return run.map(lineOf);
  const [first, last] = [run[0] as RuleTrail, run.at(-1) as RuleTrail];
  return [
    lineOf(first),
    { place: `${first.chain} ${first.number + 1}-${last.number - 1}`, text: `no  ${run.length - 2} rules`, isMatched: false },
    lineOf(last),
  ];
}

function lineOf({ chain, number, matched, text, failedClause }: RuleTrail): Line {
  return { place: `${chain} ${number}`, text: matched ? text.replace(/^-A \S+ /, '') : `no  ${failedClause}`, isMatched: matched };
}

/** Those beyond what is told of a step; the ones that matched are known all the same. */
function untoldLines(step: Step, told: readonly RuleTrail[], untold: number): Line[] {
  const known = told.filter(({ matched }) => matched).length;
  const rest = matchedRules(step).filter(({ number }) => number !== null).slice(known);
  return [
    { place: '...', text: `${untold} more rules looked at`, isMatched: false },
    ...rest.map(({ chain, number, text }) => ({ place: `${chain} ${number}`, text, isMatched: true })),
  ];
}
