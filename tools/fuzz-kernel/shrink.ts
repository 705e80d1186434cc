/** The smallest case that still shows a disagreement: flows, events, rules, sets' members and settings are taken out while it does. */
import type { Mismatch } from '@worldline/analysis';
import type { CaseFiles } from './stage.js';

/** Plays a case once and returns what disagrees; null: it cannot be played. */
export type Attempt = (files: CaseFiles) => Promise<readonly Mismatch[] | null>;

export interface ShrinkOptions {
  readonly attempt: Attempt;
  /** Plays that may be spent. */
  readonly budget: number;
}

/** A part of a case that can be taken out. */
interface Part {
  readonly file: string;
  readonly line: number;
}

export async function shrink(files: CaseFiles, first: Mismatch, { attempt, budget }: ShrinkOptions): Promise<CaseFiles> {
  let best = files;
  let plays = 0;
  const isStill = async (candidate: CaseFiles): Promise<boolean> => {
    if (plays >= budget) return false;
    plays++;
    const got = (await attempt(candidate)) ?? [];
    const isSame = got.some((m) => m.facet === first.facet && (first.flow === null || m.flow === first.flow));
    if (isSame) best = candidate;
    return isSame;
  };
  await halve(scenarioParts, isStill, () => best, first.flow);
  for (const pattern of [/tables-save\.txt$/, /ipset-save\.txt$/, /ebtables-save\.txt$/]) await halve((f) => lineParts(f, pattern), isStill, () => best, null);
  return best;
}

/** ddmin: ever smaller pieces are left out for as long as the rest still shows it. */
async function halve(partsOf: (files: CaseFiles, keep: string | null) => { parts: Part[]; without: (parts: ReadonlySet<Part>) => CaseFiles }, isStill: (files: CaseFiles) => Promise<boolean>, best: () => CaseFiles, keep: string | null): Promise<void> {
  let { parts, without } = partsOf(best(), keep);
  for (let size = parts.length; size >= 1; ) {
    let isSmaller = false;
    for (let at = 0; at < parts.length; at += size) {
      if (!(await isStill(without(new Set(parts.slice(at, at + size)))))) continue;
      ({ parts, without } = partsOf(best(), keep));
      isSmaller = true;
      break;
    }
    if (!isSmaller) size = size === 1 ? 0 : Math.ceil(size / 2);
    else size = Math.min(size, Math.max(1, parts.length));
    if (parts.length === 0) return;
  }
}

interface ScenarioText {
  readonly spec: { readonly flows: readonly { readonly name: string }[]; readonly events: readonly object[] };
}

function scenarioParts(files: CaseFiles, keep: string | null): { parts: Part[]; without: (parts: ReadonlySet<Part>) => CaseFiles } {
  const document = JSON.parse(files.get('scenario.yaml') as string) as ScenarioText;
  const { flows, events } = document.spec;
  const flowParts = flows.flatMap(({ name }, line): Part[] => (name === keep ? [] : [{ file: 'flows', line }]));
  const eventParts = events.map((_, line): Part => ({ file: 'events', line }));
  return {
    parts: [...flowParts, ...eventParts],
    without: (out) => {
      const isKept = (file: string, line: number): boolean => ![...out].some((p) => p.file === file && p.line === line);
      const spec = { ...document.spec, flows: flows.filter((_, i) => isKept('flows', i)), events: events.filter((_, i) => isKept('events', i)) };
      return new Map([...files, ['scenario.yaml', `${JSON.stringify({ ...document, spec }, null, 1)}\n`]]);
    },
  };
}

function lineParts(files: CaseFiles, pattern: RegExp): { parts: Part[]; without: (parts: ReadonlySet<Part>) => CaseFiles } {
  const texts = [...files].filter(([path]) => pattern.test(path)).map(([path, text]) => [path, text.split('\n')] as const);
  const parts = texts.flatMap(([file, lines]) => lines.flatMap((text, line): Part[] => (/^(\[\d+:\d+\] )?-A |^add /.test(text) ? [{ file, line }] : [])));
  return {
    parts,
    without: (out) => new Map([...files, ...texts.map(([path, lines]) => [path, lines.filter((_, line) => ![...out].some((p) => p.file === path && p.line === line)).join('\n')] as const)]),
  };
}
