/** Connections to Postgres, and the few ways in which adapters use them. */
import { once } from 'node:events';
import { OperatingError } from '@worldline/application';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

// Counts and times fit a double: bigint as a number. Documents come parsed; moments as the ISO text that they were given as.
const BIGINT = 20;
const TIMESTAMPTZ = 1184;
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === BIGINT) return Number;
    if (oid === TIMESTAMPTZ) return (text: string) => new Date(text).toISOString();
    return pg.types.getTypeParser(oid, format as 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

export type Row = Record<string, unknown>;
export type Value = string | number | boolean | null | Uint8Array | readonly string[] | readonly number[];

/** One connection in a transaction, or the pool outside of one. */
export interface Queryable {
  query<T extends Row>(text: string, values?: readonly Value[]): Promise<readonly T[]>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most. */
  readonly connections: number;
  /** Named in pg_stat_activity. */
  readonly name: string;
  readonly onError: (error: Error) => void;
  readonly onQuery?: () => void;
}

export class Database implements Queryable {
  private readonly pool: pg.Pool;

  constructor(private readonly options: DatabaseOptions) {
    this.pool = new pg.Pool({ connectionString: options.url, max: options.connections, application_name: options.name, types, connectionTimeoutMillis: 15_000 });
    // A connection that dies while idle would end the process otherwise.
    this.pool.on('error', options.onError);
  }

  get url(): string {
    return this.options.url;
  }

  async query<T extends Row>(text: string, values: readonly Value[] = []): Promise<readonly T[]> {
    this.options.onQuery?.();
    return operating(async () => (await this.pool.query<T>(text, cleaned(values))).rows);
  }

  /** All or nothing; a failed one leaves nothing and its error is thrown. */
  async transaction<T>(work: (connection: Transaction) => Promise<T>): Promise<T> {
    const client = await operating(() => this.pool.connect());
    const transaction = new Transaction(client, this.options.onQuery ?? (() => undefined));
    try {
      await transaction.query('begin');
      const result = await work(transaction);
      await transaction.query('commit');
      client.release();
      return result;
    } catch (error) {
      // Closing the connection rolls back, whatever state it is in.
      client.release(true);
      throw error;
    }
  }

  /** A connection of one's own, for LISTEN. The caller ends it. */
  async connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.options.url, application_name: `${this.options.name} listener`, keepAlive: true });
    client.on('error', this.options.onError);
    await operating(() => client.connect());
    return client;
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
}

export class Transaction implements Queryable {
  constructor(
    private readonly client: pg.PoolClient,
    private readonly onQuery: () => void,
  ) {}

  async query<T extends Row>(text: string, values: readonly Value[] = []): Promise<readonly T[]> {
    this.onQuery();
    return operating(async () => (await this.client.query<T>(text, cleaned(values))).rows);
  }

  /** COPY of rows into `columns` of a table: several times quicker than any INSERT. */
  async copy(table: string, columns: readonly string[], rows: Iterable<readonly CopyValue[]>): Promise<void> {
    this.onQuery();
    await operating(async () => {
      const stream = this.client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`));
      const finished = once(stream, 'finish');
      for (const chunk of copyText(rows)) if (!stream.write(chunk)) await Promise.race([once(stream, 'drain'), finished]);
      stream.end();
      await finished;
    });
  }
}

export type CopyValue = string | number | boolean | null | readonly string[];

const CHUNK_LENGTH = 1 << 16;

function* copyText(rows: Iterable<readonly CopyValue[]>): Generator<string> {
  let text = '';
  for (const row of rows) {
    text += `${row.map(copyField).join('\t')}\n`;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyField(value: CopyValue): string {
  if (value === null) return '\\N';
  const text = typeof value === 'object' ? arrayText(value) : typeof value === 'string' ? withoutNul(value) : String(value);
  return /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : text;
}

function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${withoutNul(value).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function cleaned(values: readonly Value[]): unknown[] {
  return values.map((value) => (typeof value === 'string' ? withoutNul(value) : value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value));
}

/** Postgres texts hold every character but this one. */
function withoutNul(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text;
}

async function operating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new OperatingError(`Postgres: ${(cause as Error).message}`, { cause });
  }
}
