// Takes each thing out in turn that keeps the cache of outcomes honest, and shows which test then fails: `npm run check:cache-invalidation [-- WORD]`.
//
// These are: every call by which the engine tells of an effect (effects.change, refuse, limit, refresh, count), wherever it stands in libs/kernel; and the checks of
// the cache itself, listed below. A mutant is bundled into a folder of its own; the sources stay as they are. One that no test notices is a failure.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const kernel = join(root, 'libs/kernel/src');
const CALL = /[\w.]*\beffects\.(change|refuse|limit|refresh|count)\([^;\n]*\)(?=;)/g;
const TIMEOUT_MS = 300_000;

/** What is taken out, and what then stands in its place. */
const CHECKS = [
  ['cache/outcome-cache.ts', 'a hit looks again after a flush', 'cells[at + CELL_LOOKED] !== this.cache.epoch && ', 'cells[at + CELL_LOOKED] === 0 && '],
  ['cache/outcome-cache.ts', 'a hit has an end', 'if (now >= cells[at + CELL_UNTIL] && !this.extend(connection, now)) return false;', ''],
  ['cache/outcome-cache.ts', 'a limit', 'Math.min(this.limits[connection], this.cells[at + CELL_LAST] + this.leases[connection])', 'this.cells[at + CELL_LAST] + this.leases[connection]'],
  ['cache/outcome-cache.ts', 'a lease', 'Math.min(this.limits[connection], this.cells[at + CELL_LAST] + this.leases[connection])', 'this.limits[connection]'],
  ['cache/outcome-cache.ts', 'what cannot be repeated is not kept', 'this.effects.unwatch() && ', '(this.effects.unwatch() || true) && '],
  ['cache/outcome-cache.ts', 'a question that is not over is not kept', ' && path >= 0', ''],
  ['cache/outcome-cache.ts', 'an outcome is banked before it is replaced', '    this.bank(lines, connection);\n    lines.outcomes[connection] = this.outcomeOf', '    lines.outcomes[connection] = this.outcomeOf'],
  ['cache/outcome-cache.ts', 'an outcome is banked before it is given up', '      this.bank(lines, connection);\n      lines.outcomes[connection] = -1;', '      lines.outcomes[connection] = -1;'],
  ['cache/outcome-cache.ts', 'the generation', 'lines.generations[connection] === this.effects.generation', 'true'],
  ['cache/outcome-cache.ts', 'versions', 'this.owners[this.touches[t]].versionOf(this.touches[t + 1]) === this.touches[t + 3]', 'true'],
  ['cache/outcome-cache.ts', 'an epoch begins with a flush', 'this.epoch++;', ''],
  ['cache/outcome-cache.ts', 'a flush refreshes', 'owners[touches[t]].repeat(', 'void ('],
  ['cache/outcome-cache.ts', 'a flush begins to count again', '      lines.cells[at + CELL_HITS] = 0;\n', ''],
  ['cache/outcome-cache.ts', 'settling counts', '  settle(): void {\n    this.flush();', '  settle(): void {\n    if (this.packets >= 0) return;\n    this.flush();'],
  ['cache/outcome-cache.ts', 'settling begins to count again', '      outcome.hits = 0;\n', ''],
  ['conntrack/conntrack-state.ts', 'an entry that changes has another version', 'this.table.versions[entry]++;', ''],
  ['conntrack/conntrack-state.ts', 'only the last packet of an entry counts', 'if (((end - this.table.words[at]) | 0) > 0) ', ''],
  ['run/run-state.ts', 'a question that waits is not over', 'tally.sent === sentBefore + 1', 'true'],
  ['run/run-state.ts', 'events end a round of hits', 'timeline.eventAt(), timers', 'Infinity, timers'],
  ['run/run-state.ts', 'timers of sockets end a round of hits', 'timers.nextAt()), network', 'Infinity), network'],
  ['run/run-state.ts', 'timers of machines end a round of hits', 'timers.nextAt()), network.nextTimer())', 'timers.nextAt()), Infinity)'],
  ['run/run-state.ts', 'what was held up is sent late', ' && timeline.packetAt() >= environment.now', ''],
  ['run/run-state.ts', 'the run has an end', 'Math.min(others, (plan.duration ?? Infinity) + 1)', 'others'],
  ['run/run-state.ts', 'hits are refreshed before anything runs', '    outcomes.flush();\n', ''],
  ['run/run-state.ts', 'hits are settled before an event', 'this.outcomes?.settle();\n    this.events', 'this.events'],
  ['run/run-state.ts', 'hits are settled at the end', '    this.outcomes?.settle();\n    const', '    const'],
  ['run/run-state.ts', 'only datagrams of UDP come again', ' && flow.protocol === PROTOCOL_UDP', ''],
  ['run/timeline.ts', 'flows take turns', 'cursor.repeat(known, Math.min(limit, turn))', 'cursor.repeat(known, limit)'],
];

const word = process.argv[2] ?? '';
const mutants = [...calls(), ...checks()].filter(({ name }) => name.includes(word));
let unnoticed = 0;
const folder = mkdtempSync(join(tmpdir(), 'worldline-mutants-'));
try {
  const plain = await noticedBy(null);
  if (plain !== null) throw new Error(`with nothing taken out, this fails already: ${plain}`);
  for (const mutant of mutants) {
    const test = await noticedBy(mutant);
    if (test === null) unnoticed++;
    process.stdout.write(`${mutant.name.padEnd(90)} ${test ?? 'NO TEST NOTICES'}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(`${mutants.length} taken out, ${unnoticed} of them unnoticed\n`);
process.exitCode = unnoticed === 0 && mutants.length > 0 ? 0 : 1;

/** Each call in a file of the kernel library, as a mutant without it. */
function calls() {
  const paths = readdirSync(kernel, { recursive: true }).filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && path !== 'record/effects.ts');
  return paths.sort().flatMap((path) => {
    const text = readFileSync(join(kernel, path), 'utf8');
    return [...text.matchAll(CALL)].map(({ index, 0: call, 1: verb }) => ({
      name: `${path}:${text.slice(0, index).split('\n').length} effects.${verb}`,
      file: join(kernel, path),
      text: `${text.slice(0, index)}void 0${text.slice(index + call.length)}`,
    }));
  });
}

function checks() {
  return CHECKS.map(([path, what, out, into]) => {
    const text = readFileSync(join(kernel, path), 'utf8');
    if (text.split(out).length !== 2) throw new Error(`${path}: '${out}' does not stand there once`);
    return { name: `${path}: ${what}`, file: join(kernel, path), text: text.replace(out, () => into) };
  });
}

/** The test that notices a mutant; a run that crashes or does not end is noticed too. */
async function noticedBy(mutant) {
  const bundle = await rolldown({
    input: join(root, 'tools/cache/notice.ts'),
    platform: 'node',
    resolve: { conditionNames: ['@worldline/source', 'node', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [{ name: 'mutant', load: (id) => (mutant !== null && id === mutant.file ? { code: mutant.text, moduleType: 'ts' } : null) }],
  });
  const file = join(folder, 'mutant.mjs');
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
  const call = `import { main } from './mutant.mjs';\nprocess.stdout.write(JSON.stringify(await main()));\n`;
  writeFileSync(join(folder, 'run.mjs'), call);
  const { status, stdout } = spawnSync(process.execPath, [join(folder, 'run.mjs')], { encoding: 'utf8', timeout: TIMEOUT_MS });
  return status === 0 ? JSON.parse(stdout) : 'it does not end';
}
