import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, DEFAULT_API_OPTIONS } from '../create-app.js';
import type { ApiOptions } from '../backend.js';
import { memoryService } from './memory-backend.js';
import type { TestService } from './memory-backend.js';
import { caseFiles, caseScenario } from './stored-cases.js';

export interface RunningApp {
  readonly app: NestFastifyApplication;
  readonly service: TestService;
  inject(method: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH' | 'OPTIONS', url: string, options?: { readonly body?: unknown; readonly headers?: Record<string, string> }): Promise<Answer>;
  /** Posts a case of scenarios/ and waits for its end; gives its id. */
  simulate(name: string, changes?: Record<string, unknown>): Promise<string>;
  query(query: string, variables?: Record<string, unknown>): Promise<{ readonly status: number; readonly data: unknown; readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[] }>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly bytes: Buffer;
  // What a JSON body holds is each spec's own business.
  json(): Record<string, never>;
}

export async function runApp(options: Partial<ApiOptions> & { readonly isIdle?: boolean; readonly service?: TestService } = {}): Promise<RunningApp> {
  const { isIdle = false, service = memoryService(), ...changes } = options;
  const app = await createApp(service, { ...DEFAULT_API_OPTIONS, ...changes });
  const consumer = isIdle ? null : await service.work();
  const inject: RunningApp['inject'] = async (method, url, { body, headers = {} } = {}) => {
    const isRaw = body instanceof Buffer || typeof body === 'string';
    const response = await app.inject({ method, url, ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }), headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers } });
    return { status: response.statusCode, headers: response.headers, text: response.body, bytes: response.rawPayload, json: () => response.json() };
  };
  return {
    app,
    service,
    inject,
    simulate: async (name, more = {}) => {
      const body = { topology: { files: caseFiles(name) }, scenario: caseScenario(name), ...more };
      const answer = await inject('POST', '/simulations', { body, headers: { prefer: 'wait=30' } });
      const { id, status } = answer.json() as unknown as { id: string; status: string };
      if (status !== 'succeeded') throw new Error(`${name} ${status}: ${answer.text}`);
      return id;
    },
    query: async (query, variables = {}) => {
      const answer = await inject('POST', '/graphql', { body: { query, variables } });
      return { status: answer.status, ...(answer.json() as unknown as { data: unknown }) };
    },
    close: async () => {
      await consumer?.close();
      await app.close();
    },
  };
}
