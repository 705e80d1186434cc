/**
 * What a table keeps for its chains: counters of rules and policies, state of matches. One run of doubles for all chains, a region for each
 * chain that something has come to.
 */

const PAGE_BITS = 6;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
/** Less is not worth tidying up. */
const TIDY_SIZE = 1 << 14;

export class ChainMemory {
  values = new Float64Array(64);
  private used = 0;
  /** Doubles in regions that a chain still has. */
  private live = 0;
  /** Two integers a slot: where its region begins (-1 for none), and its size. */
  private pages: (Int32Array | undefined)[] = [];

  /** Where the region of a slot begins, -1 for none. */
  find(slot: number): number {
    const page = this.pages[slot >> PAGE_BITS];
    return page === undefined ? -1 : page[2 * (slot & PAGE_MASK)];
  }

  /** A new region for a slot, in the place of the one that it had. */
  allocate(slot: number, size: number): number {
    this.forget(slot);
    while (this.used + size > this.values.length) {
      const wider = new Float64Array(2 * this.values.length);
      wider.set(this.values.subarray(0, this.used));
      this.values = wider;
    }
    const place = this.used;
    this.values.fill(0, place, place + size);
    this.used += size;
    this.live += size;
    const page = (this.pages[slot >> PAGE_BITS] ??= new Int32Array(2 * PAGE_SIZE).fill(-1));
    page[2 * (slot & PAGE_MASK)] = place;
    page[2 * (slot & PAGE_MASK) + 1] = size;
    return place;
  }

  forget(slot: number): void {
    const page = this.pages[slot >> PAGE_BITS];
    const at = 2 * (slot & PAGE_MASK);
    if (page === undefined || page[at] < 0) return;
    this.live -= page[at + 1];
    page[at] = -1;
  }

  /** Slots that have a region. */
  slots(): number[] {
    const slots: number[] = [];
    this.pages.forEach((page, number) => {
      for (let i = 0; page && i < PAGE_SIZE; i++) if (page[2 * i] >= 0) slots.push((number << PAGE_BITS) + i);
    });
    return slots;
  }

  /** Closes the gaps once they are most of it. */
  tidy(): void {
    if (this.used < TIDY_SIZE || this.used < 2 * this.live) return;
    const values = new Float64Array(Math.max(64, this.live));
    let next = 0;
    for (const page of this.pages) {
      if (page === undefined) continue;
      for (let at = 0; at < page.length; at += 2) {
        if (page[at] < 0) continue;
        values.set(this.values.subarray(page[at], page[at] + page[at + 1]), next);
        page[at] = next;
        next += page[at + 1];
      }
    }
    this.values = values;
    this.used = next;
  }

  /** A copy with doubles of its own. */
  fork(): ChainMemory {
    const copy = this.draft();
    copy.values = this.values.slice();
    return copy;
  }

  /** A copy whose new regions are its own, the others shared with this one. */
  draft(): ChainMemory {
    const copy = new ChainMemory();
    copy.values = this.values;
    copy.used = this.used;
    copy.live = this.live;
    copy.pages = this.pages.map((page) => page?.slice());
    return copy;
  }
}
