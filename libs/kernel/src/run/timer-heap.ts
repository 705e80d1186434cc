/**
 * Timers in order of time, those of one time in the order they were set: a binary heap over typed arrays.
 * A timer is a kind and an owner; who sets a timer anew leaves the old one in place and ignores it when it comes.
 */
const INITIAL = 64;

export class TimerHeap {
  private times = new Float64Array(INITIAL);
  private orders = new Float64Array(INITIAL);
  private kinds = new Int32Array(INITIAL);
  private owners = new Int32Array(INITIAL);
  private count = 0;
  private nextOrder = 0;

  /** The timer that `pop` took out last. */
  kind = 0;
  owner = 0;
  time = 0;

  /** Time of the first timer, Infinity for none. */
  nextAt(): number {
    return this.count === 0 ? Infinity : this.times[0];
  }

  add(time: number, kind: number, owner: number): void {
    if (this.count === this.times.length) this.grow();
    let at = this.count++;
    const order = this.nextOrder++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.times[parent] <= time) break;
      this.move(parent, at);
      at = parent;
    }
    this.times[at] = time;
    this.orders[at] = order;
    this.kinds[at] = kind;
    this.owners[at] = owner;
  }

  /** Takes out the first timer into `kind`, `owner` and `time`. */
  pop(): void {
    this.time = this.times[0];
    this.kind = this.kinds[0];
    this.owner = this.owners[0];
    const last = --this.count;
    if (last === 0) return;
    const time = this.times[last];
    const order = this.orders[last];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.isBefore(child + 1, this.times[child], this.orders[child])) child++;
      if (!this.isBefore(child, time, order)) break;
      this.move(child, at);
      at = child;
    }
    this.move(last, at);
  }

  private isBefore(at: number, time: number, order: number): boolean {
    return this.times[at] < time || (this.times[at] === time && this.orders[at] < order);
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from];
    this.orders[to] = this.orders[from];
    this.kinds[to] = this.kinds[from];
    this.owners[to] = this.owners[from];
  }

  private grow(): void {
    const size = 2 * this.times.length;
    this.times = resized(this.times, new Float64Array(size));
    this.orders = resized(this.orders, new Float64Array(size));
    this.kinds = resized(this.kinds, new Int32Array(size));
    this.owners = resized(this.owners, new Int32Array(size));
  }
}

function resized<T extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>>(from: T, to: T): T {
  to.set(from);
  return to;
}
