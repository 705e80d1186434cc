import { MemoryFiles, NO_METER } from '@worldline/application';
import type { Tools } from '@worldline/application';
import { flow, flowSpec, lostPacket, packet, scenario, snapshot, expectation } from '@worldline/testkit';
import { carryOut } from './program.js';
import type { Session } from './session.js';

/** The command line on an engine that loses every packet of flows whose name begins with `lost`. */
function sessionOf(): { session: Session; out: () => string; err: () => string; files: MemoryFiles } {
  const written = { out: '', err: '' };
  const files = new MemoryFiles({ 's.yaml': 'good', 'bad.yaml': 'bad', 'lost.yaml': 'lost', 'snapshot/cluster.yaml': '' });
  const tools: Tools = {
    files,
    readers: {
      bundle: () => ({ value: snapshot([{ kind: 'Pod', metadata: { name: 'a', namespace: 'default' }, status: { podIP: '10.0.0.1' } }]), issues: [] }),
      scenario: (text) =>
        text === 'bad'
          ? { value: null, issues: [{ code: 'UnknownWord', severity: 'error', message: "unknown word 'prot'", file: 'bad.yaml', line: 7, column: 5, word: 'prot' }] }
          : { value: scenario({ name: text, flows: [flowSpec({ name: text })], expect: [expectation({ name: 'all', flow: '*', reply: true })] }), issues: [] },
      batch: () => ({ value: null, issues: [] }),
      stdinFiles: () => [],
    },
    engine: {
      version: '0.1.0',
      compile: () => ({
        issues: [],
        rules: { modelled: 0, approximated: 0, unknown: 0 },
        links: () => [],
        run: (given) => ({
          flows: given.flows.map(({ name }) => flow(name, [name === 'lost' ? lostPacket('NoRoute', 'node/n1') : packet()])),
          origins: [],
          issues: [],
          figures: { packets: 1, newFlows: 1, evaluated: 1, cacheHits: 0, conntrackEntries: 0, conntrackBytes: 0, programBytes: 0 },
          machines: [],
          endedAt: 0,
          history: [],
          isChanged: () => false,
          dump: () => new Map(),
        }),
      }),
    },
    hash: () => 'hash',
    meter: NO_METER,
  };
  const terminal = {
    isColoured: false,
    isWatched: false,
    write: (text: string) => void (written.out += text),
    writeError: (text: string) => void (written.err += text),
  };
  return { session: { terminal, tools, version: '1.2.3', root: '/nowhere' }, out: () => written.out, err: () => written.err, files };
}

test.each([
  { name: 'all hold', args: 'run s.yaml', code: 0, out: '✓ good', err: '' },
  { name: 'one fails', args: 'run lost.yaml', code: 1, out: 'NoRoute at node/n1', err: '' },
  { name: 'json', args: 'run s.yaml --json', code: 0, out: '"kind":"Report"', err: '' },
  { name: 'broken scenario', args: 'run bad.yaml', code: 2, out: '', err: "bad.yaml:7:5: unknown word 'prot'\n" },
  { name: 'missing scenario', args: 'run none.yaml', code: 2, out: '', err: 'none.yaml: no such file or folder\n' },
  { name: 'no scenario', args: 'run', code: 2, out: '', err: "missing required argument 'scenario'" },
  { name: 'unknown option', args: 'run s.yaml --frob', code: 2, out: '', err: "unknown option '--frob'" },
  { name: 'wrong mode', args: 'run s.yaml --mode guess', code: 2, out: '', err: 'Allowed choices are sample, explore' },
  { name: 'wrong seed', args: 'run s.yaml --seed -1', code: 2, out: '', err: 'a seed is a whole number' },
  { name: 'wrong machine', args: 'run s.yaml --machines n1', code: 2, out: '', err: "not 'n1'" },
  { name: 'unknown command', args: 'frob', code: 2, out: '', err: "unknown command 'frob'" },
  { name: 'a later command', args: 'capture -o x', code: 2, out: '', err: "worldline: this version has no 'capture' command\n" },
  { name: 'no command', args: '', code: 2, out: '', err: 'Usage: worldline' },
  { name: 'help', args: '--help', code: 0, out: 'Usage: worldline', err: '' },
  { name: 'help of a command', args: 'run --help', code: 0, out: '--after <dir>', err: '' },
  { name: 'version', args: '--version', code: 0, out: '1.2.3\n', err: '' },
  { name: 'trace', args: 'trace --snapshot snapshot --from pod/default/a --to 10.0.0.9:80', code: 0, out: '1 branch', err: '' },
  { name: 'trace to nowhere', args: 'trace --snapshot snapshot --from pod/default/a --to nowhere', code: 2, out: '', err: "--to: 'nowhere' is neither an address nor a place" },
  { name: 'compare', args: 'compare s.yaml lost.yaml', code: 0, out: 'Only in the candidate', err: '' },
])('$name: exit code $code', async ({ args, code, out, err }) => {
  const { session, out: written, err: said } = sessionOf();
  expect(await carryOut(args.split(' ').filter((word) => word !== ''), session)).toBe(code);
  if (out === '') expect(written()).toBe('');
  else expect(written()).toContain(out);
  if (err === '') expect(said()).toBe('');
  else expect(said()).toContain(err);
});

test('documents and figures are written where they are asked for', async () => {
  const { session, files } = sessionOf();
  await carryOut('run s.yaml --junit j.xml --sarif s.sarif --markdown m.md --stats stats.json'.split(' '), session);
  const text = async (path: string): Promise<string | null> => (await files.readText(path)).value;
  expect(await text('j.xml')).toContain('<testcase name="all"');
  expect(JSON.parse((await text('s.sarif')) ?? '').version).toBe('2.1.0');
  expect(await text('m.md')).toContain('All 1 expectations hold.');
  expect(JSON.parse((await text('stats.json')) ?? '')).toMatchObject({ load: { cpuMs: 0, wallMs: 0 }, packets: 1, peakRssMiB: 0 });
});
