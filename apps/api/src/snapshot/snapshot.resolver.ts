import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/index.js';
import { snapshotNode } from './snapshot.mapper.js';
import type { SnapshotNode } from './snapshot.mapper.js';

@Resolver('Snapshot')
export class SnapshotResolver {
  @Query('snapshot')
  async snapshot(@Args('digest') digest: string, @Context() context: GraphqlContext): Promise<SnapshotNode | null> {
    const record = await context.snapshots.load(digest);
    return record && snapshotNode(record);
  }
}
