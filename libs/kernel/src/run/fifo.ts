/** First in, first out, over one array that is used round and round: nothing is allocated once it is large enough. */
export class Fifo<T> {
  private items: (T | null)[] = new Array<T | null>(16).fill(null);
  private head = 0;
  private length = 0;

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length) & (this.items.length - 1)] = item;
    this.length++;
  }

  /** The oldest item, null when there is none. */
  shift(): T | null {
    if (this.length === 0) return null;
    const item = this.items[this.head];
    this.items[this.head] = null;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  private grow(): void {
    const items = new Array<T | null>(2 * this.items.length).fill(null);
    for (let i = 0; i < this.length; i++) items[i] = this.items[(this.head + i) & (this.items.length - 1)];
    this.items = items;
    this.head = 0;
  }
}
