import type { Comparison } from '@worldline/analysis';
import type { ChangeRecord, ComparisonRecord, ComparisonSide, PathKey } from './records.js';

/** The changes of a comparison with the keys of their paths; `flows` are the names of each side's flows in order. */
export function changeRecordsOf(
  { id, baseline, candidate }: Pick<ComparisonRecord, 'id' | 'baseline' | 'candidate'>,
  { changes }: Comparison,
  flows: { readonly baseline: readonly string[]; readonly candidate: readonly string[] },
): readonly ChangeRecord[] {
  return changes.map((change, position) => ({
    comparison: id,
    position,
    change,
    baseline: change.baseline && keyOf(baseline, flows.baseline, change.flow, change.baseline.path),
    candidate: change.candidate && keyOf(candidate, flows.candidate, change.flow, change.candidate.path),
  }));
}

/** A side of one flow is compared under the other side's name for it. */
function keyOf({ simulation, flow }: ComparisonSide, names: readonly string[], compared: string, path: number): PathKey | null {
  const position = names.indexOf(flow ?? compared);
  return position < 0 ? null : { simulation, flow: position, path };
}
