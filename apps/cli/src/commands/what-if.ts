import { formatWhatIf } from '@worldline/analysis';
import type { Suite } from '@worldline/analysis';
import { whatIf } from '@worldline/application';
import type { WhatIfOutcome } from '@worldline/application';
import { API_VERSION } from '@worldline/model';
import type { Command } from 'commander';
import { addDocumentOptions, writeDocuments } from '../documents.js';
import type { DocumentFiles } from '../documents.js';
import { EXIT_FAILED, EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import { Progress } from '../terminal.js';

interface WhatIfOptions extends DocumentFiles {
  readonly json?: boolean;
}

/** `worldline what-if BATCH` */
export function addWhatIf(program: Command, session: Session, end: (code: ExitCode) => void): void {
  const command = program
    .command('what-if')
    .description('run a base scenario and named variants of it, and check what is expected of each')
    .argument('<batch>', 'batch file')
    .option('--json', 'print the result as JSON')
    .action(async (batch: string, options: WhatIfOptions) => end(await run(batch, options, session)));
  addDocumentOptions(command);
}

async function run(path: string, options: WhatIfOptions, session: Session): Promise<ExitCode> {
  const { terminal, tools } = session;
  const progress = new Progress(terminal, 'simulating');
  const outcome = await whatIf(path, { ...tools, onProgress: progress.update });
  progress.end();
  if (outcome.value === null) return refuse(terminal, outcome.issues);
  const { name, base, variants, gate, isPassed } = outcome.value;
  await writeDocuments(suitesOf(path, outcome.value), options, { session, isUndecidedAllowed: !gate.failOn.includes('undecided') });
  if (options.json) terminal.write(`${JSON.stringify(documentOf(outcome.value))}\n`);
  else terminal.write(formatWhatIf({ name, base: base.report, variants }, paletteOf(terminal)));
  return isPassed ? EXIT_PASSED : EXIT_FAILED;
}

/** The base is no suite: that it is broken is why one asks. */
function suitesOf(file: string, { name, variants }: WhatIfOutcome): Suite[] {
  return variants.map((variant) => ({
    name: `${name}: ${variant.name}`,
    file,
    results: variant.report.expectations,
    issues: variant.report.coverage.issues,
    report: variant.report,
    tolerated: variant.report.expectations.map((one) => one.name).filter((one) => !variant.failures.includes(one)),
  }));
}

function documentOf({ name, base, variants, isPassed }: WhatIfOutcome): object {
  return {
    apiVersion: API_VERSION,
    kind: 'BatchReport',
    name,
    passed: isPassed,
    base: base.report,
    variants: variants.map((variant) => ({ name: variant.name, passed: variant.failures.length === 0, failures: variant.failures, comparison: variant.comparison, report: variant.report })),
  };
}
