import type { HashText, Json } from '@worldline/model';
import { readBatch, readBundle, readScenario, stdinFilesOf } from '@worldline/snapshot';
import type { Readers } from './tools.js';

/** The readers of snapshot/. `hash` makes a bundle's digest. */
export function standardReaders(hash: HashText): Readers {
  return {
    bundle: (tree) => readBundle(tree, { hash }),
    scenario: readScenario,
    batch: readBatch,
    stdinFiles: stdinFilesOf,
  };
}

/** Paths that the events of a batch's variants name with `stdin`. */
export function stdinFilesOfVariants(spec: Json): string[] {
  const names: string[] = [];
  const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
  const at = (value: Json, key: string): Json | undefined => (value === null || typeof value !== 'object' || Array.isArray(value) ? undefined : (value as { readonly [key: string]: Json })[key]);
  for (const variant of list(at(spec, 'variants'))) {
    for (const event of list(at(variant, 'events'))) {
      const name = at(event, 'stdin');
      if (typeof name === 'string') names.push(name);
    }
  }
  return [...new Set(names)];
}
