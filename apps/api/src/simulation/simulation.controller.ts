import { Readable } from 'node:stream';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { cancelSimulation, isFinal, purgeSimulation, submitSimulation } from '@worldline/application';
import type { SimulationOrder, SimulationRecord } from '@worldline/application';
import { cancelQuerySchema, createSimulationSchema, simulationListQuerySchema } from '@worldline/contract';
import type { CreateSimulationBody, SimulationAnswer } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { accepted, notFound, parseBody, parseQuery, ProblemException, RequestsInFlight, sourceOf, waitForEnd, waitOf, watch } from '../http/index.js';
import { simulationAnswer, simulationEvent } from './simulation.mapper.js';

@Controller('simulations')
export class SimulationController {
  private readonly inFlight: RequestsInFlight;

  constructor(@Inject(BACKEND) private readonly backend: Backend) {
    this.inFlight = new RequestsInFlight(backend.hash);
  }

  @Post()
  @HttpCode(202)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SimulationAnswer> {
    const body = parseBody(createSimulationSchema, request.body);
    const record = await this.inFlight.run('simulation', request, async (idempotency) => accepted(await submitSimulation(orderOf(body), idempotency, this.backend)).record);
    void reply.header('location', `/simulations/${record.id}`);
    return simulationAnswer(await this.waited(record, request, reply));
  }

  @Get()
  async list(@Query() query: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<{ items: SimulationAnswer[]; nextCursor: string | null }> {
    const { limit, cursor, status } = parseQuery(simulationListQuerySchema, query);
    const page = await this.backend.stores.simulations.list(status === undefined ? {} : { status: [status] }, { limit, cursor: cursor ?? null });
    const nextCursor = page.hasNext ? (page.items.at(-1)?.cursor ?? null) : null;
    if (nextCursor !== null) {
      const parameters = new URLSearchParams({ ...(request.query as Record<string, string>), cursor: nextCursor });
      void reply.header('link', `</simulations?${parameters.toString()}>; rel="next"`);
    }
    return { items: page.items.map(({ item }) => simulationAnswer(item)), nextCursor };
  }

  @Get(':id')
  async get(@Param('id') id: string, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SimulationAnswer> {
    return simulationAnswer(await this.waited(await this.find(id), request, reply));
  }

  /** Server-sent events: `progress` after every step, then one that is named like the end. A comment now and then says that the line is alive. */
  @Get(':id/events')
  async events(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    await this.find(id);
    const gone = new AbortController();
    const stream = Readable.from(eventText(watch({ id, feed: this.backend.feed, read: (one) => this.read(one), signal: gone.signal })));
    reply.raw.on('close', () => gone.abort());
    // Proxies that gather a whole answer before they pass it on would make progress a surprise at the end.
    void reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').type('text/event-stream; charset=utf-8').send(stream);
  }

  /** The bytes that `worldline run --json` prints. */
  @Get(':id/report')
  async report(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const record = await this.find(id);
    if (!isFinal(record.status)) throw new ProblemException('not-finished', { detail: `simulation ${id} is ${record.status}`, retryAfter: 1 });
    const etag = `"${record.reportDigest ?? ''}"`;
    if (record.reportDigest !== null && request.headers['if-none-match'] === etag) return void reply.status(304).header('etag', etag).send();
    const bytes = await this.backend.stores.simulations.report(id);
    if (bytes === null) throw new ProblemException('no-report', { detail: `simulation ${id} ${record.status === 'canceled' ? 'was canceled' : 'failed'}` });
    void reply.header('etag', etag).type('application/json; charset=utf-8').send(Buffer.from(bytes));
  }

  @Delete(':id')
  @HttpCode(202)
  async cancel(@Param('id') id: string, @Query() query: unknown): Promise<SimulationAnswer | undefined> {
    const { purge } = parseQuery(cancelQuerySchema, query);
    if (purge) {
      // Erasing what was erased already is no mistake: it is gone, as asked.
      await purgeSimulation(id, this.backend);
      return undefined;
    }
    const record = await cancelSimulation(id, this.backend);
    if (record === null) throw notFound('simulation', id);
    return simulationAnswer(record);
  }

  private async waited(record: SimulationRecord, request: FastifyRequest, reply: FastifyReply): Promise<SimulationRecord> {
    const seconds = waitOf(request, reply);
    if (seconds === 0 || isFinal(record.status)) return record;
    return (await waitForEnd({ id: record.id, feed: this.backend.feed, read: (id) => this.read(id) }, seconds)) ?? record;
  }

  private async read(id: string): Promise<SimulationRecord | null> {
    return (await this.backend.stores.simulations.get([id]))[0] ?? null;
  }

  private async find(id: string): Promise<SimulationRecord> {
    const record = await this.read(id);
    if (record === null) throw notFound('simulation', id);
    return record;
  }
}

function orderOf({ scenario, seed, mode, ...source }: CreateSimulationBody): SimulationOrder {
  return { of: sourceOf(source), scenario: scenario as Json, mode, ...(seed === undefined ? {} : { seed }) };
}

async function* eventText(records: AsyncIterable<SimulationRecord | null>): AsyncGenerator<string, void, undefined> {
  let number = 0;
  for await (const record of records) {
    if (record === null) yield ': still here\n\n';
    else yield `id: ${number++}\nevent: ${isFinal(record.status) ? record.status : 'progress'}\ndata: ${JSON.stringify(simulationEvent(record))}\n\n`;
  }
}
