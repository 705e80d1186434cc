/** A record each time that there is news of it, as a subscription tells it. */
import { notFound, watch } from '../http/index.js';
import type { Watched, WatchOptions } from '../http/index.js';
import { createContext } from './context.js';
import type { GraphqlContext } from './context.js';

export interface ToldOptions<T extends Watched, N> extends Omit<WatchOptions<T>, 'signal'> {
  /** Name of the subscription's field, which is also the word for what is watched. */
  readonly field: 'simulation' | 'batch';
  readonly toNode: (record: T) => N;
  readonly context: GraphqlContext;
}

/** Values under the name of the subscription's field, as GraphQL takes them. */
export type News<N> = AsyncIterableIterator<Readonly<Record<string, N>>, void, undefined>;

/** The record now, after every change, and at its end for the last time. */
export async function told<T extends Watched, N>(options: ToldOptions<T, N>): Promise<News<N>> {
  const { field, id, read } = options;
  if ((await read(id)) === null) throw notFound(field, id);
  const gone = new AbortController();
  const news = newsOf({ ...options, signal: gone.signal });
  const told: News<N> = {
    next: () => news.next(),
    return: () => {
      // A generator that waits would hear of it only at the end of its wait.
      gone.abort();
      return news.return();
    },
    [Symbol.asyncIterator]: () => told,
  };
  return told;
}

async function* newsOf<T extends Watched, N>({ field, toNode, context, ...options }: ToldOptions<T, N> & Pick<WatchOptions<T>, 'signal'>): AsyncGenerator<Readonly<Record<string, N>>, void, undefined> {
  for await (const record of watch(options)) {
    if (record === null) continue;
    // What was loaded for the last piece of news is old by now.
    Object.assign(context, createContext(context));
    yield { [field]: toNode(record) };
  }
}
