import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/index.js';
import { batchNode } from './batch.mapper.js';
import type { BatchNode } from './batch.mapper.js';

@Resolver('Batch')
export class BatchResolver {
  @Query('batch')
  async batch(@Args('id') id: string, @Context() { stores }: GraphqlContext): Promise<BatchNode | null> {
    const [record] = await stores.batches.get([id]);
    return record === undefined ? null : batchNode(record);
  }
}
