import { junit, markdown, sarif } from '@worldline/analysis';
import type { Suite } from '@worldline/analysis';
import type { Command } from 'commander';
import type { Session } from './session.js';

/** Files for build servers and reviews. */
export interface DocumentFiles {
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
}

export function addDocumentOptions(command: Command): void {
  command
    .option('--junit <file>', 'write the expectations as JUnit XML')
    .option('--sarif <file>', 'write what failed as SARIF')
    .option('--markdown <file>', 'write a summary as Markdown');
}

export async function writeDocuments(suites: readonly Suite[], wanted: DocumentFiles, options: { session: Session; isUndecidedAllowed: boolean }): Promise<void> {
  const { session, isUndecidedAllowed } = options;
  const { files } = session.tools;
  if (wanted.junit !== undefined) await files.writeFile(wanted.junit, junit(suites, { isUndecidedAllowed }));
  if (wanted.sarif !== undefined) await files.writeFile(wanted.sarif, sarif(suites, { isUndecidedAllowed, version: session.version }));
  if (wanted.markdown !== undefined) await files.writeFile(wanted.markdown, markdown(suites));
}
