/**
 * A guide of docs/guides/ as something that can be run: its fences of `sh` and `graphql` are what a reader types, and the fence of `json` or
 * `text` right behind one is what the reader was promised to see.
 */

export interface GuideStep {
  readonly kind: 'sh' | 'graphql';
  /** Line of the guide, from 1. */
  readonly line: number;
  readonly text: string;
  /** Null: the guide shows no output. */
  readonly shown: { readonly kind: 'json' | 'text'; readonly text: string; readonly start: number; readonly end: number } | null;
}

const FENCE = /^```(sh|graphql|json|text)\n([^]*?)^```$/gm;

export function stepsOf(guide: string): GuideStep[] {
  const fences = [...guide.matchAll(FENCE)].map((match) => {
    const [whole, kind = '', text = ''] = match;
    const start = match.index + 4 + kind.length;
    return { kind, text, start, end: match.index + whole.length - 3, line: guide.slice(0, match.index).split('\n').length };
  });
  return fences.flatMap((fence, i): GuideStep[] => {
    const { kind, line, text } = fence;
    if (kind !== 'sh' && kind !== 'graphql') return [];
    const next = fences[i + 1];
    return [{ kind, line, text, shown: next && (next.kind === 'json' || next.kind === 'text') ? { ...next, kind: next.kind } : null }];
  });
}

/** Pictures that a guide shows, relative to it. */
export function picturesOf(guide: string): string[] {
  return [...guide.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = '']) => path);
}

/** What differs from run to run stands for itself: ids, moments, and digests of what the engine made. */
export function masked(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, '<time>')
    .replace(/sha256:[0-9a-f]{64}/g, '<digest>');
}

const WIDTH = 160;

/** JSON for readers: what fits on a line stands on one. */
export function legibleJson(value: unknown, indent = ''): string {
  const short = JSON.stringify(value).replace(/("(?:[^"\\]|\\.)*")|([:,])/g, (_, text: string | undefined, mark: string | undefined) => text ?? `${mark ?? ''} `);
  if (value === null || typeof value !== 'object' || indent.length + short.length <= WIDTH) return short;
  const inner = `${indent}  `;
  const items = Array.isArray(value) ? value.map((one) => inner + legibleJson(one, inner)) : Object.entries(value).map(([key, one]) => `${inner}${JSON.stringify(key)}: ${legibleJson(one, inner)}`);
  return Array.isArray(value) ? `[\n${items.join(',\n')}\n${indent}]` : `{\n${items.join(',\n')}\n${indent}}`;
}
