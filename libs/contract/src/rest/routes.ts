/** Every REST operation: what it takes and what it answers. Controllers check by these schemas, and the OpenAPI document is made of them. */
import { z } from 'zod';
import type { ProblemKind } from '../problem/index.js';
import { batchDocumentSchema, batchSchema, createBatchSchema } from './batch.js';
import { comparisonSchema, createComparisonSchema } from './comparison.js';
import { healthSchema } from './health.js';
import { cancelQuerySchema, createSimulationSchema, simulationListQuerySchema, simulationPageSchema, simulationSchema } from './simulation.js';
import { snapshotSchema, topologySchema } from './snapshot.js';

export interface RouteAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default: `application/json` where there is a schema. */
  readonly mediaTypes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly operation: string;
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/simulations/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** Bodies that are no JSON. */
  readonly bodyMediaTypes?: readonly string[];
  readonly query?: z.ZodObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  readonly problems: readonly ProblemKind[];
}

export const ARCHIVE_MEDIA_TYPES = ['application/gzip', 'application/x-gzip', 'application/x-tar', 'application/zip', 'application/octet-stream'] as const;
export const BATCH_MEDIA_TYPES = ['application/json', 'application/xml', 'application/sarif+json', 'text/markdown'] as const;

const ID = ['not-found'] as const satisfies readonly ProblemKind[];
const REPLAYED = ['not-found', 'not-finished', 'no-report', 'other-engine', 'unavailable'] as const satisfies readonly ProblemKind[];
const BODY = ['malformed-request', 'invalid-body', 'too-large', 'unsupported-media-type', 'unavailable'] as const satisfies readonly ProblemKind[];
const SUBMIT = [...BODY, 'request-in-flight', 'idempotency-mismatch'] as const satisfies readonly ProblemKind[];
const SUBMIT_HEADERS = { 'Idempotency-Key': 'The same key with the same body is the same request', Prefer: 'wait=30 answers when it is done, or after 30 seconds' };
const LOCATION = { Location: 'Where the new resource stands' };

export const ROUTES = [
  {
    operation: 'createSnapshot',
    method: 'post',
    path: '/snapshots',
    tag: 'snapshots',
    summary: 'Store a bundle; the same content twice is the same snapshot',
    body: topologySchema,
    bodyMediaTypes: ARCHIVE_MEDIA_TYPES,
    answers: { 201: { description: 'Stored', schema: snapshotSchema, headers: LOCATION } },
    problems: [...BODY, 'invalid-snapshot'],
  },
  {
    operation: 'getSnapshot',
    method: 'get',
    path: '/snapshots/{digest}',
    tag: 'snapshots',
    summary: 'A stored snapshot; by Accept what is known of it, or the bundle itself as .tar.gz',
    answers: { 200: { description: 'The snapshot', schema: snapshotSchema, mediaTypes: ['application/json', 'application/gzip'] } },
    problems: ['not-found', 'not-acceptable'],
  },
  {
    operation: 'createSimulation',
    method: 'post',
    path: '/simulations',
    tag: 'simulations',
    summary: 'Simulate a scenario on a snapshot',
    body: createSimulationSchema,
    headers: SUBMIT_HEADERS,
    answers: { 202: { description: 'Taken', schema: simulationSchema, headers: LOCATION } },
    problems: [...SUBMIT, 'not-found', 'invalid-snapshot', 'invalid-scenario'],
  },
  {
    operation: 'listSimulations',
    method: 'get',
    path: '/simulations',
    tag: 'simulations',
    summary: 'Simulations, newest first',
    query: simulationListQuerySchema,
    answers: { 200: { description: 'A page', schema: simulationPageSchema, headers: { Link: 'rel=next: the page after this one' } } },
    problems: ['invalid-query'],
  },
  {
    operation: 'getSimulation',
    method: 'get',
    path: '/simulations/{id}',
    tag: 'simulations',
    summary: 'A simulation and how far it has come',
    headers: { Prefer: SUBMIT_HEADERS.Prefer },
    answers: { 200: { description: 'The simulation', schema: simulationSchema } },
    problems: ID,
  },
  {
    operation: 'watchSimulation',
    method: 'get',
    path: '/simulations/{id}/events',
    tag: 'simulations',
    summary: 'Progress as server-sent events; the stream ends with the simulation',
    answers: { 200: { description: 'Events `progress`, then one of `succeeded`, `failed`, `canceled`', mediaTypes: ['text/event-stream'] } },
    problems: ID,
  },
  {
    operation: 'getReport',
    method: 'get',
    path: '/simulations/{id}/report',
    tag: 'simulations',
    summary: 'The Report, byte for byte as `worldline run --json` prints it',
    answers: { 200: { description: 'The Report', mediaTypes: ['application/json'], headers: { ETag: 'Its digest' } } },
    problems: ['not-found', 'not-finished', 'no-report'],
  },
  {
    operation: 'getFinalState',
    method: 'get',
    path: '/simulations/{id}/after',
    tag: 'simulations',
    summary: 'The state that the run leaves, as a bundle: what `worldline run --after` writes, as .tar.gz. It is run again for it',
    answers: { 200: { description: 'The bundle', mediaTypes: ['application/gzip'] } },
    problems: REPLAYED,
  },
  {
    operation: 'getCaptures',
    method: 'get',
    path: '/simulations/{id}/pcap',
    tag: 'simulations',
    summary: 'What each interface saw: the files that `worldline run --pcap` writes, as .tar.gz. It is run again for them',
    answers: { 200: { description: 'The files', mediaTypes: ['application/gzip'] } },
    problems: REPLAYED,
  },
  {
    operation: 'cancelSimulation',
    method: 'delete',
    path: '/simulations/{id}',
    tag: 'simulations',
    summary: 'Cancel; what has ended stays as it ended. With purge=true it is erased',
    query: cancelQuerySchema,
    answers: { 202: { description: 'Canceled, or ended before' } },
    problems: ['not-found', 'invalid-query'],
  },
  {
    operation: 'createComparison',
    method: 'post',
    path: '/comparisons',
    tag: 'comparisons',
    summary: 'Compare two simulations: what changed, and where ways first part',
    body: createComparisonSchema,
    headers: SUBMIT_HEADERS,
    answers: { 202: { description: 'Taken', schema: comparisonSchema, headers: LOCATION } },
    problems: [...SUBMIT, 'not-found', 'invalid-snapshot', 'invalid-scenario'],
  },
  {
    operation: 'getComparison',
    method: 'get',
    path: '/comparisons/{id}',
    tag: 'comparisons',
    summary: 'A comparison',
    headers: { Prefer: SUBMIT_HEADERS.Prefer },
    answers: { 200: { description: 'The comparison', schema: comparisonSchema } },
    problems: ID,
  },
  {
    operation: 'createBatch',
    method: 'post',
    path: '/batches',
    tag: 'batches',
    summary: 'What if: one base, many variants, and what is expected of each',
    body: z.union([createBatchSchema, batchDocumentSchema]),
    headers: SUBMIT_HEADERS,
    answers: { 202: { description: 'Taken', schema: batchSchema, headers: LOCATION } },
    problems: [...SUBMIT, 'not-found', 'invalid-batch', 'invalid-scenario', 'invalid-snapshot'],
  },
  {
    operation: 'getBatch',
    method: 'get',
    path: '/batches/{id}',
    tag: 'batches',
    summary: 'A batch; by Accept as JSON, JUnit XML, SARIF or Markdown',
    headers: { Prefer: SUBMIT_HEADERS.Prefer },
    answers: { 200: { description: 'The batch', schema: batchSchema, mediaTypes: BATCH_MEDIA_TYPES } },
    problems: ['not-found', 'not-acceptable', 'not-finished'],
  },
  {
    operation: 'isAlive',
    method: 'get',
    path: '/health/live',
    tag: 'operation',
    summary: 'Whether this process runs',
    answers: { 200: { description: 'It does', schema: healthSchema } },
    problems: [],
  },
  {
    operation: 'isReady',
    method: 'get',
    path: '/health/ready',
    tag: 'operation',
    summary: 'Whether store and queue can be reached',
    answers: { 200: { description: 'They can', schema: healthSchema }, 503: { description: 'They cannot', schema: healthSchema } },
    problems: [],
  },
  {
    operation: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    summary: 'Metrics as Prometheus reads them',
    answers: { 200: { description: 'Metrics', mediaTypes: ['text/plain'] } },
    problems: [],
  },
] as const satisfies readonly Route[];
