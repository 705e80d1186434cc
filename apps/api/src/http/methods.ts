/** Which methods a path of the API takes, for whoever tries another one. */
import { ROUTES } from '@worldline/contract';
import type { Route } from '@worldline/contract';

const PATHS: readonly { readonly pattern: RegExp; readonly method: string }[] = (ROUTES as readonly Route[]).map(({ path, method }) => ({
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
  method: method.toUpperCase(),
}));

/** In the words of the Allow header; empty where there is no such path. */
export function methodsOf(path: string): readonly string[] {
  const own = PATHS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (own.length === 0) return [];
  return [...new Set([...own, ...(own.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort();
}
