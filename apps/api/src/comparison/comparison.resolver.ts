import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphqlContext } from '../graphql/index.js';
import { comparisonNode } from './comparison.node.js';
import type { ComparisonNode } from './comparison.node.js';

@Resolver('Comparison')
export class ComparisonResolver {
  @Query('comparison')
  async comparison(@Args('id') id: string, @Context() context: GraphqlContext): Promise<ComparisonNode | null> {
    const record = await context.comparisons.load(id);
    return record && comparisonNode(record);
  }
}
