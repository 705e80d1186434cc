/** The whole service as a new user starts it: `worldline serve`, with data of its own in a temporary folder. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const REPOSITORY = join(__dirname, '../../../..');

export interface Stack {
  readonly url: string;
  /** Of the process that holds the others. */
  readonly pid: number;
  stop(): Promise<void>;
}

const ADDRESS = /Worldline is at (http:\S+)/;

/** `more` goes over the environment that tests are run in, without the servers that they are given. */
export async function startStack(more: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const data = mkdtempSync(join(tmpdir(), 'worldline-e2e-'));
  // Started by root, the database runs as somebody else, who has to come there.
  chmodSync(data, 0o755);
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...env } = process.env;
  const child = spawn(process.execPath, [join(REPOSITORY, 'apps/cli/bin/worldline.mjs'), 'serve'], { env: { ...env, PORT: '0', WORLDLINE_DATA: join(data, 'data'), ...more }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString();
      const [, found] = ADDRESS.exec(said) ?? [];
      if (found) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void ended.then(() => reject(new Error(`the service did not start:\n${said}`)));
  });
  return {
    url,
    pid: child.pid as number,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
