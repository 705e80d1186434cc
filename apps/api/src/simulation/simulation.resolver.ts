import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { SimulationFilter, Status } from '@worldline/application';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { connectionOf, pageRequest, told } from '../graphql/index.js';
import type { Connection, ConnectionArguments, GraphqlContext, News } from '../graphql/index.js';
import { simulationNode } from './simulation.node.js';
import type { SimulationNode } from './simulation.node.js';

interface ListArguments extends ConnectionArguments {
  readonly filter?: { readonly status?: readonly Status[] | null; readonly name?: string | null; readonly snapshot?: string | null } | null;
}

@Resolver('Simulation')
export class SimulationResolver {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Query('simulation')
  async simulation(@Args('id') id: string, @Context() context: GraphqlContext): Promise<SimulationNode | null> {
    const record = await context.simulations.load(id);
    return record && simulationNode(record);
  }

  @Subscription('simulation')
  watchSimulation(@Args('id') id: string, @Context() context: GraphqlContext): Promise<News<SimulationNode>> {
    const { feed, stores } = this.backend;
    return told({ field: 'simulation', id, feed, context, toNode: simulationNode, read: async (one) => (await stores.simulations.get([one]))[0] ?? null });
  }

  /** Newest first. */
  @Query('simulations')
  async simulations(@Args() args: ListArguments, @Context() context: GraphqlContext): Promise<Connection<SimulationNode>> {
    const filter = listFilter(args.filter);
    const { simulations } = context.stores;
    const page = await simulations.list(filter, pageRequest(args));
    for (const { item } of page.items) context.simulations.prime(item);
    return connectionOf(page, simulationNode, () => simulations.count(filter));
  }
}

function listFilter(filter: ListArguments['filter']): SimulationFilter {
  const { status, name, snapshot } = filter ?? {};
  return { ...(status == null ? {} : { status }), ...(name == null ? {} : { name }), ...(snapshot == null ? {} : { snapshotDigest: snapshot }) };
}
