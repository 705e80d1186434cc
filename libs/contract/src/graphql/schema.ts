/**
 * The GraphQL schema (api.md). Words are spelled as in the Report, so enums are made of the model's own lists.
 * What this version cannot answer is not in it: history over captures, what a change of state decided, counters of rules within steps.
 * Trails, states of machines and history were not stored: the simulation is run again for them, off the event loop.
 */
import { DISPOSITIONS, EXCHANGE_WHATS, STATE_CHANGE_KINDS, STEP_KINDS } from '@worldline/model';

export const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;

/** What `aggregate` may count by: the store's own list. */
export const DIMENSIONS = ['flow', 'disposition', 'machine', 'hook', 'table', 'chain', 'rule', 'diedAt'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const GRAPHQL_SCHEMA = `
scalar DateTime
"As scenarios spell it: 700ms."
scalar Duration
"64 bit, as a string."
scalar Long
scalar JSON

enum Status { queued running succeeded failed canceled }
enum Mode { sample explore }
enum Outcome { passed failed undecided }
enum Severity { error warning info }
enum Layer { userSpace kernel fabric }
enum Hook { ${HOOKS.join(' ')} }
enum Disposition { ${DISPOSITIONS.join(' ')} }
enum StepKind { ${STEP_KINDS.join(' ')} }
enum Dimension { ${DIMENSIONS.join(' ')} }

interface Node { id: ID! }

type Query {
  node(id: ID!): Node
  simulation(id: ID!): Simulation
  comparison(id: ID!): Comparison
  batch(id: ID!): Batch
  snapshot(digest: ID!): Snapshot
  simulations(filter: SimulationFilter, first: Int = 50, after: String, last: Int, before: String): SimulationConnection!
}

"Over WebSocket, in the protocol of graphql-ws: the record now, after every change, and at its end for the last time."
type Subscription {
  simulation(id: ID!): Simulation!
  batch(id: ID!): Batch!
}

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

input SimulationFilter { status: [Status!] name: String snapshot: ID }
input TimeRange { from: Duration to: Duration }

"""
Fields of one filter must all hold. machine, hook, table, chain, rule, interface and deciding are about one place on the way:
a step of a packet must fulfil them together.
"""
input TraceFilter {
  flow: String
  "${EXCHANGE_WHATS.join(', ')}"
  what: [String!]
  disposition: [Disposition!]
  layer: [Layer!]
  machine: String
  hook: Hook
  table: String
  chain: String
  rule: Int
  interface: String
  protocol: String
  "Of sender or receiver, before or after translation."
  address: String
  port: Int
  at: TimeRange
  "Only where it decided or changed something."
  deciding: Boolean
  and: [TraceFilter!]
  or: [TraceFilter!]
  not: TraceFilter
}

type Simulation implements Node {
  id: ID!
  name: String
  status: Status!
  "From 0 to 1."
  progress: Float!
  problem: JSON
  createdAt: DateTime!
  finishedAt: DateTime
  seed: Long!
  mode: Mode!
  engineVersion: String!
  reportDigest: String
  snapshot: Snapshot!
  scenario: JSON!
  "The worldline command that gives the same Report."
  reproduce: String!
  totals: Totals!
  coverage: Coverage!
  expectations(outcome: Outcome): [Expectation!]!
  findings(severity: [Severity!]): [Finding!]!
  topology: Topology!
  flows(filter: TraceFilter, first: Int = 50, after: String): FlowConnection!
  packets(filter: TraceFilter, first: Int = 50, after: String): PacketConnection!
  traces(filter: TraceFilter, first: Int = 50, after: String): TraceConnection!
  paths(filter: TraceFilter, first: Int = 50, after: String): PathConnection!
  "How many packets fall together under each value, most first."
  aggregate(by: [Dimension!]!, filter: TraceFilter, first: Int = 20): [Bucket!]!
  "As a run that ends then would leave it, or at the end of this one; null: there is no such machine."
  machine(name: String!, at: Duration): MachineState
  "What the scenario's events changed, in order."
  history(filter: StateFilter, first: Int = 50, after: String): StateChangeConnection!
}

"""
Rules, entries of conntrack or changes: all words must hold, and what has no such word is not meant.
name is a sysctl's, set's or interface's, owner a component (kube-proxy), an object (Service/shop/db:sql) or both; text is a part of it.
kind: ${STATE_CHANGE_KINDS.join(', ')}
"""
input StateFilter {
  kind: [String!]
  machine: String
  tool: String
  table: String
  chain: String
  rule: Int
  name: String
  address: String
  port: Int
  protocol: String
  owner: String
  text: String
  at: TimeRange
}
type MachineState {
  machine: Machine!
  at: Duration!
  "A file of a bundle, such as iptables-save.txt, as the tool would print it then."
  dump(file: String!): String
  "Counters are those of that moment. A chain's policy has no number."
  rules(filter: StateFilter, first: Int = 50, after: String): RuleConnection!
  conntrack(filter: StateFilter, first: Int = 50, after: String): ConntrackConnection!
  "null: it has no such key."
  sysctl(name: String!): String
}
type ConntrackEntry {
  family: Int!
  protocol: String!
  "Seconds."
  timeout: Int!
  state: String
  original: ConntrackTuple!
  reply: ConntrackTuple!
  replied: Boolean!
  assured: Boolean!
  mark: Long!
  zone: Int!
  "As conntrack -L -o extended prints it."
  text: String!
}
type ConntrackTuple { source: Socket! destination: Socket! }
"before and after are as the tool prints them; null: it was not there."
type StateChange {
  at: Duration!
  machine: String!
  kind: String!
  ref: JSON!
  before: String
  after: String
  "Whose rule it is."
  by: Owner
  "The command that did it."
  event: String!
}

type Snapshot implements Node { id: ID! digest: String! createdAt: DateTime! size: Long! files: Int! machines: [String!]! issues: [Issue!]! }
type Topology { machines: [Machine!]! links: [Link!]! }
type Machine {
  name: String!
  kind: String!
  "The node that a pod runs on."
  node: String
  interfaces: [NetworkInterface!]!
}
type NetworkInterface { name: String! kind: String! isUp: Boolean! master: String addresses: [String!]! }
"Both ends of a veth pair, or all interfaces on one segment of the fabric."
type Link { kind: String! ends: [LinkEnd!]! }
type LinkEnd { machine: String! interface: String! }

type Totals { sent: Long! delivered: Long! dropped: Long! rejected: Long! undecided: Long! replied: Long! byDisposition: [DispositionCount!]! }
type DispositionCount { disposition: Disposition! count: Long! }
type Coverage { rules: RuleCoverage! issues: [Issue!]! }
type RuleCoverage { modelled: Long! approximated: Long! unknown: Long! }
type Issue { code: String! severity: Severity! message: String! file: String line: Int column: Int word: String pointer: String }
type Expectation { name: String! passed: Boolean! outcome: Outcome! detail: String! }
type Finding { kind: String! severity: Severity! title: String! flows: [String!]! blame: JSON! evidence: [JSON!]! remedy: JSON }
type Bucket { key: [BucketKey!]! count: Long! }
type BucketKey { dimension: String! value: String }

type Flow implements Node {
  id: ID!
  name: String!
  totals: Totals!
  packets(filter: TraceFilter, first: Int = 50, after: String): PacketConnection!
  paths(filter: TraceFilter, first: Int = 50, after: String): PathConnection!
}
type Packet implements Node {
  id: ID!
  flow: Flow!
  index: Int!
  connection: Int!
  at: Duration!
  disposition: Disposition!
  layer: Layer!
  sent: Endpoints!
  delivered: [Endpoint!]!
  reply: Endpoint
  error: SocketError
  died: Death
  icmp: [IcmpError!]!
  exchange: [Trace!]!
  path: Path!
}
type Socket { ip: String! port: Int }
type Endpoints { machine: String! protocol: String! source: Socket! destination: Socket! }
type Endpoint { machine: String! local: Socket! peer: Socket! }
type SocketError { when: String! errno: String! icmp: IcmpCause }
type IcmpCause { type: Int! code: Int! from: String! }
type IcmpError { machine: String! type: Int! code: Int! from: String! to: String! about: String! mtu: Int }
type Death { what: String! machine: String! disposition: Disposition! reason: String rule: RuleReference }
"number is null where it was the chain's policy."
type RuleReference { table: String! chain: String! number: Int }

type Trace implements Node {
  id: ID!
  packet: Packet!
  what: String!
  about: String
  disposition: Disposition!
  reason: String
  probability: Float!
  weight: String!
  hops: [Hop!]!
  wire: [WirePacket!]!
  path: Path!
}
type WirePacket {
  machine: String!
  interface: String!
  direction: String!
  protocol: String!
  source: Socket!
  destination: Socket!
  ttl: Int!
  length: Int!
  flags: String
  icmp: JSON
  fragment: JSON
  extensions: [String!]
  inner: JSON
}
type Path implements Node {
  id: ID!
  "As the Report numbers it within its flow."
  number: Int!
  flow: Flow!
  count: Long!
  probability: Float!
  weight: String!
  disposition: Disposition!
  delivered: [Endpoint!]!
  died: Death
  "Of the first packet of the exchange."
  hops: [Hop!]!
  exchange: [PathExchange!]!
  "One step of a packet of the exchange: their places, from 0."
  step(entry: Int!, index: Int!): Step
}
type PathExchange { what: String! about: String disposition: Disposition! reason: String hops: [Hop!]! }

type Hop {
  machine: Machine!
  inputInterface: String
  outputInterface: String
  "Without all: the deciding ones."
  steps(all: Boolean = false): [Step!]!
}
interface Step { kind: StepKind! action: String! detail: JSON! text: String! deciding: Boolean! }
type PlainStep implements Step { kind: StepKind! action: String! detail: JSON! text: String! deciding: Boolean! }
type FilterStep implements Step {
  kind: StepKind!
  action: String!
  detail: JSON!
  text: String!
  deciding: Boolean!
  hook: Hook!
  table: String!
  chain: String!
  "The one that decided; null where none matched."
  rule: Rule
  "The rules that matched, in order; the last may be the policy."
  matches: [Rule!]!
  "How many rules the packet looked at here."
  lookedAt: Int!
  "Every rule that the packet looked at here, in order: the first 200, or as many as are asked for, after those that are left out."
  trail(first: Int, offset: Int = 0): [RuleTrail!]!
}
"failedClause: the first part of the rule that did not say yes, in its own words; null where it matched."
type RuleTrail { rule: Rule! matched: Boolean! failedClause: String }
"packets: counted by it; null in steps."
type Rule { tool: String! table: String! chain: String! number: Int text: String! owner: Owner packets: Long }
"As the names of chains and comments tell: kube-proxy, Service/kube-system/kube-dns:dns."
type Owner { component: String! object: String }

type Comparison implements Node {
  id: ID!
  status: Status!
  baseline: Simulation!
  candidate: Simulation!
  summary: [Bucket!]!
  changes(filter: ChangeFilter, first: Int = 50, after: String): ChangeConnection!
}
input ChangeFilter { flow: String effect: [String!] }
type Change { flow: String! effect: String! count: Long! baseline: Path candidate: Path divergence: Divergence }
type Divergence { what: String! index: Int! machine: Machine! baseline: Step candidate: Step }

type Batch implements Node { id: ID! name: String! status: Status! progress: Float! problem: JSON isPassed: Boolean variants: [Variant!]! }
type Variant { name: String! isPassed: Boolean! failures: [String!]! expectations: [Expectation!]! }

${['Simulation', 'Flow', 'Packet', 'Trace', 'Path', 'Change', 'StateChange', 'Rule'].map((name) => connection(name)).join('\n')}
${connection('Conntrack', 'ConntrackEntry')}
`;

/** Connections are all alike. */
function connection(name: string, node = name): string {
  return `type ${name}Connection { nodes: [${node}!]! edges: [${name}Edge!]! pageInfo: PageInfo! totalCount: Long! }
type ${name}Edge { cursor: String! node: ${node}! }`;
}
