/** One run of the command line on one core, and what it says it cost. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface EngineStats {
  readonly load: { readonly cpuMs: number };
  readonly compile: { readonly cpuMs: number };
  readonly run: { readonly cpuMs: number };
  readonly packets: number;
  readonly evaluated: number;
  readonly cacheHits: number;
  readonly conntrackEntries: number;
  readonly conntrackBytes: number;
  readonly programBytes: number;
  readonly events: readonly { readonly at: number; readonly cpuMs: number }[];
}

export class Engine {
  constructor(
    private readonly root: string,
    private readonly work: string,
    private readonly cpu: number,
  ) {}

  run(scenario: string, options: readonly string[]): EngineStats {
    const stats = join(this.work, 'stats.json');
    rmSync(stats, { force: true });
    const command = [process.execPath, join(this.root, 'apps/cli/bin/worldline.mjs'), 'run', scenario, '--packets', 'none', '--stats', stats, ...options];
    const [program = '', ...args] = onCore(this.cpu, command);
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
    // 1: an expectation failed; there is none that may
    if (status !== 0 || !existsSync(stats)) throw new Error(`worldline run ${scenario} ${options.join(' ')}: exit code ${status ?? 'none'}\n${stderr.slice(-2000)}`);
    return JSON.parse(readFileSync(stats, 'utf8')) as EngineStats;
  }
}

const hasTaskset = spawnSync('taskset', ['--version']).status === 0;

export function onCore(cpu: number, command: readonly string[]): string[] {
  return hasTaskset ? ['taskset', '-c', String(cpu), ...command] : [...command];
}
