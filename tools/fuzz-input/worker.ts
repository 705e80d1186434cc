/** Judges plans, one at a time, in a thread that may be ended from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus';
import { judge } from './judge';
import { mutated } from './mutate';
import type { Plan } from './plan';

export function answerPlans(): void {
  const corpus = readCorpus((workerData as { readonly root: string }).root);
  parentPort?.on('message', (plan: Plan) => {
    const { name, files } = mutated(corpus, plan);
    void judge(files).then((verdict) => parentPort?.postMessage({ name, ...verdict }));
  });
}
