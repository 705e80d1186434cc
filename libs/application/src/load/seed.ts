import type { Json } from '@worldline/model';

/** A scenario document with the seed that it was run with, which may be another than its own. */
export function withSeed(document: Json, seed: number): Json {
  const { spec, ...head } = document as { readonly spec: { readonly [word: string]: Json }; readonly [word: string]: Json };
  return { ...head, spec: { ...spec, seed } };
}
