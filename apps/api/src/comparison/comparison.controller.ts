import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { isFinal, submitComparison } from '@worldline/application';
import type { ChangeRecord, ComparisonRecord, SideOrder } from '@worldline/application';
import { createComparisonSchema } from '@worldline/contract';
import type { ComparisonAnswer, CreateComparisonBody } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { accepted, notFound, parseBody, RequestsInFlight, sourceOf, waitForEnd, waitOf } from '../http/index.js';
import { comparisonAnswer } from './comparison.mapper.js';

/** Changes that an answer lists; GraphQL pages through all of them. */
const CHANGES_LIMIT = 500;

@Controller('comparisons')
export class ComparisonController {
  private readonly inFlight: RequestsInFlight;

  constructor(@Inject(BACKEND) private readonly backend: Backend) {
    this.inFlight = new RequestsInFlight(backend.hash);
  }

  @Post()
  @HttpCode(202)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ComparisonAnswer> {
    const { baseline, candidate } = parseBody(createComparisonSchema, request.body);
    const order = { baseline: sideOf(baseline), candidate: sideOf(candidate) };
    const record = await this.inFlight.run('comparison', request, async (idempotency) => accepted(await submitComparison(order, idempotency, this.backend)).record);
    void reply.header('location', `/comparisons/${record.id}`);
    return this.answer(record, request, reply);
  }

  @Get(':id')
  async get(@Param('id') id: string, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ComparisonAnswer> {
    const record = await this.read(id);
    if (record === null) throw notFound('comparison', id);
    return this.answer(record, request, reply);
  }

  private async answer(given: ComparisonRecord, request: FastifyRequest, reply: FastifyReply): Promise<ComparisonAnswer> {
    const seconds = waitOf(request, reply);
    const record = seconds === 0 || isFinal(given.status) ? given : ((await waitForEnd({ id: given.id, feed: this.backend.feed, read: (id) => this.read(id) }, seconds)) ?? given);
    return comparisonAnswer(record, record.status === 'succeeded' ? await this.changes(record.id) : null);
  }

  private async changes(id: string): Promise<readonly ChangeRecord[]> {
    const page = await this.backend.stores.comparisons.changes(id, {}, { limit: CHANGES_LIMIT, cursor: null });
    return page.items.map(({ item }) => item);
  }

  private async read(id: string): Promise<ComparisonRecord | null> {
    return (await this.backend.stores.comparisons.get([id]))[0] ?? null;
  }
}

function sideOf({ simulation, flow, scenario, seed, mode, ...source }: CreateComparisonBody['baseline']): SideOrder {
  if (simulation !== undefined) return { simulation, flow: flow ?? null };
  return { of: sourceOf(source), scenario: scenario as Json, flow: flow ?? null, ...(seed === undefined ? {} : { seed }), ...(mode === undefined ? {} : { mode }) };
}
