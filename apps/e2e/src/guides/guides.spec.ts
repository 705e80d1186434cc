/**
 * Every command and query of docs/guides/, run as a reader runs it beside `npm start`, gives what the guide shows.
 * UPDATE_GOLDENS=1 writes into the guides what is seen now; read the difference before you commit it.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { Client } from '../testing/client.js';
import { legibleJson, masked, picturesOf, stepsOf } from '../testing/guide.js';
import type { GuideStep } from '../testing/guide.js';
import { REPOSITORY, startStack } from '../testing/stack.js';
import type { Stack } from '../testing/stack.js';

const GUIDES = join(REPOSITORY, 'docs/guides');
const NAMES = readdirSync(GUIDES).filter((name) => name.endsWith('.md'));
const isUpdating = process.env['UPDATE_GOLDENS'] === '1';

let stack: Stack;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-guides-'));
  stack = await startStack();
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(NAMES)('%s', (name) => {
  const path = join(GUIDES, name);
  const steps = stepsOf(readFileSync(path, 'utf8'));
  const seen: string[] = [];

  test.each(steps.map((step) => [`${step.kind} in line ${step.line}`, step] as const))('%s', async (_, step) => {
    const output = step.kind === 'sh' ? await typed(step.text) : legibleJson(await new Client(stack.url).query(step.text));
    seen.push(output);
    if (step.shown === null) expect(output).toBe('');
    else if (!isUpdating) expect(meantBy(step, output)).toEqual(meantBy(step, step.shown.text));
  });

  test('shows pictures that are there, and a command of every kind', () => {
    const guide = readFileSync(path, 'utf8');
    const pictures = picturesOf(guide);
    expect(pictures.filter((picture) => !existsSync(join(GUIDES, picture)))).toEqual([]);
    expect(pictures.length).toBeGreaterThan(0);
    for (const word of ['/snapshots', '/simulations', 'worldline run', 'worldline trace', 'worldline compare']) expect(steps.some(({ text }) => text.includes(word)) && word).toBe(word);
    expect(steps.some(({ kind }) => kind === 'graphql')).toBe(true);
  });

  if (isUpdating) afterAll(() => writeFileSync(path, updated(readFileSync(path, 'utf8'), steps, seen)));
});

/** Standard output; what stands on standard error, or a failure that the guide does not show, is none of the guide's. */
async function typed(text: string): Promise<string> {
  const command = text.replaceAll('http://localhost:8080', stack.url).replaceAll('/tmp/', `${folder}/`);
  const { stdout } = await promisify(execFile)('/bin/sh', ['-euc', command], { cwd: REPOSITORY, maxBuffer: 1e8, env: { ...process.env, NO_COLOR: '1' } });
  return stdout;
}

/** JSON is compared by what it says, everything by what does not differ from run to run. */
function meantBy({ shown }: GuideStep, output: string): unknown {
  const text = masked(output).trimEnd();
  return shown?.kind === 'json' && text !== '' ? (JSON.parse(text) as unknown) : text;
}

function updated(guide: string, steps: readonly GuideStep[], seen: readonly string[]): string {
  let text = guide;
  for (const [i, { shown }] of [...steps.entries()].reverse()) {
    const output = seen[i];
    if (shown === null || output === undefined || isDeepStrictEqual(meantBy(steps[i] as GuideStep, output), meantBy(steps[i] as GuideStep, shown.text))) continue;
    const written = shown.kind === 'json' ? legibleJson(JSON.parse(output)) : output.trimEnd();
    text = `${text.slice(0, shown.start)}${written}\n${text.slice(shown.end)}`;
  }
  return text;
}
