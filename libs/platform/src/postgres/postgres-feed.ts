/** News by LISTEN and NOTIFY. After the connection was lost everyone is told to look, because something may have been missed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProgressFeed } from '@worldline/application';
import type { Database } from './database.js';

const CHANNEL = 'worldline_change';
const RETRY_MS = 500;

export class PostgresFeed implements ProgressFeed {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly closing = new AbortController();
  private listening: Promise<void> | null = null;
  private disconnect: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly database: Database) {}

  async publish(id: string): Promise<void> {
    await this.database.query('select pg_notify($1, $2)', [CHANNEL, id]);
  }

  async subscribe(id: string, onChange: () => void): Promise<() => Promise<void>> {
    await (this.listening ??= this.listen());
    const own = (): void => onChange();
    const known = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, known.add(own));
    return () => {
      known.delete(own);
      if (known.size === 0) this.listeners.delete(id);
      return Promise.resolve();
    };
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.disconnect();
  }

  private async listen(): Promise<void> {
    const client = await this.database.connect();
    client.on('notification', ({ payload }) => {
      for (const listener of [...(this.listeners.get(payload ?? '') ?? [])]) listener();
    });
    client.once('end', () => void this.reconnect());
    this.disconnect = () => client.end();
    await client.query(`listen ${CHANNEL}`);
  }

  private async reconnect(): Promise<void> {
    while (!this.closing.signal.aborted) {
      try {
        await delay(RETRY_MS, undefined, { signal: this.closing.signal });
        await this.listen();
        for (const listeners of [...this.listeners.values()]) for (const listener of [...listeners]) listener();
        return;
      } catch {
        // Tried again, as long as the process lives: readers also look by themselves now and then.
      }
    }
  }
}
