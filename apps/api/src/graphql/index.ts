export { connectionOf, pageRequest } from './connection.js';
export type { Connection, ConnectionArguments } from './connection.js';
export type { GraphqlContext } from './context.js';
export type { FlowPage } from './flow-pages.js';
export { traceFilter } from './filter.js';
export type { TraceFilterInput } from './filter.js';
export { flowId, packetId, pathId, readNodeId, traceId } from './ids.js';
export { InvalidArgument } from './invalid-argument.js';
