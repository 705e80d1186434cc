import { formatTrace, reportJson } from '@worldline/analysis';
import { traceOne } from '@worldline/application';
import type { FlowProtocol } from '@worldline/model';
import { Option } from 'commander';
import type { Command } from 'commander';
import { EXIT_PASSED } from '../exit-code.js';
import type { ExitCode } from '../exit-code.js';
import { paletteOf } from '../palette.js';
import { refuse } from '../session.js';
import type { Session } from '../session.js';
import { Progress } from '../terminal.js';
import * as parse from './options.js';

interface TraceOptions {
  readonly snapshot: string;
  readonly from: string;
  readonly to: string;
  readonly protocol: FlowProtocol;
  readonly source?: string;
  readonly seed?: number;
  readonly json?: boolean;
  readonly trails?: number;
}

/** `worldline trace` */
export function addTrace(program: Command, session: Session, end: (code: ExitCode) => void): void {
  program
    .command('trace')
    .description('follow one packet through a snapshot: every branch with its probability, rule by rule')
    .requiredOption('--snapshot <bundle>', 'bundle: a folder, .tar.gz or .zip')
    .requiredOption('--from <machine>', 'who sends: pod/NAMESPACE/NAME, node/NAME, external/NAME, or a workload')
    .requiredOption('--to <target>', 'IP:PORT, [v6]:PORT, or REF:PORT such as service/NAMESPACE/NAME:PORT')
    .addOption(new Option('--protocol <protocol>', 'tcp is a connection with a small echo').choices(['tcp', 'udp', 'icmp', 'icmpv6', 'sctp']).default('tcp'))
    .option('--source <ip:port>', 'source address, port or both; default: as the kernel would choose')
    .option('--seed <n>', 'seed for the ports that are drawn', parse.seed)
    .option('--trails <most>', `rules that are told of one step (default: ${parse.TRAILS_DEFAULT})`, parse.count)
    .option('--json', 'print the Report as JSON')
    .action(async (options: TraceOptions) => end(await trace(options, session)));
}

async function trace(options: TraceOptions, { terminal, tools }: Session): Promise<ExitCode> {
  const { snapshot, from, to, protocol, source, seed, trails = parse.TRAILS_DEFAULT } = options;
  const progress = new Progress(terminal, 'tracing');
  const outcome = await traceOne(
    { snapshot, from, to, protocol, trails, ...(source === undefined ? {} : { source }), ...(seed === undefined ? {} : { seed }) },
    { ...tools, onProgress: progress.update },
  );
  progress.end();
  if (outcome.value === null) return refuse(terminal, outcome.issues);
  if (options.json) for (const piece of reportJson(outcome.value)) terminal.write(piece);
  else terminal.write(formatTrace(outcome.value, paletteOf(terminal)));
  return EXIT_PASSED;
}
