import type { BatchRecord } from '@worldline/application';
import type { BatchAnswer } from '@worldline/contract';
import type { ExpectationResult } from '@worldline/model';
import { storedProblem } from '../http/index.js';

type Matrix = NonNullable<BatchAnswer['variants']>[number]['matrix'];

export function batchAnswer({ id, name, status, progress, createdAt, finishedAt, result, problem }: BatchRecord): BatchAnswer {
  const self = `/batches/${id}`;
  return {
    id,
    name,
    status,
    progress,
    createdAt,
    finishedAt,
    isPassed: result?.isPassed ?? null,
    variants: result?.variants.map((variant) => ({ name: variant.name, isPassed: variant.failures.length === 0, failures: [...variant.failures], expectations: [...variant.expectations], summary: variant.summary, matrix: (variant.matrix ?? null) as Matrix })) ?? null,
    problem: storedProblem(problem, self),
    links: { self },
  };
}

export interface BatchNode {
  readonly __typename: 'Batch';
  readonly id: string;
  readonly name: string;
  readonly status: BatchRecord['status'];
  readonly progress: number;
  readonly problem: ReturnType<typeof storedProblem>;
  readonly isPassed: boolean | null;
  readonly variants: readonly { readonly name: string; readonly isPassed: boolean; readonly failures: readonly string[]; readonly expectations: readonly ExpectationResult[] }[];
}

export function batchNode(record: BatchRecord): BatchNode {
  const { id, name, status, progress, isPassed, variants, problem } = batchAnswer(record);
  return { __typename: 'Batch', id, name, status, progress: status === 'succeeded' ? 1 : progress.of === 0 ? 0 : Math.min(1, progress.done / progress.of), problem, isPassed, variants: variants ?? [] };
}
