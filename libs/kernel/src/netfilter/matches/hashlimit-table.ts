/** The tables of xt_hashlimit (net/netfilter/xt_hashlimit.c; 6.18): a bucket per key. */

export interface HashlimitBucket {
  /** Jiffies. */
  expires: number;
  previous: number;
  credit: number;
  cap: number;
  rate: number;
  isPreviousWindowFull: boolean;
}

export class HashlimitTable {
  readonly buckets = new Map<string, HashlimitBucket>();

  fork(): HashlimitTable {
    const copy = new HashlimitTable();
    for (const [key, bucket] of this.buckets) copy.buckets.set(key, { ...bucket });
    return copy;
  }
}

export class HashlimitTables {
  private readonly byName = new Map<number, HashlimitTable>();

  /** The table by family and its name's id. */
  table(family: number, nameId: number): HashlimitTable {
    const key = 8 * nameId + family;
    let table = this.byName.get(key);
    if (!table) {
      table = new HashlimitTable();
      this.byName.set(key, table);
    }
    return table;
  }

  fork(): HashlimitTables {
    const copy = new HashlimitTables();
    for (const [key, table] of this.byName) copy.byName.set(key, table.fork());
    return copy;
  }
}
