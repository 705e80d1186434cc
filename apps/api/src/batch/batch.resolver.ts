import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { told } from '../graphql/index.js';
import type { GraphqlContext, News } from '../graphql/index.js';
import { batchNode } from './batch.mapper.js';
import type { BatchNode } from './batch.mapper.js';

@Resolver('Batch')
export class BatchResolver {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Query('batch')
  async batch(@Args('id') id: string, @Context() { stores }: GraphqlContext): Promise<BatchNode | null> {
    const [record] = await stores.batches.get([id]);
    return record === undefined ? null : batchNode(record);
  }

  @Subscription('batch')
  watchBatch(@Args('id') id: string, @Context() context: GraphqlContext): Promise<News<BatchNode>> {
    const { feed, stores } = this.backend;
    return told({ field: 'batch', id, feed, context, toNode: batchNode, read: async (one) => (await stores.batches.get([one]))[0] ?? null });
  }
}
