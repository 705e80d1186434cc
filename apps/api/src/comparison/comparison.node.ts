import type { ChangeFilter, ChangeRecord, ComparisonRecord, PathKey, PathRecord } from '@worldline/application';
import type { Step } from '@worldline/model';
import { connectionOf, InvalidArgument, pageRequest } from '../graphql/index.js';
import type { Connection, ConnectionArguments, GraphqlContext } from '../graphql/index.js';
import { simulationNode } from '../simulation/index.js';
import type { BucketNode, SimulationNode } from '../simulation/index.js';
import { machineNode } from '../topology/index.js';
import type { MachineNode } from '../topology/index.js';
import { pathOf, placeOf, stepNode } from '../trace/index.js';
import type { PathNode, StepNode } from '../trace/index.js';

type Field<A, T> = (args: A, context: GraphqlContext) => Promise<T>;
const EFFECTS = ['broken', 'fixed', 'moved', 'rerouted', 'appeared', 'disappeared'] as const;
type ChangesArguments = ConnectionArguments & { readonly filter?: { readonly flow?: string | null; readonly effect?: readonly string[] | null } | null };

export interface ComparisonNode {
  readonly __typename: 'Comparison';
  readonly id: string;
  readonly status: ComparisonRecord['status'];
  readonly baseline: Field<unknown, SimulationNode | null>;
  readonly candidate: Field<unknown, SimulationNode | null>;
  readonly summary: readonly BucketNode[];
  readonly changes: Field<ChangesArguments, Connection<ChangeNode>>;
}

export interface ChangeNode {
  readonly flow: string;
  readonly effect: string;
  readonly count: number;
  readonly baseline: Field<unknown, PathNode | null>;
  readonly candidate: Field<unknown, PathNode | null>;
  readonly divergence: DivergenceNode | null;
}

interface DivergenceNode {
  readonly what: string;
  readonly index: number;
  readonly machine: MachineNode;
  readonly baseline: Field<unknown, StepNode | null>;
  readonly candidate: Field<unknown, StepNode | null>;
}

export function comparisonNode({ id, status, baseline, candidate, summary }: ComparisonRecord): ComparisonNode {
  const simulation = (of: string) => async (_: unknown, context: GraphqlContext): Promise<SimulationNode | null> => {
    const record = await context.simulations.load(of);
    return record && simulationNode(record);
  };
  return {
    __typename: 'Comparison',
    id,
    status,
    baseline: simulation(baseline.simulation),
    candidate: simulation(candidate.simulation),
    summary: (['unchanged', ...EFFECTS] as const).flatMap((effect) => (summary === null || summary[effect] === 0 ? [] : [{ key: [{ dimension: 'effect', value: effect }], count: summary[effect] }])),
    changes: async (args, { stores }) => {
      const filter = changeFilter(args.filter);
      const page = await stores.comparisons.changes(id, filter, pageRequest(args));
      return connectionOf(page, changeNode, () => stores.comparisons.countChanges(id, filter));
    },
  };
}

function changeFilter(filter: ChangesArguments['filter']): ChangeFilter {
  const effect = filter?.effect?.map((word) => {
    const known = EFFECTS.find((one) => one === word);
    if (known === undefined) throw new InvalidArgument('filter.effect', `'${word}' is none of ${EFFECTS.join(', ')}`);
    return known;
  });
  return { ...(filter?.flow == null ? {} : { flow: filter.flow }), ...(effect === undefined ? {} : { effect }) };
}

function changeNode({ change, baseline, candidate }: ChangeRecord): ChangeNode {
  const { flow, effect, count, divergence } = change;
  const path = (key: PathKey | null) => async (_: unknown, context: GraphqlContext): Promise<PathNode | null> => (key === null ? null : pathOf(key, context));
  return {
    flow,
    effect,
    count,
    baseline: path(baseline),
    candidate: path(candidate),
    divergence: divergence && {
      what: divergence.what,
      index: divergence.index,
      machine: machineNode((baseline ?? candidate)?.simulation ?? '', divergence.machine),
      baseline: (_, context) => step(divergence.baseline, { ...divergence, key: baseline }, context),
      candidate: (_, context) => step(divergence.candidate, { ...divergence, key: candidate }, context),
    },
  };
}

/** A step of a path: of the first packet of its exchange that is called so. */
async function step(value: Step | null, { key, what, index }: { readonly key: PathKey | null; readonly what: string; readonly index: number }, context: GraphqlContext): Promise<StepNode | null> {
  if (value === null || key === null) return null;
  const path: PathRecord | null = await context.paths.load(key);
  if (path === null) return null;
  const entry = path.report.exchange.findIndex((one) => one.what === what && (one.trace.hops ?? []).flatMap(({ steps }) => steps)[index]?.text === value.text);
  return stepNode(value, placeOf(path, entry), index);
}
