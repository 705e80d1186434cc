import { formatProof } from '@worldline/analysis';
import { prove } from '@worldline/application';
import { NamespacedKernel, recorderFolder, whyNotProvable } from '@worldline/platform/real-kernel';
import type { Command } from 'commander';
import { EXIT_FAILED, EXIT_NOT_COMPLETED, EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import * as parse from './options.js';

interface ProveOptions {
  readonly snapshot?: string;
  readonly record?: string;
  readonly runs: number;
  readonly json?: boolean;
}

/** `worldline prove SCENARIO` */
export function addProve(program: Command, session: Session, end: (code: ExitCode) => void): void {
  program
    .command('prove')
    .description("play a scenario on this machine's own kernel (root, Linux), in network namespaces of its own, and compare with the prediction")
    .argument('<scenario>', 'scenario file')
    .option('--snapshot <bundle>', 'bundle to use instead of the one that the scenario names')
    .option('--record <dir>', 'keep the case: bundle, scenario, what was seen, state after')
    .option('--runs <n>', 'runs on the kernel that must agree', parse.seed, 2)
    .option('--json', 'print the comparison as JSON')
    .action(async (scenario: string, options: ProveOptions) => end(await run(scenario, options, session)));
}

async function run(scenario: string, options: ProveOptions, { terminal, tools, root }: Session): Promise<ExitCode> {
  const why = whyNotProvable();
  if (why !== null) {
    terminal.writeError(`worldline: ${why}\n`);
    return EXIT_NOT_COMPLETED;
  }
  const kernel = new NamespacedKernel(recorderFolder(root));
  try {
    const outcome = await prove({ scenario, runs: options.runs, ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }), ...(options.record === undefined ? {} : { record: options.record }) }, { ...tools, kernel });
    if (outcome.value === null) return refuse(terminal, outcome.issues);
    if (outcome.value.kind === 'impossible') {
      terminal.writeError(`worldline: ${scenario} cannot be proved: ${outcome.value.why}\n`);
      return EXIT_NOT_COMPLETED;
    }
    const { proof, observed, scenario: asked } = outcome.value.proved;
    if (options.json) terminal.write(`${JSON.stringify({ ...proof, kernel: observed.kernel, runs: observed.runs?.length }, null, 2)}\n`);
    else terminal.write(formatProof(proof, { name: asked.name, description: asked.description, kernel: observed.kernel, runs: observed.runs?.length ?? 0, palette: paletteOf(terminal) }));
    return proof.mismatches.length === 0 ? EXIT_PASSED : EXIT_FAILED;
  } finally {
    await kernel.close();
  }
}
