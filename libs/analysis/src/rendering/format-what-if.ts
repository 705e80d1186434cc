import type { ExpectationResult, Report } from '@worldline/model';
import type { Comparison } from '../comparison/index.js';
import { formatComparison } from './format-comparison.js';
import { formatCoverage, formatTotals, outcomeMark, plural } from './format-summary.js';
import type { Palette } from './palette.js';
import { PLAIN } from './palette.js';

export interface WhatIfText {
  readonly name: string;
  readonly base: Report;
  readonly variants: readonly { readonly name: string; readonly report: Report; readonly comparison: Comparison; readonly failures: readonly string[] }[];
}

/** A what-if for people: the base, then of each variant whether it passes, what it changes, and what it leaves broken. */
export function formatWhatIf({ name, base, variants }: WhatIfText, palette: Palette = PLAIN): string {
  const lines = [palette.strong(name), '', `${palette.strong('base')}  ${formatTotals(base, palette)}`, ...notPassed(base.expectations, palette), ''];
  for (const variant of variants) {
    const isPassed = variant.failures.length === 0;
    lines.push(`${outcomeMark(isPassed ? 'passed' : 'failed', palette)} ${palette.strong(variant.name)}  ${formatTotals(variant.report, palette)}`);
    lines.push(...notPassed(variant.report.expectations, palette), ...indented(formatComparison(variant.comparison, palette)), '');
  }
  const failed = variants.filter(({ failures }) => failures.length > 0).length;
  lines.push(...formatCoverage(base.coverage, palette));
  lines.push(failed === 0 ? palette.good(`${plural(variants.length, 'variant')}: all pass.`) : palette.bad(`${plural(variants.length, 'variant')}: ${failed} ${failed === 1 ? 'fails' : 'fail'}.`));
  return `${lines.join('\n')}\n`;
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
