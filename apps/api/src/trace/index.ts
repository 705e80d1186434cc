export { stepNode } from './step.node.js';
export type { StepNode } from './step.node.js';
export { flowNode, flowPage, packetNode, packetPage, pathNode, pathOf, pathPage, placeOf, totalsNode, tracePage } from './trace.node.js';
export type { FlowNode, PacketNode, PathNode, TotalsNode, TracedArguments, TraceNode } from './trace.node.js';
