import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Metrics } from './metrics.js';

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get()
  async get(@Res() reply: FastifyReply): Promise<void> {
    const { registry } = this.metrics;
    void reply.type(registry.contentType).send(await registry.metrics());
  }
}
