import { formatComparison } from '@worldline/analysis';
import { compareSides } from '@worldline/application';
import type { Command } from 'commander';
import { EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';

interface CompareOptions {
  readonly scenario?: string;
  readonly json?: boolean;
}

/** `worldline compare A B` */
export function addCompare(program: Command, session: Session, end: (code: ExitCode) => void): void {
  program
    .command('compare')
    .description('compare two reports, scenarios or bundles: what changed, and where paths first part')
    .argument('<baseline>', 'a Report as --json prints it, a scenario, or a bundle')
    .argument('<candidate>', 'likewise')
    .option('--scenario <file>', 'the traffic under which bundles are compared')
    .option('--json', 'print the comparison as JSON')
    .action(async (baseline: string, candidate: string, options: CompareOptions) => end(await compare(baseline, candidate, options, session)));
}

async function compare(baseline: string, candidate: string, options: CompareOptions, { terminal, tools }: Session): Promise<ExitCode> {
  const outcome = await compareSides({ baseline, candidate, ...(options.scenario === undefined ? {} : { scenario: options.scenario }) }, tools);
  if (outcome.value === null) return refuse(terminal, outcome.issues);
  terminal.write(options.json ? `${JSON.stringify(outcome.value)}\n` : formatComparison(outcome.value, paletteOf(terminal)));
  return EXIT_PASSED;
}
