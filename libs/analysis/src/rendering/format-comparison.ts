import { assertNever } from '@worldline/model';
import type { Change, Comparison, Effect } from '../comparison/index.js';
import { plural } from './format-summary.js';
import type { Palette } from './palette.js';
import { PLAIN } from './palette.js';
import { partingTexts } from './rule-text.js';

/** A comparison for people: what broke first, then what was mended, then what merely goes another way. */
export function formatComparison(comparison: Comparison, palette: Palette = PLAIN): string {
  const lines: string[] = [];
  for (const effect of ORDER) {
    const changes = merged(comparison.changes.filter((change) => change.effect === effect));
    if (changes.length === 0) continue;
    lines.push(hue(effect, palette)(`${TITLES[effect]}`));
    for (const change of changes) lines.push(...changeLines(change, palette));
    lines.push('');
  }
  lines.push(summaryText(comparison, palette));
  return `${lines.join('\n')}\n`;
}

const ORDER: readonly Effect[] = ['broken', 'fixed', 'moved', 'rerouted', 'disappeared', 'appeared'];

const TITLES: Readonly<Record<Effect, string>> = {
  broken: 'Broken',
  fixed: 'Fixed',
  moved: 'Another fate',
  rerouted: 'Same fate by another way',
  disappeared: 'Only in the baseline',
  appeared: 'Only in the candidate',
};

function hue(effect: Effect, palette: Palette): (text: string) => string {
  switch (effect) {
    case 'broken':
      return palette.bad;
    case 'fixed':
      return palette.good;
    case 'moved':
    case 'disappeared':
    case 'appeared':
      return palette.unsure;
    case 'rerouted':
      return palette.dim;
    default:
      return assertNever(effect);
  }
}

/** Changes of one flow from one fate to another are told once, with the first place where the ways part. */
function merged(changes: readonly Change[]): Change[] {
  const told = new Map<string, Change>();
  for (const change of changes) {
    const key = JSON.stringify([change.flow, change.baseline?.fate, change.candidate?.fate]);
    const known = told.get(key);
    told.set(key, known ? { ...known, count: known.count + change.count } : change);
  }
  return [...told.values()];
}

function changeLines({ flow, count, baseline, candidate, divergence }: Change, palette: Palette): string[] {
  const lines = [`  ${palette.strong(flow)}  ${amount(count)}`];
  if (baseline && candidate && baseline.fate === candidate.fate) lines.push(`    = ${baseline.fate}`);
  else {
    if (baseline) lines.push(`    - ${baseline.fate}`);
    if (candidate) lines.push(`    + ${candidate.fate}`);
  }
  if (divergence) {
    lines.push(palette.dim(`    they part at ${divergence.machine}, step ${divergence.index + 1} of the ${divergence.what}:`));
    const [was, is] = partingTexts(divergence.baseline, divergence.candidate);
    lines.push(`      - ${was}`, `      + ${is}`);
  }
  return lines;
}

function amount(count: number): string {
  return Number.isInteger(count) ? `${count}×` : `${Number((100 * count).toFixed(4))} %`;
}

function summaryText({ summary }: Comparison, palette: Palette): string {
  const flows = plural(summary.flows, 'flow');
  if (ORDER.every((effect) => summary[effect] === 0)) return palette.good(`${flows}: nothing changed.`);
  const parts = ORDER.filter((effect) => summary[effect] > 0).map((effect) => hue(effect, palette)(`${amountOf(summary[effect])} ${WORDS[effect]}`));
  return `${flows}: ${[...parts, `${amountOf(summary.unchanged)} unchanged`].join(', ')}.`;
}

const WORDS: Readonly<Record<Effect, string>> = {
  broken: 'broken',
  fixed: 'fixed',
  moved: 'with another fate',
  rerouted: 'by another way',
  disappeared: 'gone',
  appeared: 'new',
};

function amountOf(count: number): string {
  return String(Number(count.toFixed(6)));
}
