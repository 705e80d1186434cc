import { formatWhatIf } from '@worldline/analysis';
import { suitesOf, whatIf } from '@worldline/application';
import type { WhatIfOutcome } from '@worldline/application';
import { API_VERSION } from '@worldline/model';
import type { Command } from 'commander';
import { storedAt } from '../adapters/index.js';
import { addDocumentOptions, writeDocuments } from '../documents.js';
import type { DocumentFiles } from '../documents.js';
import { EXIT_FAILED, EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import { Progress } from '../terminal.js';
import * as parse from './options.js';

interface WhatIfOptions extends DocumentFiles {
  readonly service?: string;
  readonly json?: boolean;
}

/** `worldline what-if BATCH` */
export function addWhatIf(program: Command, session: Session, end: (code: ExitCode) => void): void {
  const command = program
    .command('what-if')
    .description('run a base scenario and named variants of it, and check what is expected of each')
    .argument('<batch>', 'batch file')
    .option('--service <url>', 'where the stored simulation is that the batch takes as its base', parse.serviceUrl)
    .option('--json', 'print the result as JSON')
    .action(async (batch: string, options: WhatIfOptions) => end(await run(batch, options, session)));
  addDocumentOptions(command);
}

async function run(path: string, options: WhatIfOptions, session: Session): Promise<ExitCode> {
  const { terminal, tools } = session;
  const progress = new Progress(terminal, 'simulating');
  const outcome = await whatIf(path, { ...tools, ...storedAt(options.service), onProgress: progress.update });
  progress.end();
  if (outcome.value === null) return refuse(terminal, outcome.issues);
  const { name, base, variants, gate, isPassed } = outcome.value;
  await writeDocuments(suitesOf(outcome.value, path), options, { session, isUndecidedAllowed: !gate.failOn.includes('undecided') });
  if (options.json) terminal.write(`${JSON.stringify(documentOf(outcome.value))}\n`);
  else terminal.write(formatWhatIf({ name, base, variants }, paletteOf(terminal)));
  return isPassed ? EXIT_PASSED : EXIT_FAILED;
}

function documentOf({ name, base, variants, isPassed }: WhatIfOutcome): object {
  return {
    apiVersion: API_VERSION,
    kind: 'BatchReport',
    name,
    passed: isPassed,
    base: base.report,
    ...(base.matrix === null ? {} : { baseMatrix: base.matrix }),
    variants: variants.map((variant) => ({ name: variant.name, passed: variant.failures.length === 0, failures: variant.failures, comparison: variant.comparison, report: variant.report, ...(variant.matrix === null ? {} : { matrix: variant.matrix }) })),
  };
}
