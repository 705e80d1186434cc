import type { ExpectationResult, Report } from '@worldline/model';
import type { Comparison } from '../comparison/index.js';
import { formatComparison } from './format-comparison.js';
import { formatCoverage, formatTotals, outcomeMark, plural } from './format-summary.js';
import type { Palette } from './palette.js';
import { PLAIN } from './palette.js';

export interface WhatIfText {
  readonly name: string;
  readonly base: WorldText;
  readonly variants: readonly (WorldText & {
    readonly name: string;
    readonly comparison: Comparison;
    readonly matrix: { readonly comparison: Comparison } | null;
    readonly failures: readonly string[];
  })[];
}

interface WorldText {
  readonly report: Report;
  readonly expectations: readonly ExpectationResult[];
}

/** A what-if for people: the base, then of each variant whether it passes, what it changes, and what it leaves broken. */
export function formatWhatIf({ name, base, variants }: WhatIfText, palette: Palette = PLAIN): string {
  const lines = [palette.strong(name), '', `${palette.strong('base')}  ${formatTotals({ ...base.report, expectations: base.expectations }, palette)}`, ...notPassed(base.expectations, palette), ''];
  for (const variant of variants) {
    const isPassed = variant.failures.length === 0;
    lines.push(`${outcomeMark(isPassed ? 'passed' : 'failed', palette)} ${palette.strong(variant.name)}  ${formatTotals({ ...variant.report, expectations: variant.expectations }, palette)}`);
    lines.push(...notPassed(variant.expectations, palette), ...indented(formatComparison(variant.comparison, palette)), '');
    if (variant.matrix) lines.push(...indented(`Matrices\n${formatComparison(withoutDetours(variant.matrix.comparison), palette)}`), '');
  }
  const failed = variants.filter(({ failures }) => failures.length > 0).length;
  lines.push(...formatCoverage(base.report.coverage, palette));
  lines.push(failed === 0 ? palette.good(`${plural(variants.length, 'variant')}: all pass.`) : palette.bad(`${plural(variants.length, 'variant')}: ${failed} ${failed === 1 ? 'fails' : 'fail'}.`));
  return `${lines.join('\n')}\n`;
}

/** One rule more, and every pair of a matrix goes another way: these are counted and not listed. */
function withoutDetours(comparison: Comparison): Comparison {
  return { ...comparison, changes: comparison.changes.filter(({ effect }) => effect !== 'rerouted') };
}

function notPassed(results: readonly ExpectationResult[], palette: Palette): string[] {
  return results.filter(({ outcome }) => outcome !== 'passed').map(({ name, outcome, detail }) => `  ${outcomeMark(outcome, palette)} ${name}: ${detail}`);
}

function indented(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`));
}
