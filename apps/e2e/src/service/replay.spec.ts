/** What a stored simulation leaves, byte for byte as the command line writes it; the service goes on answering meanwhile. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../testing/client.js';
import { REPOSITORY, startStack } from '../testing/stack.js';
import type { Stack } from '../testing/stack.js';

const CASE = 'udp-blackhole';
let stack: Stack;
let client: Client;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-replay-'));
  stack = await startStack();
  client = new Client(stack.url);
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function filesIn(root: string): Record<string, string> {
  const paths = (readdirSync(root, { recursive: true }) as string[]).filter((path) => statSync(join(root, path)).isFile());
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(root, path)).toString('base64')]));
}

async function stored(): Promise<{ readonly id: string; readonly links: Readonly<Record<'after' | 'pcap', string>> }> {
  const { items } = (await client.ask('GET', '/simulations')).body as { items: { id: string; name: string; links: Record<'after' | 'pcap', string> }[] };
  return items.find(({ name }) => name === CASE) as (typeof items)[number];
}

test.each(['after', 'pcap'] as const)('%s is what the command line writes', async (what) => {
  const { links } = await stored();
  const [written, given] = [join(folder, `${what}-written`), join(folder, `${what}-given`)];
  execFileSync(process.execPath, [join(REPOSITORY, 'apps/cli/bin/worldline.mjs'), 'run', join(REPOSITORY, 'scenarios', CASE, 'scenario.yaml'), `--${what}`, written], { stdio: 'ignore' });
  const answer = await fetch(`${stack.url}${links[what]}`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/gzip']);
  mkdirSync(given);
  writeFileSync(join(folder, `${what}.tar.gz`), Buffer.from(await answer.arrayBuffer()));
  execFileSync('tar', ['-xzf', join(folder, `${what}.tar.gz`), '-C', given]);
  expect(filesIn(given)).toEqual(filesIn(written));
});

test('trails, the state at a moment, and history come from the thread that runs it again', async () => {
  const { id } = await stored();
  const asked = client.query(`{ simulation(id: "${id}") {
    machine(name: "node/n1", at: "60ms") { at conntrack { totalCount } rules(first: 1, filter: {owner: "kube-proxy"}) { nodes { owner { component } } } }
    history { totalCount nodes { kind event } }
    paths(first: 1) { nodes { hops { steps(all: true) { ... on FilterStep { lookedAt trail { matched failedClause } } } } } }
  } }`);
  expect((await client.ask('GET', '/health/live')).status).toBe(200);
  const { simulation } = (await asked) as { simulation: { machine: unknown; history: { totalCount: string }; paths: { nodes: { hops: { steps: { lookedAt?: number; trail?: unknown[] }[] }[] }[] } } };
  expect(simulation.machine).toMatchObject({ at: '60ms', conntrack: { totalCount: '1' }, rules: { nodes: [{ owner: { component: 'kube-proxy' } }] } });
  expect(Number(simulation.history.totalCount)).toBeGreaterThan(0);
  const steps = simulation.paths.nodes.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps)).filter(({ trail }) => trail !== undefined);
  expect(steps.map(({ trail }) => trail?.length)).toEqual(steps.map(({ lookedAt }) => lookedAt));
});
