/** Asks when its question changes, drops answers to older ones, and keeps the last answer on the screen meanwhile. */
import { useEffect, useState } from 'react';
import { graphql, rest } from './request.js';

export interface Asked<T> {
  readonly data: T | null;
  readonly error: Error | null;
  /** An answer is on its way; `data` may be of the question before. */
  readonly isLoading: boolean;
}

const NOTHING = { data: null, error: null, isLoading: false } as const;

/** A GraphQL question; null asks nothing. A new `version` asks the same again. */
export function useGraphql<T>(query: string, variables: object | null, version = 0): Asked<T> {
  const key = variables && JSON.stringify(variables);
  return useAsked<T>(key === null ? null : `${version} ${query}\n${key}`, (signal) => graphql(query, JSON.parse(key as string) as object, signal));
}

/** A REST resource, likewise. */
export function useRest<T>(path: string | null, version = 0): Asked<T> {
  return useAsked<T>(path === null ? null : `${version} ${path}`, (signal) => rest(path as string, { signal }));
}

function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { readonly key?: string }>(NOTHING);
  useEffect(() => {
    if (key === null) {
      setAsked(NOTHING);
      return;
    }
    const controller = new AbortController();
    setAsked((before) => ({ ...before, error: null, isLoading: true }));
    ask(controller.signal).then(
      (data) => !controller.signal.aborted && setAsked({ key, data, error: null, isLoading: false }),
      (error: unknown) => !controller.signal.aborted && setAsked({ key, data: null, error: error instanceof Error ? error : new Error(String(error)), isLoading: false }),
    );
    return () => controller.abort();
    // The key is the whole question.
  }, [key]);
  return asked;
}
