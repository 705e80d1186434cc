/** The network with one packet's way on it. */
import { Background, BackgroundVariant, ConnectionMode, Controls, ReactFlow, ReactFlowProvider, useReactFlow } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useEffect, useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import type { TopologyAnswer } from '../query/index.js';
import type { WayView } from '../way/index.js';
import { MachineBox, NodeFrame, outcomeOfDisposition } from './boxes.js';
import type { BoxNode, FrameNode } from './boxes.js';
import { graphOf } from './graph.js';
import type { Graph } from './graph.js';
import { layout } from './layout.js';
import type { Placed } from './layout.js';
import { WireLine } from './wires.js';
import type { WireEdge } from './wires.js';

const NODE_TYPES = { machine: MachineBox, frame: NodeFrame };
const EDGE_TYPES = { wire: WireLine };

export interface TopologyProps {
  readonly topology: TopologyAnswer;
  readonly way: WayView | null;
  readonly onChooseMachine: (machine: string) => void;
}

export function Topology(props: TopologyProps): ReactElement {
  return (
    <ReactFlowProvider>
      <Picture {...props} />
    </ReactFlowProvider>
  );
}

function Picture({ topology, way, onChooseMachine }: TopologyProps): ReactElement {
  const graph = useMemo(() => graphOf(topology, way?.hops ?? []), [topology, way]);
  const placed = usePlaced(graph);
  const { fitView } = useReactFlow();
  const drawing = useMemo(() => (placed ? drawingOf(placed.graph, placed.placed, way, onChooseMachine) : null), [placed, way, onChooseMachine]);
  const shape = placed?.shape;
  useEffect(() => {
    if (shape === undefined) return undefined;
    const frame = requestAnimationFrame(() => void fitView({ padding: 0.06, maxZoom: 1.25 }));
    return () => cancelAnimationFrame(frame);
  }, [shape, fitView]);
  return (
    <div className="topology" data-testid="topology" data-ready={drawing !== null}>
      {drawing && (
        <ReactFlow
          nodes={drawing.nodes}
          edges={drawing.edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          connectionMode={ConnectionMode.Loose}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnDoubleClick={false}
          onlyRenderVisibleElements={graph.boxes.length > 80}
          minZoom={0.2}
          maxZoom={2.5}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1} />
          <Controls showInteractive={false} />
        </ReactFlow>
      )}
      {graph.hidden > 0 && <p className="topology-note">{graph.hidden} machines that the packet does not pass are not drawn</p>}
    </div>
  );
}

interface Settled {
  readonly graph: Graph;
  readonly placed: Placed;
  /** Changes when boxes move. */
  readonly shape: string;
}

/** Lays out anew only when boxes or wires are others: a chosen packet colours the picture, it does not move it. */
function usePlaced(graph: Graph): Settled | null {
  const shape = useMemo(() => JSON.stringify([graph.boxes.map(({ id, ports }) => [id, ports.map(({ id: port }) => port)]), graph.wires.map(({ id }) => id)]), [graph]);
  const [settled, setSettled] = useState<{ readonly shape: string; readonly placed: Placed } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    void layout(graph).then((placed) => isCurrent && setSettled({ shape, placed }));
    return () => {
      isCurrent = false;
    };
    // The shape says all that the layout depends on.
  }, [shape]);
  return useMemo(() => (settled?.shape === shape ? { graph, placed: settled.placed, shape } : null), [settled, shape, graph]);
}

function drawingOf(graph: Graph, placed: Placed, way: WayView | null, onChoose: (machine: string) => void): { nodes: (BoxNode | FrameNode)[]; edges: WireEdge[] } {
  const outcome = outcomeOfDisposition(way?.disposition ?? null);
  const last = way?.hops.at(-1)?.machine;
  const nodes: (BoxNode | FrameNode)[] = [];
  for (const [id, { x, y, width, height }] of placed.corners) {
    const box = graph.boxes.find((one) => one.id === id);
    const place = { id, position: { x, y }, width, height };
    if (box) {
      const isPassed = box.visits.length > 0 || box.crossings.length > 0;
      nodes.push({ ...place, type: 'machine', zIndex: 2, data: { box, outcome, isEnd: id === last, isDimmed: way !== null && way.hops.length > 0 && !isPassed, onChoose } });
    } else nodes.push({ ...place, type: 'frame', zIndex: 0, data: { name: id.replace('group ', '') } });
  }
  const edges = graph.wires.map((wire): WireEdge => {
    const { id, from, to } = wire;
    return { id, type: 'wire', source: from.box, sourceHandle: from.port, target: to.box, targetHandle: to.port, zIndex: wire.taken ? 3 : 1, data: { wire, bends: placed.bends.get(id) ?? [], outcome } };
  });
  return { nodes: nodes.sort((a, b) => (a.zIndex ?? 0) - (b.zIndex ?? 0)), edges };
}
