/** The service over HTTP, as a program asks it. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { REPOSITORY } from './stack.js';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export class Client {
  constructor(private readonly url: string) {}

  async ask(method: string, path: string, options: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {}): Promise<Answer> {
    const { body, headers = {} } = options;
    const sent = body === undefined ? {} : body instanceof Uint8Array ? { body: body as Uint8Array<ArrayBuffer> } : { body: JSON.stringify(body) };
    const response = await fetch(this.url + path, { method, ...sent, headers: { ...(body === undefined || body instanceof Uint8Array ? {} : { 'content-type': 'application/json' }), ...headers } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: /json/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(text) as unknown) : text };
  }

  async text(path: string): Promise<string> {
    return (await fetch(this.url + path)).text();
  }

  /** Everything that the events of a simulation say until it is at its end. */
  async events(path: string): Promise<readonly { readonly status: string; readonly progress: { readonly done: number; readonly of: number } }[]> {
    const text = await this.text(path);
    return [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => JSON.parse(data) as { status: string; progress: { done: number; of: number } });
  }

  /** Everything that a subscription says until it is at its end. */
  async subscription<T>(query: string, variables: Readonly<Record<string, unknown>>): Promise<readonly T[]> {
    const client = createClient({ url: `${this.url.replace(/^http/, 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 });
    const told: T[] = [];
    try {
      for await (const { data, errors } of client.iterate({ query, variables })) {
        if (errors) throw new Error(JSON.stringify(errors));
        told.push(data as T);
      }
      return told;
    } finally {
      await client.dispose();
    }
  }

  async query<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { body } = await this.ask('POST', '/graphql', { body: { query, variables } });
    const { data, errors } = body as { data: T; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
}

/** The files of a scenario's bundle, as an inline topology has them. */
export function filesOf(scenario: string): Readonly<Record<string, string>> {
  const root = join(REPOSITORY, 'scenarios', scenario, 'snapshot');
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(names.map(({ parentPath, name }) => [join(parentPath, name).slice(root.length + 1), readFileSync(join(parentPath, name), 'utf8')]));
}

/** Until it holds; the time limit of the test is the limit. */
export async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
  }
}
