import type { ChangeRecord, ComparisonRecord, ComparisonSide } from '@worldline/application';
import type { ComparisonAnswer } from '@worldline/contract';
import { storedProblem } from '../http/index.js';

/** `changes` is null before the end. */
export function comparisonAnswer(record: ComparisonRecord, changes: readonly ChangeRecord[] | null): ComparisonAnswer {
  const { id, status, createdAt, finishedAt, baseline, candidate, summary, problem } = record;
  const self = `/comparisons/${id}`;
  return {
    id,
    status,
    createdAt,
    finishedAt,
    baseline: side(baseline),
    candidate: side(candidate),
    summary,
    changes: changes?.map(({ change }) => change as NonNullable<ComparisonAnswer['changes']>[number]) ?? null,
    problem: storedProblem(problem, self),
    links: { self, baseline: `/simulations/${baseline.simulation}`, candidate: `/simulations/${candidate.simulation}` },
  };
}

function side({ simulation, flow }: ComparisonSide): ComparisonAnswer['baseline'] {
  return { simulation, ...(flow === null ? {} : { flow }) };
}
