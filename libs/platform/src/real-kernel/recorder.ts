/** The recorder as a process of its own: Python 3's standard library, which has what Node has not (namespaces, packet sockets, error queues). */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { OperatingError } from '@worldline/application';

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** One JSON request a line, one answer a line, in order. It ends with this process, however that ends. */
export class Recorder {
  private readonly child: ChildProcess;
  private readonly lines: Interface;
  private readonly waiting: Waiting[] = [];
  private complaints = '';
  private ended: OperatingError | null = null;

  constructor(folder: string) {
    this.child = spawn('python3', [join(folder, 'main.py'), String(process.pid)], { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' } });
    this.lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    this.lines.on('line', (line) => this.answer(line));
    this.child.stderr?.on('data', (bytes: Buffer) => {
      this.complaints = (this.complaints + bytes.toString()).slice(-2000);
    });
    this.child.stdin?.on('error', () => undefined);
    this.child.on('error', (error) => this.end(`python3 cannot be started: ${error.message}`));
    this.child.on('close', (code, signal) => this.end(`the recorder ended (${signal ?? `exit code ${code}`})${this.complaints === '' ? '' : `: ${this.complaints.trim()}`}`));
  }

  ask<T>(what: string, request: object): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve: resolve as (value: unknown) => void, reject });
      this.child.stdin?.write(`${JSON.stringify({ do: what, ...request })}\n`);
    });
  }

  close(): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      this.child.once('close', () => resolve());
      this.child.stdin?.end();
    });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private answer(line: string): void {
    const next = this.waiting.shift();
    const { value, error } = JSON.parse(line) as { value?: unknown; error?: string };
    if (error === undefined) next?.resolve(value);
    else next?.reject(new OperatingError(`the recorder: ${error}`));
  }

  private end(why: string): void {
    this.ended ??= new OperatingError(why);
    for (const { reject } of this.waiting.splice(0)) reject(this.ended);
  }
}
