/** Anything that has an id, by it. */
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { assertNever } from '@worldline/model';
import { batchNode } from '../batch/index.js';
import { comparisonNode } from '../comparison/index.js';
import { readNodeId } from '../graphql/index.js';
import type { GraphqlContext } from '../graphql/index.js';
import { simulationNode } from '../simulation/index.js';
import { snapshotNode } from '../snapshot/index.js';
import { flowNode, packetNode, pathNode } from '../trace/index.js';

type NodeKey = ReturnType<typeof readNodeId>[number];

@Resolver('Node')
export class NodeResolver {
  @Query('node')
  async node(@Args('id') id: string, @Context() context: GraphqlContext): Promise<object | null> {
    for (const key of readNodeId(id)) {
      const found = await find(key, context);
      if (found !== null) return found;
    }
    return null;
  }
}

async function find(key: NodeKey, context: GraphqlContext): Promise<object | null> {
  switch (key.kind) {
    case 'simulation':
      return mapped(await context.simulations.load(key.id), simulationNode);
    case 'comparison':
      return mapped(await context.comparisons.load(key.id), comparisonNode);
    case 'batch':
      return mapped((await context.stores.batches.get([key.id]))[0] ?? null, batchNode);
    case 'snapshot':
      return mapped(await context.snapshots.load(key.id), snapshotNode);
    case 'flow':
      return mapped(await context.flows.load(key.key), flowNode);
    case 'path':
      return mapped(await context.paths.load(key.key), pathNode);
    case 'packet':
      return mapped(await context.packets.load(key.key), packetNode);
    case 'trace': {
      const packet = await context.packets.load(key.key);
      if (packet === null) return null;
      return (await packetNode(packet).exchange({}, context))[key.entry] ?? null;
    }
    default:
      return assertNever(key);
  }
}

function mapped<R>(record: R | null, toNode: (record: R) => object): object | null {
  return record === null ? null : toNode(record);
}
