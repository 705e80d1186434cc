import { formatComparison } from '@worldline/analysis';
import { compareSides } from '@worldline/application';
import type { Command } from 'commander';
import { storedAt } from '../adapters/index.js';
import { EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import * as parse from './options.js';

interface CompareOptions {
  readonly scenario?: string;
  readonly service?: string;
  readonly json?: boolean;
}

/** `worldline compare A B` */
export function addCompare(program: Command, session: Session, end: (code: ExitCode) => void): void {
  program
    .command('compare')
    .description('compare two reports, scenarios, bundles or stored simulations: what changed, and where paths first part')
    .argument('<baseline>', 'a Report as --json prints it, a scenario, a bundle, or with --service the id of a simulation')
    .argument('<candidate>', 'likewise')
    .option('--scenario <file>', 'the traffic under which bundles are compared')
    .option('--service <url>', 'where stored simulations are, whose ids may stand for baseline and candidate', parse.serviceUrl)
    .option('--json', 'print the comparison as JSON')
    .action(async (baseline: string, candidate: string, options: CompareOptions) => end(await compare(baseline, candidate, options, session)));
}

async function compare(baseline: string, candidate: string, options: CompareOptions, { terminal, tools }: Session): Promise<ExitCode> {
  const outcome = await compareSides({ baseline, candidate, ...(options.scenario === undefined ? {} : { scenario: options.scenario }) }, { ...tools, ...storedAt(options.service) });
  if (outcome.value === null) return refuse(terminal, outcome.issues);
  terminal.write(options.json ? `${JSON.stringify(outcome.value)}\n` : formatComparison(outcome.value, paletteOf(terminal)));
  return EXIT_PASSED;
}
