import { formatReport, pcapFiles, reportJson } from '@worldline/analysis';
import { isPassed, runScenario } from '@worldline/application';
import type { Gate, Mode, PacketListing, RunRequest } from '@worldline/application';
import { Option } from 'commander';
import type { Command } from 'commander';
import { addDocumentOptions, writeDocuments } from '../documents.js';
import type { DocumentFiles } from '../documents.js';
import { EXIT_FAILED, EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import { Progress } from '../terminal.js';
import * as parse from './options.js';

interface RunOptions extends DocumentFiles {
  readonly snapshot?: string;
  readonly json?: boolean;
  readonly mode?: Mode;
  readonly seed?: number;
  readonly after?: string;
  readonly pcap?: string;
  readonly packets?: PacketListing;
  readonly hops?: 'all';
  readonly trails?: number | true;
  readonly stats?: string;
  readonly cache: boolean;
  readonly record?: 'none';
  readonly machines?: readonly string[];
  readonly allowUndecided?: boolean;
  readonly failOn?: 'error' | 'warning';
}

/** `worldline run SCENARIO` */
export function addRun(program: Command, session: Session, end: (code: ExitCode) => void): void {
  const command = program
    .command('run')
    .description('simulate a scenario and report what became of every packet')
    .argument('<scenario>', 'scenario file; - reads it from standard input')
    .option('--snapshot <bundle>', 'bundle to use instead of the one that the scenario names: a folder, .tar.gz or .zip')
    .option('--json', 'print the Report as JSON')
    .addOption(new Option('--mode <mode>', 'draw random choices from the seed, or follow every one with its probability').choices(['sample', 'explore']))
    .option('--seed <n>', 'seed of the run instead of the one in the scenario', parse.seed)
    .option('--after <dir>', 'write the final state of the machines as a bundle')
    .option('--pcap <dir>', 'write what each interface saw of the listed packets as pcap files')
    .addOption(new Option('--packets <which>', 'packets that the Report lists one by one (default: all, above 10000 failed)').choices(['all', 'failed', 'none']))
    .addOption(new Option('--hops <which>', 'write the hops of every packet, not only of the first of each path').choices(['all']))
    .option('--trails [most]', `with --json: every rule that the first packet of each path looked at, and which clause failed; of each step the first ${parse.TRAILS_DEFAULT}, or so many`, parse.count)
    .option('--stats <file>', 'write what the run cost as JSON')
    .option('--no-cache', 'run every rule for every packet')
    .addOption(new Option('--record <what>', 'do not record paths').choices(['none']))
    .option('--machines <names>', 'machines that --after writes, joined with commas', parse.machines)
    .option('--allow-undecided', 'an undecided expectation does not fail the run')
    .addOption(new Option('--fail-on <severity>', 'findings fail the run too').choices(['error', 'warning']))
    .action(async (scenario: string, options: RunOptions) => end(await run(scenario, options, session)));
  addDocumentOptions(command);
}

async function run(path: string, options: RunOptions, session: Session): Promise<ExitCode> {
  const { terminal, tools } = session;
  const progress = new Progress(terminal, 'simulating');
  const request: RunRequest = {
    scenario: path,
    hasAllHops: options.hops === 'all',
    isCached: options.cache,
    isRecording: options.record !== 'none',
    ...(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.mode === undefined ? {} : { mode: options.mode }),
    ...packetListing(options),
    ...(options.trails === undefined ? {} : { trails: options.trails === true ? parse.TRAILS_DEFAULT : options.trails }),
    ...(options.after === undefined ? {} : { after: options.after }),
    ...(options.machines === undefined ? {} : { machines: options.machines }),
  };
  const outcome = await runScenario(request, { ...tools, onProgress: progress.update });
  progress.end();
  if (outcome.value === null) return refuse(terminal, outcome.issues);

  const { report, scenario, stats } = outcome.value;
  const gate: Gate = { isUndecidedAllowed: options.allowUndecided ?? false, failOn: options.failOn ?? null };
  const suite = { name: scenario.name, file: path, results: report.expectations, issues: report.coverage.issues, report };
  await writeDocuments([suite], options, { session, isUndecidedAllowed: gate.isUndecidedAllowed });
  if (options.pcap !== undefined) await tools.files.writeTree(options.pcap, pcapFiles(report));
  if (options.stats !== undefined) await tools.files.writeFile(options.stats, `${JSON.stringify(stats, null, 2)}\n`);
  if (options.json) for (const piece of reportJson(report)) terminal.write(piece);
  else terminal.write(formatReport(report, { name: scenario.name, description: scenario.description, palette: paletteOf(terminal) }));
  return isPassed(report, gate) ? EXIT_PASSED : EXIT_FAILED;
}

/** A capture wants every packet, unless the user says otherwise. */
function packetListing({ packets, pcap }: RunOptions): { readonly packets?: PacketListing } {
  if (packets !== undefined) return { packets };
  return pcap === undefined ? {} : { packets: 'all' };
}
