export { socketText } from './answers.js';
export type {
  BucketAnswer,
  ChangeAnswer,
  ComparedPathAnswer,
  ComparisonDetail,
  Connection,
  EndpointAnswer,
  ExchangeAnswer,
  FlowAnswer,
  HopAnswer,
  PacketRow,
  PathRow,
  RuleAnswer,
  SentAnswer,
  SimulationDetail,
  SimulationRow,
  SocketAnswer,
  StepAnswer,
  TopologyAnswer,
  TotalsAnswer,
  TraceAnswer,
  TrailAnswer,
  TrailRuleAnswer,
  WireAnswer,
} from './answers.js';
export { CHANGES, CHOICES, EXCHANGE, PACKETS, PATHS, SIMULATION, SIMULATIONS, TRAIL } from './documents.js';
export { RequestProblem, placeOf } from './problem.js';
export { postJson, rest } from './request.js';
export { useGraphql, useRest } from './use-query.js';
export type { Asked } from './use-query.js';
