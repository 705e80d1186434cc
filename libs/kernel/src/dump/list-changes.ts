/** What became of an ordered list: the fewest entries that went and came. */

export interface ListChange {
  /** Places from 0; -1: it was not there, or is not any more. */
  readonly before: number;
  readonly after: number;
}

/** Longer stretches that differ are told as all gone and all new: the exact answer would cost their product. */
const EXACT_LIMIT = 2000;

/** Changes in the order of the new list, what went before what came in its place; entries at one place are one change. */
export function listChanges(before: readonly string[], after: readonly string[]): ListChange[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const gone = before.slice(start, before.length - end);
  const come = after.slice(start, after.length - end);
  const kept = gone.length > EXACT_LIMIT || come.length > EXACT_LIMIT ? [] : commonPairs(gone, come);
  const changes: ListChange[] = [];
  let [i, j] = [0, 0];
  for (const [b, a] of [...kept, [gone.length, come.length] as const]) {
    for (; i < b || j < a; ) changes.push({ before: i < b ? start + i++ : -1, after: j < a ? start + j++ : -1 });
    i++;
    j++;
  }
  return changes;
}

/** Places of a longest common subsequence. */
function commonPairs(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const width = after.length + 1;
  const lengths = new Uint16Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i * width + j] = before[i] === after[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i++;
    else j++;
  }
  return pairs;
}
