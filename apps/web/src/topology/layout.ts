/** Places boxes with ELK's layered algorithm, in a worker: clients on the left, the fabric, nodes, their pods on the right. */
import ElkConstructor from 'elkjs/lib/elk-api.js';
import type { ELK, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import ElkWorker from 'elkjs/lib/elk-worker.min.js?worker';
import type { Box, Graph, Wire } from './graph.js';

export interface Placed {
  /** Top left corners, by the id of the box; of groups by `group NAME`. */
  readonly corners: ReadonlyMap<string, Point & { readonly width: number; readonly height: number }>;
  /** Corners of each wire from its first end to its second. */
  readonly bends: ReadonlyMap<string, readonly Point[]>;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '52',
  'elk.spacing.nodeNode': '16',
  'elk.spacing.edgeNode': '14',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
};

let engine: ELK | null = null;

export async function layout(graph: Graph): Promise<Placed> {
  engine ??= new ElkConstructor({ workerFactory: () => new ElkWorker() });
  const placed = await engine.layout({ id: 'root', layoutOptions: OPTIONS, children: childrenOf(graph.boxes), edges: edgesOf(graph) });
  const corners = new Map<string, Point & { width: number; height: number }>();
  collect(placed, { x: 0, y: 0 }, corners);
  const wires = new Map(graph.wires.map((wire) => [wire.id, wire]));
  const bends = (placed.edges ?? []).map((edge) => [edge.id, towards(bendsOf(edge), edge, wires.get(edge.id) as Wire)] as const);
  return { corners, bends: new Map(bends) };
}

function childrenOf(boxes: readonly Box[]): ElkNode[] {
  const groups = new Map<string, ElkNode[]>();
  const free: ElkNode[] = [];
  for (const box of boxes) {
    const node = nodeOf(box);
    if (box.group === null) free.push(node);
    else groups.set(box.group, [...(groups.get(box.group) ?? []), node]);
  }
  const grouped = [...groups].map(([name, children]) => ({ id: `group ${name}`, children, layoutOptions: { 'elk.padding': '[top=14,left=14,bottom=14,right=14]' } }));
  return [...free, ...grouped];
}

function nodeOf({ id, width, height, ports }: Box): ElkNode {
  return {
    id,
    width,
    height,
    ports: ports.map((port) => ({ id: `${id} : ${port.id}`, width: 0, height: 0, x: port.x, y: port.y, layoutOptions: { 'elk.port.side': port.side.toUpperCase() } })),
    layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
  };
}

/** Drawn from left to right whichever way the packet goes, so that a way changes nothing of the picture but its colour. */
function edgesOf({ wires, boxes }: Graph): ElkExtendedEdge[] {
  const sides = new Map(boxes.flatMap(({ id, ports }) => ports.map((port) => [`${id} : ${port.id}`, port.side] as const)));
  return wires.flatMap(({ id, from, to }) => {
    const ends = [`${from.box} : ${from.port}`, `${to.box} : ${to.port}`] as const;
    if (!sides.has(ends[0]) || !sides.has(ends[1])) return [];
    const [source, target] = sides.get(ends[0]) === 'west' ? [ends[1], ends[0]] : ends;
    return [{ id, sources: [source], targets: [target] }];
  });
}

/** In the direction of the wire, whichever way it was laid. */
function towards(points: readonly Point[], edge: ElkExtendedEdge, { from }: Wire): readonly Point[] {
  return edge.sources[0] === `${from.box} : ${from.port}` ? points : points.toReversed();
}

function bendsOf({ sections = [] }: ElkExtendedEdge): readonly Point[] {
  return sections.flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint]);
}

function collect(node: ElkNode, origin: Point, corners: Map<string, Point & { width: number; height: number }>): void {
  for (const child of node.children ?? []) {
    const corner = { x: origin.x + (child.x ?? 0), y: origin.y + (child.y ?? 0) };
    corners.set(child.id, { ...corner, width: child.width ?? 0, height: child.height ?? 0 });
    collect(child, corner, corners);
  }
}
