/** The processes of a service: started, started again when they die, and ended together. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { OperatingError } from '@worldline/application';

export interface ProcessSpec {
  readonly name: string;
  /** Absolute path of the script. */
  readonly script: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a process says when it is ready. */
export interface Ready {
  readonly ready: true;
  readonly port?: number;
}

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 15_000;
const RESTART_DELAY_MS = 1000;

export class Processes {
  private readonly running = new Map<ChildProcess, Promise<void>>();
  private isStopping = false;

  constructor(private readonly onRestart: (name: string) => void) {}

  /** Resolves when the process is ready. From then on it is started again whenever it ends by itself. */
  async start(spec: ProcessSpec): Promise<Ready> {
    // In a group of its own: Ctrl-C is for us, and we say when it ends. Should we die, the channel closes and it ends by itself.
    const child = fork(spec.script, [], { env: { ...spec.env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.running.set(child, ended);
    void ended.then(() => this.running.delete(child));
    const ready = await this.untilReady(spec.name, child, ended);
    void ended.then(() => this.restart(spec));
    return ready;
  }

  /** Ends all of them, the last one started first to be told. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const children = [...this.running];
    for (const [child] of children) child.kill('SIGTERM');
    const timer = setTimeout(() => {
      for (const [child] of children) child.kill('SIGKILL');
    }, STOP_LIMIT_MS);
    await Promise.all(children.map(([, ended]) => ended));
    clearTimeout(timer);
  }

  private async untilReady(name: string, child: ChildProcess, ended: Promise<void>): Promise<Ready> {
    const limit = new AbortController();
    const ready = await Promise.race([
      new Promise<Ready>((resolve) => child.once('message', (message) => resolve(message as Ready))),
      ended.then(() => null),
      delay(START_LIMIT_MS, null, { signal: limit.signal }).catch(() => null),
    ]);
    limit.abort();
    if (ready) return ready;
    child.kill('SIGKILL');
    throw new OperatingError(`the ${name} did not start${this.isStopping ? '' : ': what it said stands above'}`);
  }

  private async restart(spec: ProcessSpec): Promise<void> {
    if (this.isStopping) return;
    this.onRestart(spec.name);
    await delay(RESTART_DELAY_MS);
    if (!this.isStopping) await this.start(spec).catch(() => this.restart(spec));
  }
}
