/** A machine at a moment of a run, and what events changed: found by running the simulation again. */
import { ownerOfChange } from '@worldline/application';
import type { CountedPage, EntryState, Owner, RuleState, StateKey } from '@worldline/application';
import { formatDuration, parseDuration } from '@worldline/model';
import type { StateChange } from '@worldline/model';
import { connectionOf, pageRequest } from '../graphql/index.js';
import type { Connection, ConnectionArguments, GraphqlContext } from '../graphql/index.js';
import { answered } from '../replay/index.js';
import { machineNode } from '../topology/index.js';
import type { MachineNode } from '../topology/index.js';
import { ruleNode } from './rule.node.js';
import type { RuleNode } from './rule.node.js';
import { stateFilter } from './state-filter.js';
import type { StateFilterInput } from './state-filter.js';

type Field<A, T> = (args: A, context: GraphqlContext) => Promise<T>;
export type StateArguments = ConnectionArguments & { readonly filter?: StateFilterInput | null };

export interface MachineStateNode {
  readonly machine: MachineNode;
  readonly at: Field<unknown, string>;
  readonly dump: Field<{ readonly file: string }, string | null>;
  readonly rules: Field<StateArguments, Connection<RuleNode>>;
  readonly conntrack: Field<StateArguments, Connection<EntryNode>>;
  readonly sysctl: Field<{ readonly name: string }, string | null>;
}

export type EntryNode = Omit<EntryState, 'isReplied' | 'isAssured'> & { readonly replied: boolean; readonly assured: boolean };

export type StateChangeNode = Omit<StateChange, 'at'> & { readonly at: string; readonly by: Owner | null };

/** Null: there is no such machine, or it is a router of the fabric, whose state nobody writes. */
export async function machineStateNode(simulation: string, { name, at }: { readonly name: string; readonly at?: string | null }, context: GraphqlContext): Promise<MachineStateNode | null> {
  const placed = await context.topologies.load(simulation);
  if (!placed?.topology.machines.some((machine) => machine.name === name && machine.kind !== 'fabric')) return null;
  const key: StateKey = { simulation, machine: name, at: at == null ? null : parseDuration(at) };
  return {
    machine: machineNode(simulation, name),
    at: async (_, { replays }) => formatDuration(key.at ?? answered(await replays.moment(key))),
    dump: async ({ file }, { replays }) => answered(await replays.dump(key, file)),
    sysctl: async (args, { replays }) => answered(await replays.sysctl(key, args.name)),
    rules: async (args, { replays }) => connectionOfPage(answered(await replays.rules(key, stateFilter(args.filter), pageRequest(args))), (rule: RuleState) => ruleNode(rule)),
    conntrack: async (args, { replays }) => connectionOfPage(answered(await replays.conntrack(key, stateFilter(args.filter), pageRequest(args))), entryNode),
  };
}

export async function historyPage(simulation: string, args: StateArguments, { replays }: GraphqlContext): Promise<Connection<StateChangeNode>> {
  return connectionOfPage(answered(await replays.history(simulation, stateFilter(args.filter), pageRequest(args))), stateChangeNode);
}

function stateChangeNode(change: StateChange): StateChangeNode {
  return { ...change, at: formatDuration(change.at), by: ownerOfChange(change) };
}

function entryNode({ isReplied, isAssured, ...entry }: EntryState): EntryNode {
  return { ...entry, replied: isReplied, assured: isAssured };
}

function connectionOfPage<R, T>(page: CountedPage<R>, toNode: (item: R) => T): Connection<T> {
  return connectionOf(page, toNode, () => Promise.resolve(page.total));
}
