/** Flows, packets, traces and paths as GraphQL has them: values of the Report, and what they refer to looked up by loaders. */
import type { FlowRecord, PacketRecord, PageRequest, PathRecord, TraceRecord } from '@worldline/application';
import { DISPOSITIONS } from '@worldline/model';
import type { FlowTotals, PacketReport, SocketView, WireHop } from '@worldline/model';
import { connectionOf, flowId, packetId, pageRequest, pathId, traceFilter, traceId } from '../graphql/index.js';
import type { Connection, ConnectionArguments, FlowPage, GraphqlContext, TraceFilterInput } from '../graphql/index.js';
import { hopNodes, stepAt } from './step.node.js';
import type { HopNode, StepNode, WayPlace } from './step.node.js';

/** A field that is worked out when it is asked for. */
type Field<T> = (args: unknown, context: GraphqlContext) => T | Promise<T>;
export type TracedArguments = ConnectionArguments & { readonly filter?: TraceFilterInput | null };

export interface FlowNode {
  readonly __typename: 'Flow';
  readonly id: string;
  readonly name: string;
  readonly totals: TotalsNode;
  packets(args: TracedArguments, context: GraphqlContext): Promise<Connection<PacketNode>>;
  paths(args: TracedArguments, context: GraphqlContext): Promise<Connection<PathNode>>;
}

export type TotalsNode = Omit<FlowTotals, 'byDisposition'> & { readonly byDisposition: readonly { readonly disposition: string; readonly count: number }[] };

export interface PacketNode extends Omit<PacketReport, 'delivered' | 'exchange' | 'path'> {
  readonly __typename: 'Packet';
  readonly id: string;
  readonly delivered: readonly SocketView[];
  readonly flow: Field<FlowNode | null>;
  readonly path: Field<PathNode | null>;
  readonly exchange: Field<readonly TraceNode[]>;
}

export interface TraceNode {
  readonly __typename: 'Trace';
  readonly id: string;
  readonly what: string;
  readonly about: string | null;
  readonly disposition: string;
  readonly reason: string | null;
  readonly probability: number;
  readonly wire: readonly WireHop[];
  readonly weight: Field<string>;
  readonly packet: Field<PacketNode | null>;
  readonly hops: Field<readonly HopNode[]>;
  readonly path: Field<PathNode | null>;
}

export interface PathNode {
  readonly __typename: 'Path';
  readonly id: string;
  readonly number: number;
  readonly count: number;
  readonly probability: number;
  readonly weight: string;
  readonly disposition: string;
  readonly delivered: readonly SocketView[];
  readonly died: PacketReport['died'];
  readonly flow: Field<FlowNode | null>;
  readonly hops: () => readonly HopNode[];
  readonly step: (args: { readonly entry: number; readonly index: number }) => StepNode | null;
  readonly exchange: () => readonly { readonly what: string; readonly about: string | null; readonly disposition: string; readonly reason: string | null; readonly hops: readonly HopNode[] }[];
}

export function totalsNode({ byDisposition, ...totals }: FlowTotals): TotalsNode {
  return { ...totals, byDisposition: DISPOSITIONS.flatMap((disposition) => (byDisposition[disposition] === undefined ? [] : [{ disposition, count: byDisposition[disposition] }])) };
}

export function flowNode(record: FlowRecord): FlowNode {
  const { simulation, position, name, totals } = record;
  const ofFlow = { simulation, flow: name };
  return {
    __typename: 'Flow',
    id: flowId({ simulation, flow: position }),
    name,
    totals: totalsNode(totals),
    packets: async (args, context) => {
      const request = firstPage(args);
      if (request === null) return packetPage(simulation, within(name, args), context);
      const found = (await context.packetsOfFlows.load({ ...ofFlow, limit: request.limit })) as FlowPage<PacketRecord>;
      for (const { item } of found.page.items) context.packets.prime(item);
      return connectionOf(found.page, packetNode, async () => found.total ?? context.stores.simulations.countPackets(simulation, { flow: name }));
    },
    paths: async (args, context) => {
      const request = firstPage(args);
      if (request === null) return pathPage(simulation, within(name, args), context);
      const found = (await context.pathsOfFlows.load({ ...ofFlow, limit: request.limit })) as FlowPage<PathRecord>;
      for (const { item } of found.page.items) context.paths.prime(item);
      return connectionOf(found.page, pathNode, async () => found.total ?? context.stores.simulations.countPaths(simulation, { flow: name }));
    },
  };
}

/** What a page of flows asks of each of them alike, and what is therefore asked for all at once. */
function firstPage(args: TracedArguments): PageRequest | null {
  return args.filter == null && args.after == null ? pageRequest(args) : null;
}

/** In the flow's own words, whatever else the filter says. */
function within(flow: string, args: TracedArguments): TracedArguments {
  return { ...args, filter: { flow, ...(args.filter == null ? {} : { and: [args.filter] }) } as TraceFilterInput };
}

export function packetNode(record: PacketRecord): PacketNode {
  const { simulation, flow, index, report } = record;
  const { delivered, exchange, path, ...rest } = report;
  return {
    __typename: 'Packet',
    ...rest,
    id: packetId(record),
    delivered: views(delivered),
    flow: (_, context) => flowOf(record, context),
    path: (_, context) => pathOf({ simulation, flow, path }, context),
    exchange: () =>
      exchange.map(({ what, about, trace, wire }, entry) => traceNode({ simulation, flow, flowName: record.flowName, index, entry, path, what, about: about ?? null, trace, wire })),
  };
}

function traceNode(record: TraceRecord): TraceNode {
  const { simulation, flow, entry, path, what, about, trace, wire } = record;
  const { disposition, reason, probability } = trace;
  return {
    __typename: 'Trace',
    id: traceId(record, entry),
    what,
    about,
    disposition,
    reason,
    probability,
    wire,
    packet: async (_, context) => mapped(await context.packets.load(record), packetNode),
    path: (_, context) => pathOf({ simulation, flow, path }, context),
    weight: async (_, context) => (await context.paths.load({ simulation, flow, path }))?.report.weight ?? '1',
    // They stand with the path, once for all packets that took it.
    hops: async (_, context) => {
      const found = await context.paths.load({ simulation, flow, path });
      return found === null ? [] : hopNodes(found.report.exchange[entry]?.trace.hops, placeOf(found, entry));
    },
  };
}

export function pathNode(record: PathRecord): PathNode {
  const { report } = record;
  const { count, probability, weight, disposition, delivered, died } = report;
  return {
    __typename: 'Path',
    id: pathId(record),
    number: record.path,
    count,
    probability,
    weight: weight ?? '1',
    disposition,
    delivered: views(delivered),
    died,
    flow: (_, context) => flowOf(record, context),
    hops: () => hopNodes(report.exchange[0]?.trace.hops, placeOf(record, 0)),
    exchange: () => report.exchange.map(({ what, about, trace }, entry) => ({ what, about: about ?? null, disposition: trace.disposition, reason: trace.reason, hops: hopNodes(trace.hops, placeOf(record, entry)) })),
    step: ({ entry, index }) => stepAt(report.exchange[entry]?.trace.hops, placeOf(record, entry), index),
  };
}

export async function flowPage(simulation: string, args: TracedArguments, { stores }: GraphqlContext): Promise<Connection<FlowNode>> {
  const filter = traceFilter(args.filter);
  const page = await stores.simulations.flows(simulation, filter, pageRequest(args));
  return connectionOf(page, flowNode, () => stores.simulations.countFlows(simulation, filter));
}

export async function packetPage(simulation: string, args: TracedArguments, context: GraphqlContext): Promise<Connection<PacketNode>> {
  const filter = traceFilter(args.filter);
  const { simulations } = context.stores;
  const page = await simulations.packets(simulation, filter, pageRequest(args));
  for (const { item } of page.items) context.packets.prime(item);
  return connectionOf(page, packetNode, () => simulations.countPackets(simulation, filter));
}

export async function tracePage(simulation: string, args: TracedArguments, { stores }: GraphqlContext): Promise<Connection<TraceNode>> {
  const filter = traceFilter(args.filter);
  const page = await stores.simulations.traces(simulation, filter, pageRequest(args));
  return connectionOf(page, traceNode, () => stores.simulations.countTraces(simulation, filter));
}

export async function pathPage(simulation: string, args: TracedArguments, context: GraphqlContext): Promise<Connection<PathNode>> {
  const filter = traceFilter(args.filter);
  const { simulations } = context.stores;
  const page = await simulations.paths(simulation, filter, pageRequest(args));
  for (const { item } of page.items) context.paths.prime(item);
  return connectionOf(page, pathNode, () => simulations.countPaths(simulation, filter));
}

async function flowOf(key: { readonly simulation: string; readonly flow: number }, context: GraphqlContext): Promise<FlowNode | null> {
  return mapped(await context.flows.load(key), flowNode);
}

export async function pathOf(key: { readonly simulation: string; readonly flow: number; readonly path: number }, context: GraphqlContext): Promise<PathNode | null> {
  return mapped(await context.paths.load(key), pathNode);
}

export function placeOf({ simulation, flow, path, report }: PathRecord, entry: number): WayPlace {
  return { simulation, flow, path, entry, senderIp: report.sent?.source.ip ?? '' };
}

function mapped<R, T>(record: R | null, toNode: (record: R) => T): T | null {
  return record === null ? null : toNode(record);
}

function views(delivered: SocketView | readonly SocketView[] | null): readonly SocketView[] {
  return delivered === null ? [] : Array.isArray(delivered) ? (delivered as readonly SocketView[]) : [delivered as SocketView];
}
