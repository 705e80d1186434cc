import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Backend, Log } from '@worldline/platform';
import { BatchProcessor, ComparisonProcessor } from './plain.processor.js';
import { Performer } from './performer.js';
import { SimulationProcessor } from './simulation.processor.js';
import { Worker } from './worker.js';
import type { WorkerOptions } from './worker.js';

/** One processor per kind of job. */
@Module({})
export class WorkerModule {
  static on(backend: Backend, options: WorkerOptions, log: Log): DynamicModule {
    return {
      module: WorkerModule,
      providers: [
        { provide: Performer, useFactory: () => new Performer(backend) },
        { provide: SimulationProcessor, inject: [Performer], useFactory: (performer: Performer) => new SimulationProcessor(performer, backend) },
        { provide: ComparisonProcessor, inject: [Performer], useFactory: (performer: Performer) => new ComparisonProcessor(performer) },
        { provide: BatchProcessor, inject: [Performer], useFactory: (performer: Performer) => new BatchProcessor(performer, backend) },
        {
          provide: Worker,
          inject: [SimulationProcessor, ComparisonProcessor, BatchProcessor],
          useFactory: (...processors: [SimulationProcessor, ComparisonProcessor, BatchProcessor]) => new Worker(backend, processors, options, log),
        },
      ],
    };
  }
}
