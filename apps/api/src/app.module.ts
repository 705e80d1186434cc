import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { API_OPTIONS, BACKEND } from './backend.js';
import type { ApiOptions, Backend } from './backend.js';
import { BatchModule } from './batch/index.js';
import { ComparisonModule } from './comparison/index.js';
import { graphqlModule } from './graphql/graphql.module.js';
import { NodeModule } from './node/index.js';
import { OperationModule } from './operation/index.js';
import { ReplayModule } from './replay/index.js';
import { SimulationModule } from './simulation/index.js';
import { SnapshotModule } from './snapshot/index.js';

/** A module per resource, on one backend. */
@Module({})
export class AppModule {
  static on(backend: Backend, options: ApiOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [BackendModule.of(backend, options), SnapshotModule, SimulationModule, ReplayModule, ComparisonModule, BatchModule, NodeModule, OperationModule, graphqlModule()],
    };
  }
}

@Module({})
class BackendModule {
  static of(backend: Backend, options: ApiOptions): DynamicModule {
    const providers = [
      { provide: BACKEND, useValue: backend },
      { provide: API_OPTIONS, useValue: options },
    ];
    return { module: BackendModule, global: true, providers, exports: providers };
  }
}
