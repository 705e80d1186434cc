import type { Bucket, Dimension, PathRecord } from '../records.js';
import { visitsOf } from '../visits.js';

/** Packets of paths by dimensions; dimensions of visits are taken from one and the same visit. */
export function aggregate(paths: readonly PathRecord[], by: readonly Dimension[], limit: number): Bucket[] {
  const buckets = new Map<string, { key: (string | null)[]; count: number }>();
  for (const path of paths) {
    const keys = new Map(keysOf(path, by).map((key) => [JSON.stringify(key), key]));
    for (const [name, key] of keys) {
      const bucket = buckets.get(name) ?? { key, count: 0 };
      bucket.count += path.report.count;
      buckets.set(name, bucket);
    }
  }
  return [...buckets.values()].sort((a, b) => b.count - a.count || compareKeys(a.key, b.key)).slice(0, limit);
}

/** Part by part; what has no value comes last. */
function compareKeys(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [a[i] ?? null, b[i] ?? null];
    if (left === right) continue;
    return right === null || (left !== null && left < right) ? -1 : 1;
  }
  return 0;
}

const OF_A_RULE: readonly Dimension[] = ['hook', 'table', 'chain', 'rule'];

function keysOf({ flowName, report }: PathRecord, by: readonly Dimension[]): (string | null)[][] {
  const isAboutRules = by.some((dimension) => OF_A_RULE.includes(dimension));
  const visits = isAboutRules || by.includes('machine') ? visitsOf(report).filter(({ chain }) => !isAboutRules || chain !== null) : [null];
  return visits.map((visit) =>
    by.map((dimension) => {
      switch (dimension) {
        case 'flow':
          return flowName;
        case 'disposition':
          return report.disposition;
        case 'diedAt':
          return report.died?.machine ?? null;
        case 'machine':
        case 'hook':
        case 'table':
        case 'chain':
          return visit?.[dimension] ?? null;
        case 'rule':
          return visit?.rule == null ? null : String(visit.rule);
      }
    }),
  );
}
