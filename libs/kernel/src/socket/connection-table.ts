/**
 * Connected TCP sockets of one machine by their four-tuple (inet_ehash_bucket): chained hashing over typed arrays.
 * An entry holds the number of the control block it stands for.
 */
import type { Family } from '@worldline/model';

const INITIAL = 64;

export class ConnectionTable {
  private heads = new Int32Array(INITIAL).fill(-1);
  private next = new Int32Array(INITIAL);
  private families = new Uint8Array(INITIAL);
  private locals = new Int32Array(INITIAL);
  private remotes = new Int32Array(INITIAL);
  /** Local port in the upper half, remote one in the lower. */
  private ports = new Int32Array(INITIAL);
  private blocks = new Int32Array(INITIAL);
  private used = 0;
  private freeHead = -1;
  private live = 0;

  /** The control block of a connection, -1 for none. */
  find(family: Family, local: number, localPort: number, remote: number, remotePort: number): number {
    const entry = this.entryOf(family, local, (localPort << 16) | remotePort, remote);
    return entry < 0 ? -1 : this.blocks[entry];
  }

  add(family: Family, local: number, localPort: number, remote: number, remotePort: number, block: number): void {
    const entry = this.allocate();
    const ports = (localPort << 16) | remotePort;
    this.families[entry] = family;
    this.locals[entry] = local;
    this.remotes[entry] = remote;
    this.ports[entry] = ports;
    this.blocks[entry] = block;
    const bucket = hash(family, local, ports, remote) & (this.heads.length - 1);
    this.next[entry] = this.heads[bucket];
    this.heads[bucket] = entry;
  }

  remove(family: Family, local: number, localPort: number, remote: number, remotePort: number): void {
    const ports = (localPort << 16) | remotePort;
    const entry = this.entryOf(family, local, ports, remote);
    if (entry < 0) return;
    const bucket = hash(family, local, ports, remote) & (this.heads.length - 1);
    if (this.heads[bucket] === entry) this.heads[bucket] = this.next[entry];
    else {
      let before = this.heads[bucket];
      while (this.next[before] !== entry) before = this.next[before];
      this.next[before] = this.next[entry];
    }
    this.blocks[entry] = -1;
    this.next[entry] = this.freeHead;
    this.freeHead = entry;
    this.live--;
  }

  fork(): ConnectionTable {
    const copy = new ConnectionTable();
    copy.heads = this.heads.slice();
    copy.next = this.next.slice();
    copy.families = this.families.slice();
    copy.locals = this.locals.slice();
    copy.remotes = this.remotes.slice();
    copy.ports = this.ports.slice();
    copy.blocks = this.blocks.slice();
    copy.used = this.used;
    copy.freeHead = this.freeHead;
    copy.live = this.live;
    return copy;
  }

  private entryOf(family: Family, local: number, ports: number, remote: number): number {
    let entry = this.heads[hash(family, local, ports, remote) & (this.heads.length - 1)];
    while (entry >= 0) {
      if (this.ports[entry] === ports && this.remotes[entry] === remote && this.locals[entry] === local && this.families[entry] === family) return entry;
      entry = this.next[entry];
    }
    return -1;
  }

  private allocate(): number {
    if (++this.live > this.heads.length) this.rehash();
    const free = this.freeHead;
    if (free >= 0) {
      this.freeHead = this.next[free];
      return free;
    }
    if (this.used === this.blocks.length) this.grow();
    return this.used++;
  }

  private grow(): void {
    const size = 2 * this.blocks.length;
    this.next = wider(this.next, size);
    this.locals = wider(this.locals, size);
    this.remotes = wider(this.remotes, size);
    this.ports = wider(this.ports, size);
    this.blocks = wider(this.blocks, size);
    const families = new Uint8Array(size);
    families.set(this.families);
    this.families = families;
  }

  private rehash(): void {
    const heads = new Int32Array(2 * this.heads.length).fill(-1);
    const old = this.heads;
    for (let bucket = 0; bucket < old.length; bucket++) {
      let entry = old[bucket];
      while (entry >= 0) {
        const following = this.next[entry];
        const at = hash(this.families[entry] as Family, this.locals[entry], this.ports[entry], this.remotes[entry]) & (heads.length - 1);
        this.next[entry] = heads[at];
        heads[at] = entry;
        entry = following;
      }
    }
    this.heads = heads;
  }
}

function hash(family: Family, local: number, ports: number, remote: number): number {
  let h = Math.imul(local ^ family, 0x85ebca6b) ^ Math.imul(remote, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15) ^ ports, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 13), 0x165667b1);
  return h ^ (h >>> 16);
}

function wider(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(length);
  copy.set(array);
  return copy;
}
