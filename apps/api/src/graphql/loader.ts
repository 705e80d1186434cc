/** Many questions for one thing each, asked of the store as one question for many: what a page needs costs one query, not one an item. */
export class Loader<K, V> {
  private readonly cache = new Map<string, Promise<V | null>>();
  private waiting: { readonly key: K; readonly resolve: (value: V | null) => void; readonly reject: (error: unknown) => void }[] = [];

  constructor(
    private readonly options: {
      /** In any order; what is not found is left out. */
      readonly fetch: (keys: readonly K[]) => Promise<readonly V[]>;
      readonly keyOf: (key: K) => string;
      /** Key of a value, written as `keyOf` writes it. */
      readonly valueKey: (value: V) => string;
    },
  ) {}

  /** Null: there is no such thing. */
  load(key: K): Promise<V | null> {
    const name = this.options.keyOf(key);
    const known = this.cache.get(name);
    if (known) return known;
    const loaded = new Promise<V | null>((resolve, reject) => {
      // After all promises that are ready have run on: by then the whole page has asked.
      if (this.waiting.length === 0) void Promise.resolve().then(() => process.nextTick(() => void this.dispatch()));
      this.waiting.push({ key, resolve, reject });
    });
    this.cache.set(name, loaded);
    return loaded;
  }

  /** What is known already need not be fetched. */
  prime(value: V): void {
    this.cache.set(this.options.valueKey(value), Promise.resolve(value));
  }

  private async dispatch(): Promise<void> {
    const asked = this.waiting;
    this.waiting = [];
    try {
      const values = new Map((await this.options.fetch(asked.map(({ key }) => key))).map((value) => [this.options.valueKey(value), value]));
      for (const { key, resolve } of asked) resolve(values.get(this.options.keyOf(key)) ?? null);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  }
}
