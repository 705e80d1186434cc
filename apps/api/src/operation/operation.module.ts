import { Module } from '@nestjs/common';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

@Module({
  controllers: [HealthController, MetricsController],
  providers: [{ provide: Metrics, inject: [BACKEND], useFactory: ({ queue }: Backend) => new Metrics(queue) }],
})
export class OperationModule {}
