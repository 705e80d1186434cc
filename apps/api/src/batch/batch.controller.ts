import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { isFinal, submitBatch } from '@worldline/application';
import type { BatchOrder, BatchRecord, BatchResult } from '@worldline/application';
import { batchDocumentSchema, createBatchSchema } from '@worldline/contract';
import type { BatchAnswer } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { accepted, mediaTypeOf, notFound, parseBody, ProblemException, RequestsInFlight, sourceOf, waitForEnd, waitOf } from '../http/index.js';
import { batchAnswer } from './batch.mapper.js';

/** Forms of a batch's result besides JSON. */
const DOCUMENTS: Readonly<Record<string, keyof BatchResult['documents']>> = {
  'application/xml': 'junit',
  'text/xml': 'junit',
  'application/junit+xml': 'junit',
  'application/sarif+json': 'sarif',
  'text/markdown': 'markdown',
};

@Controller('batches')
export class BatchController {
  private readonly inFlight: RequestsInFlight;

  constructor(@Inject(BACKEND) private readonly backend: Backend) {
    this.inFlight = new RequestsInFlight(backend.hash);
  }

  @Post()
  @HttpCode(202)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<BatchAnswer> {
    const order = orderOf(request.body);
    const record = await this.inFlight.run('batch', request, async (idempotency) => accepted(await submitBatch(order, idempotency, this.backend)).record);
    void reply.header('location', `/batches/${record.id}`);
    return batchAnswer(await this.waited(record, request, reply));
  }

  /** By `Accept` as JSON, JUnit, SARIF or Markdown. */
  @Get(':id')
  async get(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const type = mediaTypeOf(request, ['application/json', ...Object.keys(DOCUMENTS)]);
    const found = await this.read(id);
    if (found === null) throw notFound('batch', id);
    const record = await this.waited(found, request, reply);
    const form = DOCUMENTS[type];
    void reply.header('vary', 'accept');
    if (form === undefined) return void reply.send(batchAnswer(record));
    if (!isFinal(record.status)) throw new ProblemException('not-finished', { detail: `batch ${id} is ${record.status}`, retryAfter: 1 });
    if (record.result === null) throw new ProblemException('no-report', { detail: `batch ${id} failed` });
    void reply.type(`${type}; charset=utf-8`).send(record.result.documents[form]);
  }

  private async waited(record: BatchRecord, request: FastifyRequest, reply: FastifyReply): Promise<BatchRecord> {
    const seconds = waitOf(request, reply);
    if (seconds === 0 || isFinal(record.status)) return record;
    return (await waitForEnd({ id: record.id, feed: this.backend.feed, read: (id) => this.read(id) }, seconds)) ?? record;
  }

  private async read(id: string): Promise<BatchRecord | null> {
    return (await this.backend.stores.batches.get([id]))[0] ?? null;
  }
}

/** The spec of a batch file, or the whole of it. */
function orderOf(body: unknown): BatchOrder {
  const isWhole = typeof body === 'object' && body !== null && 'spec' in body;
  const batch = isWhole ? parseBody(batchDocumentSchema, body) : parseBody(createBatchSchema, body);
  const { simulation, scenario, ...source } = 'spec' in batch ? batch.spec.base : batch.base;
  return { batch: batch as Json, base: simulation === undefined ? { of: sourceOf(source), scenario: scenario as Json } : { simulation } };
}
