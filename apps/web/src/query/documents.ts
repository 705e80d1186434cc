/** Every question that the explorer asks of GraphQL. */

const ENDPOINT = 'machine local { ip port } peer { ip port }';
const DIED = 'died { what machine disposition reason rule { table chain number } }';
const SENT = 'sent { machine protocol source { ip port } destination { ip port } }';
const PAGE = 'totalCount pageInfo { hasNextPage endCursor }';
const HOPS = `hops { machine { name } inputInterface outputInterface steps(all: true) {
  kind action detail text deciding
  ... on FilterStep { hook table matches { chain number text } }
} }`;
const WIRE = 'wire { machine interface direction source { ip port } destination { ip port } ttl length flags }';

export const SIMULATIONS = `query Simulations($filter: SimulationFilter, $first: Int, $after: String) { simulations(filter: $filter, first: $first, after: $after) {
  ${PAGE} nodes { id name status progress createdAt mode seed totals { sent delivered dropped undecided replied } expectations { outcome } findings { severity title } }
} }`;

export const SIMULATION = `query Simulation($id: ID!) { simulation(id: $id) {
  scenario
  totals { sent delivered dropped undecided replied }
  coverage { rules { modelled approximated unknown } issues { code severity message file line } }
  expectations { name passed outcome detail }
  findings { kind severity title flows }
  topology { machines { name kind node interfaces { name kind isUp master addresses } } links { kind ends { machine interface } } }
  flows(first: 100) { ${PAGE} nodes { id name totals { sent delivered dropped undecided replied } } }
} }`;

export const PACKETS = `query Packets($id: ID!, $filter: TraceFilter, $first: Int, $after: String) { simulation(id: $id) {
  packets(filter: $filter, first: $first, after: $after) { ${PAGE} nodes {
    id index at disposition layer flow { name } ${SENT} delivered { ${ENDPOINT} } reply { ${ENDPOINT} } error { when errno } ${DIED}
  } }
} }`;

export const PATHS = `query Paths($id: ID!, $filter: TraceFilter, $first: Int, $after: String) { simulation(id: $id) {
  paths(filter: $filter, first: $first, after: $after) { ${PAGE} nodes { id number count weight disposition flow { name } delivered { ${ENDPOINT} } ${DIED} } }
} }`;

/** What filters can be set to, with how many packets each leaves. */
export const CHOICES = `query Choices($id: ID!, $filter: TraceFilter) { simulation(id: $id) {
  dispositions: aggregate(by: [disposition], first: 30) { key { dimension value } count }
  machines: aggregate(by: [machine], first: 100) { key { dimension value } count }
  chains: aggregate(by: [chain], first: 100) { key { dimension value } count }
  rules: aggregate(by: [table, chain, rule], filter: $filter, first: 200) { key { dimension value } count }
} }`;

export const EXCHANGE = `query Exchange($id: ID!) { node(id: $id) {
  __typename id
  ... on Packet { index at disposition flow { name } ${SENT} delivered { ${ENDPOINT} } reply { ${ENDPOINT} } error { when errno } ${DIED} exchange { what about disposition reason ${WIRE} ${HOPS} } }
  ... on Path { number count disposition flow { name } delivered { ${ENDPOINT} } ${DIED} exchange { what about disposition reason ${HOPS} } }
} }`;

const TRAIL_STEP = `step(entry: $entry, index: $index) { ... on FilterStep { lookedAt trail(first: $first, offset: $offset) { matched failedClause rule { chain number text owner { component object } } } } }`;

/** Every rule that one filter step looked at: the simulation is run again for it. */
export const TRAIL = `query Trail($id: ID!, $entry: Int!, $index: Int!, $first: Int, $offset: Int) { node(id: $id) {
  ... on Packet { path { ${TRAIL_STEP} } }
  ... on Path { ${TRAIL_STEP} }
} }`;

export const CHANGES = `query Changes($id: ID!, $first: Int) { comparison(id: $id) {
  baseline { id name } candidate { id name }
  changes(first: $first) { ${PAGE} nodes {
    flow effect count divergence { what index machine { name } }
    baseline { id number disposition delivered { ${ENDPOINT} } ${DIED} }
    candidate { id number disposition delivered { ${ENDPOINT} } ${DIED} }
  } }
} }`;
