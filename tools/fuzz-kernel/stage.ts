/** A drawn case on the kernel: what its tools print of it is the case that is proved. */
import { CannotBuild, MemoryFiles, loadScenario, redump } from '@worldline/application';
import type { ProveTools, RealKernel } from '@worldline/application';
import type { FuzzCase } from './case.js';

/** Files of a case by path: scenario.yaml, snapshot/... */
export type CaseFiles = ReadonlyMap<string, string>;

export interface Staged {
  readonly files: CaseFiles;
  /** Rules and commands that this kernel or its tools refused, with their words. */
  readonly refused: readonly string[];
}

const TRIES = 60;

export async function stageCase(drawn: FuzzCase, tools: ProveTools): Promise<Staged> {
  const refused: string[] = [];
  const given = new Map<string, string>([['scenario.yaml', drawn.scenario], ...[...drawn.tree].map(([path, text]) => [`snapshot/${path}`, text] as const)]);
  const loaded = await loadScenario('scenario.yaml', null, { files: filesOf(given), readers: tools.readers });
  if (loaded.value === null) throw new CannotBuild(`the drawn bundle is refused: ${loaded.issues[0]?.message}`);
  const dumped = await redump(loaded.value, (kernel) => finish(kernel, drawn, refused), tools);
  return { files: new Map([['scenario.yaml', drawn.scenario], ...[...dumped].map(([path, text]) => [`snapshot/${path}`, text] as const)]), refused };
}

export function filesOf(files: CaseFiles): MemoryFiles {
  return new MemoryFiles(Object.fromEntries(files));
}

async function finish(kernel: RealKernel, { setup, rules }: FuzzCase, refused: string[]): Promise<void> {
  for (const { stderr } of await kernel.run(setup)) for (const line of stderr.split('\n')) if (line.trim() !== '') refused.push(line.trim());
  for (const one of rules) await restore(kernel, one, refused);
}

/** Takes out the line that a tool refuses, and tries again. */
async function restore(kernel: RealKernel, { machine, tool, text }: FuzzCase['rules'][number], refused: string[]): Promise<void> {
  const lines = text.split('\n');
  for (let i = 0; i < TRIES; i++) {
    const [outcome] = await kernel.run([{ machine, command: tool, stdin: lines.join('\n') }]);
    if (!outcome || outcome.code === 0) return;
    const at = Number(/line:? (\d+)/i.exec(outcome.stderr)?.[1] ?? 0);
    const line = lines[at - 1];
    if (line === undefined || line === '' || line === 'COMMIT') {
      // an error of the whole transaction names the chain and not the line
      throw new CannotBuild(`${tool}: ${outcome.stderr.trim()}`);
    }
    refused.push(`${line}   (${outcome.stderr.trim().split('\n')[0]})`);
    lines[at - 1] = '';
  }
}
