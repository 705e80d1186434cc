import { createHash } from 'node:crypto';
import { MemoryFiles, NO_METER, kernelEngine, runScenario, standardReaders } from '@worldline/application';
import type { HashText } from '@worldline/model';
import { caseFiles, caseScenario, filesOfTarGz, runApp } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

const NAME = 'udp-blackhole';
let running: RunningApp;
let id: string;
beforeAll(async () => {
  running = await runApp();
  id = await running.simulate(NAME);
});
afterAll(() => running.close());

/** What the command line writes for the same files. */
async function written(changes: Record<string, unknown>): Promise<MemoryFiles> {
  const hash: HashText = (content) => createHash('sha256').update(typeof content === 'string' ? content : Buffer.concat(content)).digest('hex');
  const scenario = caseScenario(NAME);
  const files = new MemoryFiles({
    'scenario.json': JSON.stringify({ ...scenario, spec: { ...(scenario['spec'] as object), ...changes } }),
    ...Object.fromEntries(Object.entries(caseFiles(NAME)).map(([path, text]) => [`snapshot/${path}`, text])),
  });
  const { value } = await runScenario({ scenario: 'scenario.json', after: 'out' }, { files, readers: standardReaders(hash), engine: kernelEngine, hash, meter: NO_METER });
  if (value === null) throw new Error('not run');
  return files;
}

function textOf(content: Uint8Array | string | undefined): string | undefined {
  return content === undefined || typeof content === 'string' ? content : Buffer.from(content).toString('utf8');
}

async function ask<T>(fields: string, variables: Record<string, unknown> = {}): Promise<T> {
  const { data, errors } = await running.query(`query ($id: ID!${fields.includes('$after') ? ', $after: String' : ''}) { simulation(id: $id) { ${fields} } }`, { id, ...variables });
  expect(errors).toBeUndefined();
  return (data as { simulation: T }).simulation;
}

describe('archives', () => {
  test('after is the bundle that the command line writes', async () => {
    const files = await written({});
    const expected = [...files.content].filter(([path]) => path.startsWith('out/')).map(([path, content]) => [path.slice(4), Buffer.from(content).toString('latin1')]);
    const answer = await running.inject('GET', `/simulations/${id}/after`);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/gzip']);
    expect(filesOfTarGz(answer.bytes)).toEqual(Object.fromEntries(expected));
  });

  test('pcap has a file for each interface that saw something', async () => {
    const files = filesOfTarGz((await running.inject('GET', `/simulations/${id}/pcap`)).bytes);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['nodes/n1/vetha.pcap', 'pods/default/a/eth0.pcap']));
    for (const content of Object.values(files)) expect(content.slice(0, 4)).toBe('\x4d\x3c\xb2\xa1');
  });

  test.each(['after', 'pcap'] as const)('%s is linked, the same each time, and not to be had of what is not there', async (what) => {
    const links = (await running.inject('GET', `/simulations/${id}`)).json()['links'] as unknown as Record<string, string>;
    expect(links[what]).toBe(`/simulations/${id}/${what}`);
    const [first, second] = [await running.inject('GET', links[what] as string), await running.inject('GET', links[what] as string)];
    expect(first.bytes.equals(second.bytes)).toBe(true);
    expect((await running.inject('GET', `/simulations/nobody/${what}`)).json()).toMatchObject({ type: '/problems/not-found', status: 404 });
  });

  test('nothing is linked or given before the end', async () => {
    const idle = await runApp({ isIdle: true });
    const posted = await idle.inject('POST', '/simulations', { body: { topology: { files: caseFiles(NAME) }, scenario: caseScenario(NAME) } });
    const { id: queued, links } = posted.json() as unknown as { id: string; links: Record<string, unknown> };
    expect([links['after'], links['pcap']]).toEqual([null, null]);
    const answer = await idle.inject('GET', `/simulations/${queued}/after`);
    expect([answer.headers['retry-after'], answer.json()]).toMatchObject(['1', { type: '/problems/not-finished', status: 409 }]);
    await idle.inject('DELETE', `/simulations/${queued}`);
    expect((await idle.inject('GET', `/simulations/${queued}/pcap`)).json()).toMatchObject({ type: '/problems/no-report', status: 409 });
    await idle.close();
  });
});

describe('a machine at a moment', () => {
  test.each([
    { name: 'at the end', at: null, changes: {} },
    { name: 'in the middle', at: '60ms', changes: { duration: '60ms' } },
    { name: 'before anything', at: '0ms', changes: { duration: '0ms' } },
  ])('is as a run leaves it that ends then: $name', async ({ at, changes }) => {
    const files = await written(changes);
    const { machine } = await ask<{ machine: { at: string; rules: string; conntrack: string; none: null } }>(
      `machine(name: "node/n1"${at === null ? '' : `, at: "${at}"`}) { at rules: dump(file: "iptables-save.txt") conntrack: dump(file: "conntrack.txt") none: dump(file: "no.txt") }`,
    );
    expect(machine).toEqual({ at: at ?? (expect.stringMatching(/^\d+ms$/) as unknown), rules: textOf(files.content.get('out/nodes/n1/iptables-save.txt')), conntrack: textOf(files.content.get('out/nodes/n1/conntrack.txt')), none: null });
  });

  test('rules page by page, with what they counted and whose they are', async () => {
    type Page = { machine: { rules: { totalCount: string; pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { chain: string; number: number; text: string; packets: string; owner: { component: string; object: string } }[] } } };
    const fields = 'totalCount pageInfo { hasNextPage endCursor } nodes { chain number text packets owner { component object } }';
    const seen: Page['machine']['rules']['nodes'] = [];
    let after: string | null = null;
    for (;;) {
      const { machine }: Page = await ask<Page>(`machine(name: "node/n1") { rules(filter: {tool: "iptables", table: "nat", owner: "Service/default/dns"}, first: 2, after: $after) { ${fields} } }`, { after });
      seen.push(...machine.rules.nodes);
      expect(machine.rules.totalCount).toBe(machine.rules.pageInfo.hasNextPage ? machine.rules.totalCount : String(seen.length));
      if (!machine.rules.pageInfo.hasNextPage) break;
      after = machine.rules.pageInfo.endCursor;
    }
    expect(seen.find(({ chain }) => chain === 'KUBE-SERVICES')).toMatchObject({ packets: '2', owner: { component: 'kube-proxy', object: 'Service/default/dns' } });
    expect(new Set(seen.map(({ owner }) => owner.object))).toEqual(new Set(['Service/default/dns']));
  });

  test('entries and sysctls', async () => {
    const { machine } = await ask<{ machine: Record<string, unknown> }>(
      `machine(name: "node/n1", at: "60ms") { machine { name kind } conntrack(filter: {address: "10.96.0.10", port: 53}) { totalCount nodes { protocol original { source { ip port } destination { ip port } } reply { source { ip port } } replied text } } other: conntrack(filter: {address: "10.96.0.11"}) { totalCount } forwarding: sysctl(name: "net/ipv4/ip_forward") none: sysctl(name: "net.no.such") }`,
    );
    expect(machine).toMatchObject({
      machine: { name: 'node/n1', kind: 'node' },
      conntrack: { totalCount: '1', nodes: [{ protocol: 'udp', original: { source: { port: 1234 }, destination: { ip: '10.96.0.10', port: 53 } }, reply: { source: { port: 53 } } }] },
      other: { totalCount: '0' },
      forwarding: '1',
      none: null,
    });
  });

  test('there is none, or the question is wrong', async () => {
    expect(await ask('machine(name: "node/n9") { at }')).toEqual({ machine: null });
    const wrong = async (fields: string): Promise<unknown> => (await running.query(`query ($id: ID!) { simulation(id: $id) { ${fields} } }`, { id })).errors?.[0]?.extensions;
    expect(await wrong('machine(name: "node/n1") { rules(after: "x") { totalCount } }')).toMatchObject({ status: 400, code: 'InvalidCursor' });
    expect(await wrong('history(filter: {kind: ["colour"]}) { totalCount }')).toMatchObject({ status: 400, code: 'InvalidArgument' });
    expect(await wrong('machine(name: "node/n1", at: "soon") { at }')).toMatchObject({ status: 400 });
  });
});

describe('history', () => {
  test('what each event changed, with what stood before and after', async () => {
    const scenario = caseScenario(NAME);
    const run = (at: string, text: string): object => ({ at, node: 'n1', run: text });
    const events = [
      run('1ms', 'iptables -t nat -I KUBE-SERVICES 1 -d 10.96.0.99/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ'),
      run('2ms', 'sysctl -w net.ipv4.ip_forward=0; sysctl -w net.ipv4.ip_forward=0'),
      run('3ms', 'iptables -P FORWARD DROP; iptables -t nat -N MINE; iptables -t nat -A MINE -j RETURN; iptables -t nat -R MINE 1 -j ACCEPT; iptables -t nat -F MINE; iptables -t nat -X MINE'),
      run('4ms', 'ip route add 10.99.0.0/16 via 192.168.0.2; ip route del 10.99.0.0/16'),
      run('5ms', 'ipset create blocked hash:ip; ipset add blocked 10.0.0.1'),
      run('130ms', 'conntrack -D -p udp'),
      run('131ms', 'iptables -t nat -L -n > /dev/null; iptables -t nat -D KUBE-SERVICES 1'),
    ];
    const posted = await running.simulate(NAME, { scenario: { ...scenario, spec: { ...(scenario['spec'] as object), events } } });
    const history = async (filter: string): Promise<string[]> => {
      const { data, errors } = await running.query(`query ($id: ID!) { simulation(id: $id) { history(${filter}) { totalCount nodes { at machine kind ref before after event by { component object } } } } }`, { id: posted });
      expect(errors).toBeUndefined();
      const { nodes, totalCount } = (data as { simulation: { history: { totalCount: string; nodes: Record<string, string>[] } } }).simulation.history;
      expect(Number(totalCount)).toBe(nodes.length);
      return nodes.map(({ at, kind, before, after }) => `${at} ${kind}: ${before} => ${after}`.replace(/udp +17 \d+/, 'udp 17 SECONDS'));
    };
    const service = '-A KUBE-SERVICES -d 10.96.0.99/32 -p tcp -m comment --comment "shop/web:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ';
    const all = await history('first: 100');
    expect(all.filter((line) => !line.includes('conntrack-entry') && !/^4ms/.test(line))).toEqual([
      `1ms rule: null => ${service}`,
      // The kernel sets the key of every interface with it, and what a router must not accept
      expect.stringMatching(/^2ms sysctl: 0 => 1$/),
      ...Array.from({ length: 8 }, () => '2ms sysctl: 1 => 0'),
      '3ms policy: ACCEPT => DROP',
      '3ms chain: null => -N MINE',
      '3ms rule: null => -A MINE -j RETURN',
      '3ms rule: -A MINE -j RETURN => -A MINE -j ACCEPT',
      '3ms rule: -A MINE -j ACCEPT => null',
      '3ms chain: -N MINE => null',
      expect.stringMatching(/^5ms ipset: null => create blocked hash:ip/),
      '5ms ipset-entry: null => add blocked 10.0.0.1',
      `131ms rule: ${service} => null`,
    ]);
    expect(all.filter((line) => line.startsWith('4ms'))).toEqual([expect.stringMatching(/^4ms route: null => dst=10.99.0.0\/16 .*=> |dst=10.99.0.0\/16/), expect.stringMatching(/^4ms route: dst=10.99.0.0\/16.* => null$/)]);
    expect(all.filter((line) => line.includes('conntrack-entry'))).toEqual([expect.stringMatching(/^130ms conntrack-entry: ipv4 +2 udp .*sport=1234 .* => null$/)]);
    expect(await history('filter: {owner: "Service/shop/web:http"}')).toHaveLength(2);
    expect(await history('filter: {kind: ["rule"], chain: "MINE", at: {from: "3ms", to: "3ms"}}')).toHaveLength(3);
    expect(await history('filter: {name: "net.ipv4.ip_forward", machine: "node/n1"}')).toHaveLength(1);
    expect(await history('filter: {name: "net.ipv4.ip_forward", machine: "node/n2"}')).toEqual([]);
  });
});
