import { buildSchema, parse, validate } from 'graphql';
import { DIMENSIONS } from '@worldline/application';
import { GRAPHQL_SCHEMA, DIMENSIONS as DIMENSIONS_OF_SCHEMA } from '@worldline/contract';
import type { Report } from '@worldline/model';
import { runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

let running: RunningApp;
let id: string;
let report: Report;
beforeAll(async () => {
  running = await runApp();
  id = await running.simulate('wormhole-hostport');
  report = (await running.inject('GET', `/simulations/${id}/report`)).json() as unknown as Report;
});
afterAll(() => running.close());

async function ask<T = Record<string, never>>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  const { data, errors } = await running.query(query, { id, ...variables });
  expect(errors).toBeUndefined();
  return (data as { simulation: T }).simulation;
}

const QUESTIONS = ['get', 'list', 'count', 'summaries', 'topology', 'flows', 'packets', 'traces', 'paths', 'countFlows', 'countPackets', 'countTraces', 'countPaths', 'aggregate', 'flowsByKey', 'packetsByKey', 'pathsByKey'] as const;

/** What the store is asked while something is done. */
async function questionsDuring(work: () => Promise<unknown>): Promise<string[]> {
  const asked: string[] = [];
  const { simulations } = running.service.stores;
  const spies = QUESTIONS.map((name) => {
    const original = simulations[name].bind(simulations) as (...args: unknown[]) => unknown;
    return jest.spyOn(simulations, name).mockImplementation(((...args: unknown[]) => {
      asked.push(name);
      return original(...args);
    }) as never);
  });
  await work();
  for (const spy of spies) spy.mockRestore();
  return asked.sort();
}

test('the schema knows the store’s dimensions', () => {
  expect(DIMENSIONS_OF_SCHEMA).toEqual(DIMENSIONS);
});

test('flows, paths and packets say what the Report says', async () => {
  const simulation = await ask<{ flows: { totalCount: string; nodes: { name: string; totals: { sent: string; delivered: string }; paths: { nodes: { number: number; count: string; disposition: string }[] }; packets: { nodes: { index: number; at: string }[] } }[] } }>(
    `query ($id: ID!) { simulation(id: $id) { flows { totalCount nodes { name totals { sent delivered } paths { nodes { number count disposition } } packets { nodes { index at } } } } } }`,
  );
  expect(simulation.flows.totalCount).toBe(String(report.flows.length));
  expect(simulation.flows.nodes).toEqual(
    report.flows.map(({ name, totals, paths, packets }) => ({
      name,
      totals: { sent: String(totals.sent), delivered: String(totals.delivered) },
      paths: { nodes: paths.map((path) => ({ number: path.id, count: String(path.count), disposition: path.disposition })) },
      packets: { nodes: packets.map(({ index, at }) => ({ index, at })) },
    })),
  );
});

const PACKET = `id index at layer disposition sent { machine source { ip port } } delivered { machine local { ip port } peer { ip port } } reply { machine } died { machine rule { table chain number } } icmp { type }`;

test('a packet, its exchange hop by hop, and the rules of a filter step', async () => {
  const { packets } = await ask<{ packets: { nodes: { exchange: { what: string; wire: unknown[]; hops: { machine: { name: string; kind: string }; steps: { __typename: string; kind: string; rule?: { text: string; tool: string }; matches?: { chain: string }[] }[] }[] }[] }[] } }>(
    `query ($id: ID!) { simulation(id: $id) { packets(filter: {flow: "https"}) { nodes { ${PACKET} exchange { what weight wire { machine interface direction ttl flags } hops { machine { name kind }
      steps(all: true) { __typename kind action text detail ... on FilterStep { hook table chain rule { tool text } matches { chain number } } } } } } } } }`,
  );
  const [packet] = packets.nodes;
  const [told] = report.flows[0]?.packets ?? [];
  expect(packet).toMatchObject({ disposition: 'Accepted', sent: { machine: 'external/client' }, delivered: [{ machine: 'pod/default/a3', local: { port: 443 } }], reply: { machine: 'external/client' }, died: null });
  expect(packet?.exchange.map(({ what }) => what)).toEqual(told?.exchange.map(({ what }) => what));
  expect(packet?.exchange[0]?.wire).toHaveLength(told?.exchange[0]?.wire.length ?? 0);
  const node = packet?.exchange[0]?.hops.find(({ machine }) => machine.name === 'node/n3');
  expect(node?.machine.kind).toBe('node');
  const translation = node?.steps.find(({ rule }) => rule?.text.includes('DNAT'));
  expect(translation).toMatchObject({ __typename: 'FilterStep', hook: 'PREROUTING', table: 'nat', rule: { tool: 'iptables' } });
  expect(translation?.matches?.map(({ chain }) => chain)).toEqual(['PREROUTING', 'KUBE-HOSTPORTS', expect.stringMatching(/^KUBE-HP-/)]);
});

interface TrailStep {
  readonly lookedAt: number;
  readonly matches: readonly { readonly chain: string; readonly number: number | null }[];
  readonly trail: readonly { readonly matched: boolean; readonly failedClause: string | null; readonly rule: { readonly chain: string; readonly number: number; readonly owner: { readonly component: string } | null } }[];
}

const TRAIL = 'lookedAt matches { chain number } trail { matched failedClause rule { chain number tool owner { component object } } }';

test('every rule that was looked at, with the clause that failed, of all steps of a way', async () => {
  const { paths } = await ask<{ paths: { nodes: { id: string; exchange: { hops: { steps: Partial<TrailStep>[] }[] }[] }[] } }>(
    `query ($id: ID!) { simulation(id: $id) { paths(filter: {flow: "https"}, first: 2) { nodes { id exchange { hops { steps(all: true) { kind ... on FilterStep { ${TRAIL} } } } } } } } }`,
  );
  const steps = paths.nodes.flatMap(({ exchange }) => exchange.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps))).filter((step): step is TrailStep => step.trail !== undefined);
  expect(steps.length).toBeGreaterThan(10);
  for (const { lookedAt, matches, trail } of steps) {
    const place = ({ chain, number }: { readonly chain: string; readonly number: number | null }): string => `${chain} ${number}`;
    expect(trail).toHaveLength(lookedAt);
    expect(trail.filter(({ matched }) => matched).map(({ rule }) => place(rule))).toEqual(matches.filter(({ number }) => number !== null).map(place));
    for (const { matched, failedClause } of trail) expect(failedClause === null).toBe(matched);
  }
  const missed = steps.flatMap(({ trail }) => trail).filter(({ matched }) => !matched);
  expect(missed.map(({ failedClause }) => failedClause)).toEqual(expect.arrayContaining(['-s 10.244.3.30/32', '--ctstate INVALID', '--mark 0x4000/0x4000']));
});

test('one step of a path by its place, its trail page by page', async () => {
  const { paths } = await ask<{ paths: { nodes: { id: string; exchange: { hops: { steps: { kind: string }[] }[] }[] }[] } }>(`query ($id: ID!) { simulation(id: $id) { paths(filter: {flow: "https"}, first: 1) { nodes { id exchange { hops { steps(all: true) { kind } } } } } } }`);
  const [path] = paths.nodes;
  const index = path?.exchange[0]?.hops.flatMap(({ steps }) => steps).findIndex(({ kind }) => kind === 'Filter') ?? -1;
  const step = async (fields: string, at = index): Promise<unknown> => {
    const { data, errors } = await running.query(`query ($id: ID!) { node(id: $id) { ... on Path { step(entry: 0, index: ${at}) { kind ... on FilterStep { ${fields} } } } } }`, { id: path?.id });
    return errors ?? (data as { node: { step: unknown } }).node.step;
  };
  const whole = (await step('lookedAt trail { rule { chain number } }')) as { lookedAt: number; trail: unknown[] };
  expect(whole.trail).toHaveLength(whole.lookedAt);
  const pages: unknown[] = [];
  for (let offset = 0; offset < whole.lookedAt; offset++) pages.push(...((await step(`trail(first: 1, offset: ${offset}) { rule { chain number } }`)) as { trail: unknown[] }).trail);
  expect(pages).toEqual(whole.trail);
  expect(await step('lookedAt', 0)).toEqual({ kind: expect.not.stringMatching('Filter') as unknown });
  expect(await step('lookedAt', 9999)).toBeNull();
  expect(await step('trail(first: 0) { matched }')).toMatchObject([{ extensions: { status: 400, code: 'InvalidArgument' } }]);
});

test('trails are asked for once, and asking leaves the simulation as it is', async () => {
  const asked = jest.spyOn(running.service.replays, 'trails');
  const query = `query ($id: ID!) { simulation(id: $id) { packets(filter: {flow: "quic"}, first: 10) { nodes { exchange { hops { steps(all: true) { ... on FilterStep { lookedAt trail { matched } } } } } } } } }`;
  const first = await ask(query);
  expect(await ask(query)).toEqual(first);
  expect(asked).toHaveBeenCalledTimes(2);
  asked.mockRestore();
  expect((await running.inject('GET', `/simulations/${id}/report`)).json()).toEqual(report);
});

test('steps are the deciding ones, unless all are asked for', async () => {
  const { paths } = await ask<{ paths: { nodes: { deciding: { steps: { deciding: boolean }[] }[]; all: { steps: unknown[] }[] }[] } }>(
    `query ($id: ID!) { simulation(id: $id) { paths(first: 1) { nodes { deciding: hops { steps { deciding } } all: hops { steps(all: true) { kind } } } } } }`,
  );
  const [path] = paths.nodes;
  const steps = path?.deciding.flatMap((hop) => hop.steps) ?? [];
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.every(({ deciding }) => deciding)).toBe(true);
  expect(path?.all.flatMap((hop) => hop.steps).length).toBeGreaterThan(steps.length);
});

const filters = [
  { name: 'flow', filter: { flow: 'quic' }, flows: ['quic', 'quic'] },
  { name: 'machine and chain', filter: { machine: 'node/n3', chain: 'KUBE-HOSTPORTS' }, holds: (flows: string[]) => flows.includes('https') && !flows.includes('cluster-ip') },
  { name: 'a rule that nothing met', filter: { table: 'nat', chain: 'KUBE-HOSTPORTS', rule: 4711 }, flows: [] },
  { name: 'disposition', filter: { disposition: ['NoRoute'] }, flows: [] },
  { name: 'address and port', filter: { address: '35.194.18.174', port: 443, flow: 'https' }, flows: ['https'] },
  { name: 'time', filter: { at: { from: '100ms', to: '140ms' } }, flows: ['quic', 'quic'] },
  { name: 'or', filter: { or: [{ flow: 'quic' }, { flow: 'https' }] }, flows: ['https', 'quic', 'quic'] },
  { name: 'not', filter: { and: [{ or: [{ flow: 'quic' }, { flow: 'https' }] }, { not: { flow: 'quic' } }] }, flows: ['https'] },
  { name: 'layer', filter: { layer: ['fabric'] }, flows: [] },
];

test.each(filters)('packets by $name', async ({ filter, flows, holds }) => {
  const { packets } = await ask<{ packets: { totalCount: string; nodes: { flow: { name: string } }[] } }>(`query ($id: ID!, $filter: TraceFilter) { simulation(id: $id) { packets(filter: $filter) { totalCount nodes { flow { name } } } } }`, { filter });
  const found = packets.nodes.map(({ flow }) => flow.name);
  expect(packets.totalCount).toBe(String(found.length));
  if (flows) expect(found).toEqual(flows);
  if (holds) expect(holds(found)).toBe(true);
});

test('traces are pages by keyset: none twice, none missing', async () => {
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const { traces }: { traces: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } = await ask(`query ($id: ID!, $after: String) { simulation(id: $id) { traces(first: 7, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }`, { after });
    seen.push(...traces.nodes.map((trace) => trace.id));
    after = traces.pageInfo.hasNextPage ? traces.pageInfo.endCursor : null;
  } while (after !== null);
  const all = report.flows.flatMap(({ packets }) => packets.flatMap(({ exchange }) => exchange));
  expect(seen).toHaveLength(all.length);
  expect(new Set(seen).size).toBe(all.length);
});

test('everything with an id is found by it', async () => {
  const { packets } = await ask<{ packets: { nodes: { id: string; flow: { id: string }; path: { id: string }; exchange: { id: string }[] }[] } }>(`query ($id: ID!) { simulation(id: $id) { packets(first: 1) { nodes { id flow { id } path { id } exchange { id } } } } }`);
  const [packet] = packets.nodes;
  for (const [type, one] of [['Packet', packet?.id], ['Flow', packet?.flow.id], ['Path', packet?.path.id], ['Trace', packet?.exchange[1]?.id], ['Simulation', id]] as const) {
    expect(await running.query('query ($id: ID!) { node(id: $id) { __typename id } }', { id: one })).toMatchObject({ data: { node: { __typename: type, id: one } } });
  }
  for (const nobody of ['packet:x:0:0', 'packet:::', 'nobody', `path:${id}:0:999`, `trace:${id}:0:0:-1`]) expect(await running.query('query ($id: ID!) { node(id: $id) { id } }', { id: nobody })).toMatchObject({ data: { node: null } });
});

test('topology: machines with their interfaces, and what joins them', async () => {
  const { topology } = await ask<{ topology: { machines: { name: string; node: string | null; interfaces: { name: string; addresses: string[] }[] }[]; links: { kind: string; ends: { machine: string }[] }[] } }>(`query ($id: ID!) { simulation(id: $id) { topology { machines { name kind node interfaces { name isUp addresses } } links { kind ends { machine interface } } } } }`);
  expect(topology.machines.find(({ name }) => name === 'pod/default/a3')).toMatchObject({ node: 'node/n3', interfaces: expect.arrayContaining([expect.objectContaining({ name: 'eth0' })]) as unknown });
  expect(topology.links.some(({ ends }) => ends.length > 1)).toBe(true);
});

test('packets fall together by what is asked', async () => {
  const { byFlow, rules } = await ask<{ byFlow: { key: { dimension: string; value: string }[]; count: string }[]; rules: { key: { value: string | null }[]; count: string }[] }>(
    `query ($id: ID!) { simulation(id: $id) { byFlow: aggregate(by: [flow, disposition]) { key { dimension value } count } rules: aggregate(by: [table, chain, rule], filter: {machine: "node/n3"}) { key { value } count } } }`,
  );
  expect(byFlow[0]).toEqual({ key: [{ dimension: 'flow', value: 'quic' }, { dimension: 'disposition', value: 'Accepted' }], count: '2' });
  expect(rules.length).toBeGreaterThan(0);
});

test('a page of packets with all that hangs on them costs as many queries as a page of one', async () => {
  const query = (first: number): string => `query ($id: ID!) { simulation(id: $id) { packets(first: ${first}) { nodes { flow { name } path { count flow { name } hops { machine { name node interfaces { name } } } } exchange { packet { index } path { number } hops { steps(all: true) { text } } } } } flows(first: ${first}) { nodes { name } } } }`;
  const one = await questionsDuring(() => ask(query(1)));
  const many = await questionsDuring(() => ask(query(50)));
  expect(many).toEqual(one);
  expect(many.length).toBeLessThanOrEqual(8);
});

test('so do the paths and packets of a page of flows', async () => {
  const query = (first: number): string => `query ($id: ID!) { simulation(id: $id) { flows(first: ${first}) { nodes { paths { totalCount nodes { number } } packets { totalCount nodes { path { number } } } } } } }`;
  const one = await questionsDuring(() => ask(query(1)));
  expect(await questionsDuring(() => ask(query(6)))).toEqual(one);
  expect(one).toEqual(['flows', 'get', 'packets', 'paths']);
});

test('a flow’s second page follows its first', async () => {
  type Flows = { flows: { nodes: { name: string; packets: { totalCount: string; pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { index: number }[] } }[] } };
  const query = `query ($id: ID!, $after: String) { simulation(id: $id) { flows(filter: {flow: "quic"}) { nodes { name packets(first: 1, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { index } } } } } }`;
  const [first] = (await ask<Flows>(query)).flows.nodes;
  expect(first?.packets).toMatchObject({ totalCount: '2', pageInfo: { hasNextPage: true }, nodes: [{ index: 0 }] });
  const [second] = (await ask<Flows>(query, { after: first?.packets.pageInfo.endCursor })).flows.nodes;
  expect(second?.packets).toMatchObject({ totalCount: '2', pageInfo: { hasNextPage: false }, nodes: [{ index: 1 }] });
});

const wrong = [
  { name: 'an unknown field', query: '{ simulations { nodes { colour } } }', status: 400, message: /colour/ },
  { name: 'no GraphQL', query: '{ simulations {', status: 400, message: /Syntax/ },
  { name: 'fragments in a circle', query: '{ simulations { nodes { ...a } } } fragment a on Simulation { ...b } fragment b on Simulation { ...a }', status: 400, message: /fragment/i },
  { name: 'a query without a bottom', query: `{ simulations { nodes { ${'packets { nodes { flow { '.repeat(8)}id${' } } }'.repeat(8)} } } }`, status: 400, message: /depth/ },
  { name: 'a query that is too dear', query: '{ simulations(first: 500) { nodes { packets(first: 500) { nodes { id exchange { what } } } } } }', status: 400, message: /may give \d+ values/ },
  { name: 'a page that is too large', query: '{ simulations(first: 501) { nodes { id } } }', status: 400, message: /first is 501/ },
  { name: 'a cursor that no page gave', query: '{ simulations(after: "x") { nodes { id } } }', status: 400, message: /cursor/ },
  { name: 'a word of an enum', query: '{ simulations(filter: {status: [done]}) { nodes { id } } }', status: 400, message: /done/ },
  { name: 'a duration', query: 'query { simulation(id: "x") { packets(filter: {at: {from: "soon"}}) { totalCount } } }', status: 400, message: /soon/ },
];

test.each(wrong)('refused: $name', async ({ query, status, message }) => {
  const answer = await running.query(query);
  expect(answer.errors?.[0]?.message).toMatch(message);
  expect(answer.errors?.[0]?.extensions).toMatchObject({ type: '/problems/invalid-query', status, errors: [expect.objectContaining({ detail: expect.stringMatching(message) as unknown })] });
  expect(answer.status).toBe(status);
  expect(JSON.stringify(answer)).not.toMatch(/node_modules|stacktrace|\.ts:/);
});

test('fields that GraphiQL asks for are within the limits', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  expect(validate(buildSchema(GRAPHQL_SCHEMA), parse(getIntrospectionQuery()))).toEqual([]);
  expect((await running.query(getIntrospectionQuery())).errors).toBeUndefined();
});
