/** REST and GraphQL over fetch. */
import { RequestProblem, problemOf } from './problem.js';

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal;
}

/** Asks a REST resource; anything but success is a RequestProblem. */
export async function rest<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(path, options);
  const body = await bodyOf(answer);
  if (!answer.ok) throw problemOf(answer.status, body);
  return body as T;
}

export async function postJson<T>(path: string, value: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  return rest(path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) });
}

/** Asks GraphQL; the first error is thrown even where there is data beside it. */
export async function graphql<T>(query: string, variables: object, signal?: AbortSignal): Promise<T> {
  const body = JSON.stringify({ query, variables });
  const answer = await send('/graphql', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, ...(signal ? { signal } : {}) });
  const { data, errors } = ((await bodyOf(answer)) ?? {}) as { data?: T | null; errors?: readonly { readonly message: string }[] };
  const [first] = errors ?? [];
  if (first || !data) throw new RequestProblem(answer.status, first?.message ?? `The service answered ${answer.status}`);
  return data;
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new RequestProblem(0, 'The service does not answer');
  }
}

async function bodyOf(answer: Response): Promise<unknown> {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
