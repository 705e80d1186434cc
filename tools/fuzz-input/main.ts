/**
 * `npm run fuzz:input -- [--seed N] [--count M] [--keep DIR]`: spoils real bundles and scenarios, loads and runs each in a thread under a
 * limit of time and memory, makes what fails smaller, and says what became of all of them. The exit code is 1 when something failed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker, isMainThread } from 'node:worker_threads';
import { readCorpus } from './corpus';
import { FAULTS, type Verdict } from './judge';
import { mutated } from './mutate';
import { plansOf, type Plan } from './plan';
import { answerPlans } from './worker';

const SECONDS_EACH = 20;
const MEGABYTES_EACH = 768;
const FAILURES_SHOWN = 40;

// The threads run this very file
if (!isMainThread) answerPlans();

interface Answer extends Verdict {
  readonly name: string;
}

export async function main(args: readonly string[], root: string): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '1000' }, keep: { type: 'string' } } });
  const seed = Number(values.seed);
  const count = Number(values.count);
  if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1) {
    process.stderr.write('fuzz:input: --seed and --count take whole numbers\n');
    return 2;
  }
  const bench = new Bench(root);
  const totals = new Map<string, number>();
  const failures = new Map<string, { readonly seed: number; readonly plan: Plan; readonly answer: Answer; count: number }>();
  let done = 0;
  for (const { seed: own, plan } of plansOf(seed, count)) {
    const answer = await bench.judge(plan);
    totals.set(answer.outcome, (totals.get(answer.outcome) ?? 0) + 1);
    if (FAULTS.includes(answer.outcome)) {
      const known = failures.get(signature(answer));
      if (known) known.count++;
      else failures.set(signature(answer), { seed: own, plan: await bench.shrink(plan, signature(answer)), answer, count: 1 });
    }
    if (++done % 500 === 0) process.stderr.write(`${done} of ${count}, ${failures.size} kinds of failure\n`);
  }
  await bench.end();
  process.stdout.write(`${count} cases from seed ${seed} (each alone: --seed N --count 1): ${[...totals].sort().map(([outcome, n]) => `${n} ${outcome}`).join(', ')}\n`);
  for (const { seed: own, plan, answer, count: times } of [...failures.values()].slice(0, FAILURES_SHOWN)) {
    process.stdout.write(`\n${answer.outcome} (${times} times, first with seed ${own}) in ${answer.name}\n${answer.text}\n${JSON.stringify(plan.steps)}\n`);
    if (values.keep !== undefined) keep(join(values.keep, String(own)), mutated(readCorpus(root), plan).files);
  }
  return failures.size === 0 ? 0 : 1;
}

/** Failures of one cause: the same place of the program, or the same words without numbers. */
function signature({ outcome, text }: Answer): string {
  if (outcome === 'crash') return `${outcome} ${text.split('\n').slice(0, 2).join(' ').replace(/\d+/g, '#')}`;
  return `${outcome} ${text.split(' ')[0] ?? ''}`;
}

function keep(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

/** One thread after the other: one that hangs or takes too much is ended. */
class Bench {
  private thread: Worker | null = null;

  constructor(private readonly root: string) {}

  judge(plan: Plan): Promise<Answer> {
    const thread = (this.thread ??= new Worker(new URL(import.meta.url), { workerData: { root: this.root }, resourceLimits: { maxOldGenerationSizeMb: MEGABYTES_EACH } }));
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearTimeout(watchdog);
        thread.off('message', end);
        thread.off('error', fail);
        if (FAULTS.includes(answer.outcome)) {
          this.thread = null;
          void thread.terminate();
        }
        resolve(answer);
      };
      const fail = (error: NodeJS.ErrnoException): void => end({ name: '', outcome: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', text: error.stack ?? error.message });
      const watchdog = setTimeout(() => end({ name: '', outcome: 'hang', text: `more than ${SECONDS_EACH} s` }), SECONDS_EACH * 1000);
      thread.on('message', end);
      thread.on('error', fail);
      thread.postMessage(plan);
    });
  }

  /** Leaves out steps as long as the failure stays. */
  async shrink(plan: Plan, wanted: string): Promise<Plan> {
    let smallest = plan;
    for (let i = plan.steps.length - 1; i >= 0 && smallest.steps.length > 1; i--) {
      const fewer = { ...smallest, steps: smallest.steps.filter((_, s) => s !== i) };
      if (signature(await this.judge(fewer)) === wanted) smallest = fewer;
    }
    return smallest;
  }

  async end(): Promise<void> {
    await this.thread?.terminate();
  }
}
