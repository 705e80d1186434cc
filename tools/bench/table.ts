/** Bars of the benchmark: what was measured, beside what it should be. */

export interface Bar {
  readonly name: string;
  /** The better bound is the first. */
  readonly goal: number;
  readonly floor: number;
  /** Ratios are better when large; costs when small. */
  readonly isRatio: boolean;
  readonly unit: string;
  /** Of each round; empty: not measured. */
  readonly values: readonly number[];
  /** What the figure is made of. */
  readonly detail: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export function span(values: readonly number[]): string {
  return values.length === 0 ? '-' : `${rounded(median(values))} [${rounded(Math.min(...values))}..${rounded(Math.max(...values))}]`;
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}

function verdictOf({ values, goal, floor, isRatio }: Bar): string {
  if (values.length === 0) return 'not measured';
  const value = median(values);
  if (isRatio ? value >= goal : value <= goal) return 'goal';
  return (isRatio ? value >= floor : value <= floor) ? 'floor' : 'MISSED';
}

export function table(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => {
    const sign = bar.isRatio ? 'x' : '';
    return [bar.name, bar.values.length === 0 ? '-' : `${sign}${span(bar.values)}${bar.unit}`, `${sign}${bar.goal} (${sign}${bar.floor})${bar.unit}`, verdictOf(bar), bar.detail];
  });
  const all = [['bar', 'median [min..max]', 'goal (floor)', '', 'of'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('');
}
