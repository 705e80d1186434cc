/** Forwarding databases of a machine's bridges and of its VXLAN devices. */
import { Effects } from '../record/index.js';

const BRIDGE_BITS = 12;

/** Port of an entry that is the bridge's own address. */
export const FDB_LOCAL = -1;
export const FDB_NONE = -2;

export class BridgeState {
  /** The run's; until a machine has this state, nobody looks. */
  effects = new Effects();
  /** Key (macId, bridge position) to port position or FDB_LOCAL. */
  private readonly ports = new Map<number, number>();
  /** Keys that do not age; learning moves them all the same, but for the bridge's own (br_fdb_update). */
  private readonly fixed = new Set<number>();
  /** Key (macId, device position) to the remote address handles of a VXLAN device, in order. */
  private readonly remotes = new Map<number, readonly number[]>();
  /** Bridges whose neighbour at key (nexthop handle, position) has a link header cached. */
  private readonly cachedHeaders = new Set<string>();

  isKnown(bridge: number, mac: number): boolean {
    return this.ports.has(fdbKey(bridge, mac));
  }

  lookup(bridge: number, mac: number): number {
    return this.ports.get(fdbKey(bridge, mac)) ?? FDB_NONE;
  }

  /** A static or permanent entry; FDB_LOCAL for an address of the bridge itself. */
  setFixed(bridge: number, mac: number, port: number): void {
    const key = fdbKey(bridge, mac);
    this.ports.set(key, port);
    this.fixed.add(key);
  }

  learn(bridge: number, mac: number, port: number): void {
    const key = fdbKey(bridge, mac);
    const known = this.ports.get(key);
    if (known === port || known === FDB_LOCAL) return;
    this.ports.set(key, port);
    this.effects.change();
  }

  delete(bridge: number, mac: number): boolean {
    const key = fdbKey(bridge, mac);
    this.fixed.delete(key);
    return this.ports.delete(key);
  }

  /** Forgets all entries of a port that is gone or down; static ones too when it is gone (br_fdb_delete_by_port). */
  forgetPort(port: number, isGone: boolean): void {
    for (const [key, owner] of this.ports) {
      if (owner !== port || (!isGone && this.fixed.has(key))) continue;
      this.ports.delete(key);
      this.fixed.delete(key);
    }
  }

  remotesOf(device: number, mac: number): readonly number[] {
    return this.remotes.get(fdbKey(device, mac)) ?? [];
  }

  addRemote(device: number, mac: number, remote: number): void {
    const known = this.remotesOf(device, mac);
    if (known.includes(remote)) return;
    this.remotes.set(fdbKey(device, mac), [...known, remote]);
    this.effects.change();
  }

  deleteRemote(device: number, mac: number, remote: number | null): boolean {
    const known = this.remotesOf(device, mac);
    const left = remote === null ? [] : known.filter((r) => r !== remote);
    if (left.length === known.length) return false;
    if (left.length === 0) this.remotes.delete(fdbKey(device, mac));
    else this.remotes.set(fdbKey(device, mac), left);
    return true;
  }

  /** Whether the neighbour's header cache is filled (hh_cache); the first call for a neighbour fills it and says no. */
  isHeaderCached(bridge: number, family: number, nexthop: number): boolean {
    const key = `${bridge}/${family}/${nexthop}`;
    if (this.cachedHeaders.has(key)) return true;
    this.cachedHeaders.add(key);
    this.effects.change();
    return false;
  }

  /** Entries in a fixed order: by device, then MAC id. `port` is a position, FDB_LOCAL, or null for a VXLAN remote. */
  *entries(): Generator<{ device: number; mac: number; port: number | null; isFixed: boolean; remote: number | null }> {
    for (const key of [...this.ports.keys()].sort((a, b) => a - b)) {
      yield { device: deviceOf(key), mac: macOf(key), port: this.ports.get(key) as number, isFixed: this.fixed.has(key), remote: null };
    }
    for (const key of [...this.remotes.keys()].sort((a, b) => a - b)) {
      for (const remote of this.remotes.get(key) as readonly number[]) {
        yield { device: deviceOf(key), mac: macOf(key), port: null, isFixed: true, remote };
      }
    }
  }

  fork(): BridgeState {
    const copy = new BridgeState();
    for (const [key, port] of this.ports) copy.ports.set(key, port);
    for (const key of this.fixed) copy.fixed.add(key);
    for (const [key, remotes] of this.remotes) copy.remotes.set(key, remotes);
    for (const key of this.cachedHeaders) copy.cachedHeaders.add(key);
    return copy;
  }
}

function fdbKey(device: number, mac: number): number {
  return mac * (1 << BRIDGE_BITS) + device;
}

function deviceOf(key: number): number {
  return key % (1 << BRIDGE_BITS);
}

function macOf(key: number): number {
  return Math.floor(key / (1 << BRIDGE_BITS));
}
