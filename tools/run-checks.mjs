// Runs the named checks one after the other, all of them even when one fails, and ends with a line of its own:
// `N passed, N failed`. Each test counts once; lint and types count as one check each.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { resolve } = createRequire(import.meta.url);

const CHECKS = {
  lint: () => runTool('nx/dist/bin/nx.js', ['run-many', '-t', 'lint', '--outputStyle=static']),
  types: () => runTool('nx/dist/bin/nx.js', ['run-many', '-t', 'typecheck', '--outputStyle=static']),
  tests: runTests,
};

const asked = process.argv.slice(2);
const names = Object.keys(CHECKS).filter((name) => asked.includes(name));
if (names.length === 0 || names.length < new Set(asked).size) {
  process.stderr.write(`usage: run-checks.mjs ${Object.keys(CHECKS).join('|')}...\n`);
  process.exit(2);
}

const totals = { passed: 0, failed: 0 };
for (const name of names) {
  const { passed, failed } = CHECKS[name]();
  totals.passed += passed;
  totals.failed += failed;
  if (failed > 0) process.stdout.write(`\n${name}: ${failed} failed\n`);
}
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

function runTool(bin, args) {
  const isOk = run(bin, args);
  return { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1 };
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'worldline-tests-'));
  const totalsFile = join(folder, 'totals.json');
  try {
    const isOk = run('jest/bin/jest.js', [], { WORLDLINE_TEST_TOTALS: totalsFile });
    const { passed, failed } = readTotals(totalsFile);
    return { passed, failed: isOk ? failed : Math.max(failed, 1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Jest may have ended before it could count. */
function readTotals(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}

function run(bin, args, env = {}) {
  const script = join(dirname(resolve(`${bin.split('/')[0]}/package.json`)), bin.slice(bin.indexOf('/')));
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', ...env },
  });
  return status === 0;
}
