/** Two ways side by side: what they have in common, and what each does from the first step that differs. */
import type { HopView, WayView } from '../../way/index.js';

export interface Parting {
  readonly common: readonly HopView[];
  readonly baseline: readonly HopView[];
  readonly candidate: readonly HopView[];
}

/** `at`: position of the first step that differs, as the comparison says; null where nothing says so: then nothing is common. */
export function partingOf(baseline: WayView | undefined, candidate: WayView | undefined, at: number | null): Parting {
  const [left, right] = [splitAt(baseline?.hops ?? [], at ?? 0), splitAt(candidate?.hops ?? [], at ?? 0)];
  return { common: left.before, baseline: left.after, candidate: right.after };
}

/** The hop in which the steps are split stands in both parts. */
function splitAt(hops: readonly HopView[], at: number): { readonly before: readonly HopView[]; readonly after: readonly HopView[] } {
  const keep = (isKept: (index: number) => boolean): readonly HopView[] =>
    hops.map((hop) => ({ ...hop, steps: hop.steps.filter(({ index }) => isKept(index)) })).filter(({ steps }) => steps.length > 0);
  return { before: keep((index) => index < at), after: keep((index) => index >= at) };
}
