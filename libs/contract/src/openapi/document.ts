/** The OpenAPI 3.1 document, made of the same schemas that requests are checked by. */
import { z } from 'zod';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, problemSchema } from '../problem/index.js';
import type { ProblemKind } from '../problem/index.js';
import { ROUTES } from '../rest/index.js';
import type { Route, RouteAnswer } from '../rest/index.js';

type JsonObject = { [key: string]: unknown };

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Record<string, Record<string, JsonObject>>;
  readonly components: { readonly schemas: JsonObject };
}

export function openApiDocument(version: string): OpenApiDocument {
  const schemas: JsonObject = {};
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of ROUTES as readonly Route[]) (paths[route.path] ??= {})[route.method] = operationOf(route, schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'Worldline', version, description: 'How packets cross a Kubernetes cluster, rule by rule. GraphQL for traces and paths stands at `/graphql`.' },
    paths,
    components: { schemas },
  };
}

function operationOf(route: Route, schemas: JsonObject): JsonObject {
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    parameters: parametersOf(route, schemas),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: requestContent(route, schemas) } }),
    responses: responsesOf(route, schemas),
  };
}

function parametersOf({ path, query, headers = {} }: Route, schemas: JsonObject): JsonObject[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const { properties = {} } = query === undefined ? {} : (jsonSchema(query, 'input', schemas) as { properties?: Record<string, JsonObject> });
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({ name, in: 'query', required: false, ...(description === undefined ? {} : { description }), schema }));
  const inHeader = Object.entries(headers).map(([name, description]) => ({ name, in: 'header', required: false, description, schema: { type: 'string' } }));
  return [...inPath, ...inQuery, ...inHeader];
}

function requestContent({ body, bodyMediaTypes = [] }: Route, schemas: JsonObject): JsonObject {
  const binary = bodyMediaTypes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]);
  return { 'application/json': { schema: jsonSchema(body as z.ZodType, 'input', schemas) }, ...Object.fromEntries(binary) };
}

function responsesOf({ answers, problems }: Route, schemas: JsonObject): JsonObject {
  const responses: JsonObject = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = responseOf(answer, schemas);
  const byStatus = new Map<number, string[]>();
  for (const kind of problems as readonly ProblemKind[]) byStatus.set(PROBLEMS[kind].status, [...(byStatus.get(PROBLEMS[kind].status) ?? []), PROBLEMS[kind].title]);
  for (const [status, titles] of byStatus) {
    responses[status] = { description: titles.join('; '), content: { [PROBLEM_MEDIA_TYPE]: { schema: jsonSchema(problemSchema, 'output', schemas) } } };
  }
  return responses;
}

function responseOf({ description, schema, mediaTypes, headers }: RouteAnswer, schemas: JsonObject): JsonObject {
  const types = mediaTypes ?? (schema === undefined ? [] : ['application/json']);
  const content = types.map((type) => [type, type === 'application/json' && schema ? { schema: jsonSchema(schema, 'output', schemas) } : { schema: { type: 'string' } }]);
  const told = Object.entries(headers ?? {}).map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]);
  return { description, ...(told.length > 0 ? { headers: Object.fromEntries(told) } : {}), ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}) };
}

/** A schema's JSON Schema; parts with an id of their own stand under components. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: JsonObject): JsonObject {
  const { $schema: _, $defs = {}, ...root } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' }) as JsonObject & { $defs?: JsonObject };
  for (const [id, part] of Object.entries($defs)) schemas[id] = placed(part);
  return placed(root) as JsonObject;
}

/** The same with references into components. */
function placed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(placed);
  if (part === null || typeof part !== 'object') return part;
  const entries = Object.entries(part).filter(([key, value]) => !(key === 'id' && typeof value === 'string'));
  return Object.fromEntries(entries.map(([key, value]) => [key, key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', '#/components/schemas/') : placed(value)]));
}
