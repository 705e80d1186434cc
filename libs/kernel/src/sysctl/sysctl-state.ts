/**
 * The sysctls of one machine: integers for what the engine reads, text for the rest.
 *
 * Per-interface values stand in rows: row 0 is `all`, row 1 `default`, row 2 + p the interface at position p.
 */
import { canonicalSysctlName, sysctlNameParts } from '@worldline/language';
import type { Family } from '@worldline/model';
import { isKnownName } from './known-names.js';
import {
  CONF_ACCEPT_REDIRECTS,
  CONF_COUNT,
  CONF_DISABLE_IPV6,
  CONF_FORCE_FORWARDING,
  CONF_FORWARDING,
  CONF_IGNORE_ROUTES_WITH_LINKDOWN,
  CONF_SYSCTLS,
  HOST_ONLY,
  NEIGH_COUNT,
  NEIGH_SYSCTLS,
  NETNS_SYSCTLS,
  READ_ONLY,
  SYSCTL_IP_LOCAL_PORT_MAX,
  SYSCTL_IP_LOCAL_PORT_MIN,
  type SysctlEntry,
} from './registry.js';

const ROW_ALL = 0;
const ROW_DEFAULT = 1;
const FIRST_INTERFACE = 2;

export interface SysctlResult {
  readonly status: 'ok' | 'notFound' | 'invalid' | 'readOnly';
  /** Whether the engine acts on the key at all. */
  readonly isModelled: boolean;
}

/** Where a name's value stands. `row` and `key` are -1 for text. */
interface Place {
  readonly kind: 'netns' | 'conf' | 'neighbour' | 'portRange' | 'text';
  readonly family: Family;
  readonly row: number;
  readonly key: number;
  readonly entry: SysctlEntry | null;
}

const NETNS_KEYS = new Map(NETNS_SYSCTLS.map((s, i) => [s.name4 as string, i] as const));
const CONF_KEYS: Readonly<Record<Family, ReadonlyMap<string, number>>> = { 4: keysOf(CONF_SYSCTLS, 4), 6: keysOf(CONF_SYSCTLS, 6) };
const NEIGH_KEYS: Readonly<Record<Family, ReadonlyMap<string, number>>> = { 4: keysOf(NEIGH_SYSCTLS, 4), 6: keysOf(NEIGH_SYSCTLS, 6) };

export class SysctlState {
  /** Values of the namespace by SYSCTL_*. */
  readonly global: Int32Array;
  /** Bumped by every write. */
  generation = 1;

  private constructor(
    private readonly isFirstNamespace: boolean,
    global: Int32Array,
    private conf4: Int32Array,
    private conf6: Int32Array,
    private neigh4: Int32Array,
    private neigh6: Int32Array,
    /** Per value of conf4 whether it no longer follows `default` (in_device.cnf.state). */
    private fixed4: Uint8Array,
    private readonly names: string[],
    private readonly texts: Map<string, string>,
    private printed: ReadonlySet<string>,
  ) {
    this.global = global;
  }

  /** A fresh namespace; `isFirstNamespace`: of a machine that is a kernel of its own, where host-wide keys may be written. */
  static create(isFirstNamespace: boolean): SysctlState {
    const rows = <T extends SysctlEntry>(entries: readonly T[], family: Family): Int32Array => {
      const row = entries.map((e) => (family === 4 ? e.defaultValue : e.defaultValue6));
      return Int32Array.from([...row, ...row]);
    };
    return new SysctlState(
      isFirstNamespace,
      Int32Array.from(NETNS_SYSCTLS, (e) => e.defaultValue),
      rows(CONF_SYSCTLS, 4),
      rows(CONF_SYSCTLS, 6),
      rows(NEIGH_SYSCTLS, 4),
      rows(NEIGH_SYSCTLS, 6),
      new Uint8Array(2 * CONF_COUNT),
      ['all', 'default'],
      new Map(),
      new Set(),
    );
  }

  /** The interface's own value. */
  conf(family: Family, position: number, key: number): number {
    return (family === 4 ? this.conf4 : this.conf6)[(position + FIRST_INTERFACE) * CONF_COUNT + key];
  }

  all(family: Family, key: number): number {
    return (family === 4 ? this.conf4 : this.conf6)[key];
  }

  /** IN_DEV_ORCONF: on for the interface or for `all`. */
  isConfOn(family: Family, position: number, key: number): boolean {
    const values = family === 4 ? this.conf4 : this.conf6;
    return values[key] !== 0 || values[(position + FIRST_INTERFACE) * CONF_COUNT + key] !== 0;
  }

  /** IN_DEV_ANDCONF. */
  andConf(position: number, key: number): boolean {
    return this.conf4[key] !== 0 && this.conf4[(position + FIRST_INTERFACE) * CONF_COUNT + key] !== 0;
  }

  /** IN_DEV_MAXCONF. */
  maxConf(position: number, key: number): number {
    const all = this.conf4[key];
    const own = this.conf4[(position + FIRST_INTERFACE) * CONF_COUNT + key];
    return all > own ? all : own;
  }

  /** Name and value of the key that decided where `all` and the interface both have a say: the larger, or the only one that the kernel reads. */
  decisive(family: Family, position: number, key: number): readonly [string, number] {
    const own = this.conf(family, position, key);
    const all = this.all(family, key);
    const isAll = key === CONF_FORWARDING ? family === 6 : all > own;
    const entry = CONF_SYSCTLS[key];
    const pattern = (family === 4 ? entry.name4 : entry.name6) ?? '';
    return [pattern.replace('*', isAll ? 'all' : this.names[position + FIRST_INTERFACE].replace(/\./g, '/')), isAll ? all : own];
  }

  neighbour(family: Family, position: number, key: number): number {
    return (family === 4 ? this.neigh4 : this.neigh6)[(position + FIRST_INTERFACE) * NEIGH_COUNT + key];
  }

  /** A new interface takes its values from `default` (inetdev_init, ipv6_add_dev). */
  addInterface(position: number, name: string): void {
    const row = position + FIRST_INTERFACE;
    this.conf4 = withRow(this.conf4, row, CONF_COUNT);
    this.conf6 = withRow(this.conf6, row, CONF_COUNT);
    this.neigh4 = withRow(this.neigh4, row, NEIGH_COUNT);
    this.neigh6 = withRow(this.neigh6, row, NEIGH_COUNT);
    if (this.fixed4.length < (row + 1) * CONF_COUNT) {
      const wider = new Uint8Array((row + 1) * CONF_COUNT);
      wider.set(this.fixed4);
      this.fixed4 = wider;
    }
    this.fixed4.copyWithin(row * CONF_COUNT, CONF_COUNT, 2 * CONF_COUNT);
    this.names[row] = name;
    this.generation++;
  }

  renameInterface(position: number, name: string): void {
    this.names[position + FIRST_INTERFACE] = name;
    this.generation++;
  }

  removeInterface(position: number): void {
    this.names[position + FIRST_INTERFACE] = '';
    this.generation++;
  }

  /** An interface that was given an IPv4 address no longer follows `default` (ipv4_devconf_setall). */
  fixInterface(position: number): void {
    const row = position + FIRST_INTERFACE;
    this.fixed4.fill(1, row * CONF_COUNT, (row + 1) * CONF_COUNT);
  }

  /** The value as /proc/sys prints it; undefined for a name that the machine does not have. */
  get(name: string): string | undefined {
    const canonical = canonicalSysctlName(name);
    const place = this.find(canonical);
    if (!place) return this.texts.get(canonical);
    switch (place.kind) {
      case 'netns':
        return String(this.global[place.key]);
      case 'portRange':
        return `${this.global[SYSCTL_IP_LOCAL_PORT_MIN]}\t${this.global[SYSCTL_IP_LOCAL_PORT_MAX]}`;
      case 'conf':
        return String((place.family === 4 ? this.conf4 : this.conf6)[place.row * CONF_COUNT + place.key]);
      case 'neighbour':
        return String((place.family === 4 ? this.neigh4 : this.neigh6)[place.row * NEIGH_COUNT + place.key]);
      case 'text':
        return this.texts.get(canonical);
    }
  }

  /** Writes as a process of the machine does through /proc/sys, with all that the kernel makes of it. */
  set(name: string, text: string): SysctlResult {
    const canonical = canonicalSysctlName(name);
    const place = this.find(canonical);
    if (!place) return { status: 'notFound', isModelled: false };
    if (READ_ONLY.has(canonical) || (HOST_ONLY.has(canonical) && !this.isFirstNamespace)) return { status: 'readOnly', isModelled: true };
    const status = this.write(canonical, place, text) ? 'ok' : 'invalid';
    if (status === 'ok') this.generation++;
    return { status, isModelled: place.kind !== 'text' && place.entry?.isInert !== true };
  }

  /** Takes over a captured value as it stands: no propagation, no refusal. False when the engine has no use for the name. */
  restore(name: string, text: string): boolean {
    const canonical = canonicalSysctlName(name);
    const place = this.find(canonical);
    if (!place || place.kind === 'text') {
      this.texts.set(canonical, text);
      return false;
    }
    if (place.kind === 'portRange') this.writePortRange(text);
    else {
      const value = firstInteger(text);
      if (value === null) return false;
      if (place.kind === 'netns') this.global[place.key] = value;
      else if (place.kind === 'conf') {
        (place.family === 4 ? this.conf4 : this.conf6)[place.row * CONF_COUNT + place.key] = value;
        if (place.family === 4 && place.row >= FIRST_INTERFACE && value !== this.conf4[CONF_COUNT + place.key]) this.fixed4[place.row * CONF_COUNT + place.key] = 1;
      } else (place.family === 4 ? this.neigh4 : this.neigh6)[place.row * NEIGH_COUNT + place.key] = value;
    }
    this.generation++;
    return true;
  }

  /** Says which names the machine printed when it was captured, so that it prints no others later. */
  printOnly(names: Iterable<string>): void {
    this.printed = new Set(names);
  }

  /** What `sysctl -a` prints, in its order. */
  list(): (readonly [string, string])[] {
    const names = new Set(this.printed.size > 0 ? this.printed : this.modelledNames());
    for (const name of this.texts.keys()) names.add(name);
    if (this.printed.size > 0) for (const name of this.namesOfNewInterfaces()) names.add(name);
    const lines: (readonly [string, string])[] = [];
    for (const name of [...names].sort(comparePaths)) {
      const value = this.get(name);
      if (value !== undefined) lines.push([name, value]);
    }
    return lines;
  }

  fork(): SysctlState {
    const copy = new SysctlState(
      this.isFirstNamespace,
      this.global.slice(),
      this.conf4.slice(),
      this.conf6.slice(),
      this.neigh4.slice(),
      this.neigh6.slice(),
      this.fixed4.slice(),
      this.names.slice(),
      new Map(this.texts),
      this.printed,
    );
    copy.generation = this.generation;
    return copy;
  }

  private write(name: string, place: Place, text: string): boolean {
    if (place.kind === 'text') {
      this.texts.set(name, text.trim());
      return true;
    }
    if (place.kind === 'portRange') return this.writePortRange(text);
    const value = firstInteger(text);
    if (value === null || !place.entry || value < place.entry.minimum || value > place.entry.maximum) return false;
    if (place.kind === 'netns') this.global[place.key] = value;
    else if (place.kind === 'neighbour') (place.family === 4 ? this.neigh4 : this.neigh6)[place.row * NEIGH_COUNT + place.key] = value;
    else if (place.family === 4) this.writeConf4(place.row, place.key, value);
    else this.writeConf6(place.row, place.key, value);
    return true;
  }

  /** devinet_conf_proc, devinet_sysctl_forward (net/ipv4/devinet.c). */
  private writeConf4(row: number, key: number, value: number): void {
    const { conf4, fixed4 } = this;
    const at = row * CONF_COUNT + key;
    const before = conf4[at];
    conf4[at] = value;
    if (key === CONF_FORWARDING) {
      if (row !== ROW_ALL || before === value) return;
      // inet_forward_change
      conf4[CONF_ACCEPT_REDIRECTS] = value === 0 ? 1 : 0;
      for (let r = ROW_DEFAULT; r < this.names.length; r++) conf4[r * CONF_COUNT + key] = value;
      return;
    }
    fixed4[at] = 1;
    if (row !== ROW_DEFAULT) return;
    for (let r = FIRST_INTERFACE; r < this.names.length; r++) {
      if (fixed4[r * CONF_COUNT + key] === 0) conf4[r * CONF_COUNT + key] = value;
    }
  }

  /** addrconf_fixup_forwarding, addrconf_disable_ipv6, addrconf_fixup_linkdown, addrconf_sysctl_force_forwarding (net/ipv6/addrconf.c). */
  private writeConf6(row: number, key: number, value: number): void {
    const { conf6 } = this;
    conf6[row * CONF_COUNT + key] = value;
    if (row !== ROW_ALL) return;
    const isPropagated = key === CONF_FORWARDING || key === CONF_DISABLE_IPV6 || key === CONF_IGNORE_ROUTES_WITH_LINKDOWN || key === CONF_FORCE_FORWARDING;
    if (!isPropagated) return;
    const first = key === CONF_FORCE_FORWARDING ? FIRST_INTERFACE : ROW_DEFAULT;
    for (let r = first; r < this.names.length; r++) conf6[r * CONF_COUNT + key] = value;
  }

  private writePortRange(text: string): boolean {
    const [low, high] = text.trim().split(/\s+/).map(Number);
    if (low === undefined || high === undefined || !Number.isInteger(low) || !Number.isInteger(high)) return false;
    if (low < 1 || high > 65535 || low > high) return false;
    this.global[SYSCTL_IP_LOCAL_PORT_MIN] = low;
    this.global[SYSCTL_IP_LOCAL_PORT_MAX] = high;
    return true;
  }

  private find(name: string): Place | null {
    if (name === 'net.ipv4.ip_forward') return place('conf', 4, ROW_ALL, CONF_FORWARDING, CONF_SYSCTLS[CONF_FORWARDING]);
    if (name === 'net.ipv4.ip_local_port_range') return place('portRange', 4, -1, -1, null);
    const key = NETNS_KEYS.get(name);
    if (key !== undefined) return place('netns', 4, -1, key, NETNS_SYSCTLS[key]);
    if (name === 'net.nf_conntrack_max') return this.find('net.netfilter.nf_conntrack_max');
    const parts = sysctlNameParts(name);
    if (parts.length === 5 && parts[0] === 'net' && (parts[1] === 'ipv4' || parts[1] === 'ipv6') && (parts[2] === 'conf' || parts[2] === 'neigh')) {
      const inside = this.findPerInterface(parts[1] === 'ipv4' ? 4 : 6, parts[2], parts[3], parts[4]);
      if (inside) return inside;
    }
    return isKnownName('netns', name) || this.texts.has(name) ? place('text', 4, -1, -1, null) : null;
  }

  private findPerInterface(family: Family, group: 'conf' | 'neigh', device: string, key: string): Place | null {
    const row = this.names.indexOf(device);
    if (row < 0 || (group === 'neigh' && (row === ROW_ALL || (row === ROW_DEFAULT && !this.isFirstNamespace)))) return null;
    if (group === 'conf') {
      const index = CONF_KEYS[family].get(key);
      if (index !== undefined) return place('conf', family, row, index, CONF_SYSCTLS[index]);
      return isKnownName(family === 4 ? 'conf4' : 'conf6', key) ? place('text', family, -1, -1, null) : null;
    }
    const index = NEIGH_KEYS[family].get(key);
    if (index !== undefined) return place('neighbour', family, row, index, NEIGH_SYSCTLS[index]);
    return isKnownName('neighbour', key) ? place('text', family, -1, -1, null) : null;
  }

  private modelledNames(): string[] {
    const names = ['net.ipv4.ip_forward', ...NETNS_KEYS.keys()];
    for (let row = 0; row < this.names.length; row++) names.push(...this.namesOfRow(row));
    return names;
  }

  private namesOfNewInterfaces(): string[] {
    const names: string[] = [];
    for (let row = FIRST_INTERFACE; row < this.names.length; row++) {
      const own = this.namesOfRow(row);
      if (!own.some((name) => this.printed.has(name))) names.push(...own.filter((name) => this.isFamilyPrinted(name)));
    }
    return names;
  }

  /** A capture that left IPv6 out is printed without it. */
  private isFamilyPrinted(name: string): boolean {
    const all = sysctlNameParts(name);
    all[3] = all[2] === 'neigh' ? 'lo' : 'all';
    return this.printed.has(all.join('.'));
  }

  private namesOfRow(row: number): string[] {
    const device = (this.names[row] ?? '').replace(/\./g, '/');
    if (device === '') return [];
    const entries = row === ROW_ALL ? CONF_SYSCTLS : row === ROW_DEFAULT && !this.isFirstNamespace ? CONF_SYSCTLS : [...CONF_SYSCTLS, ...NEIGH_SYSCTLS];
    return entries.flatMap((e) => [e.name4, e.name6]).filter((n) => n !== null).map((n) => n.replace('*', device));
  }
}

function place(kind: Place['kind'], family: Family, row: number, key: number, entry: SysctlEntry | null): Place {
  return { kind, family, row, key, entry };
}

function keysOf(entries: readonly SysctlEntry[], family: Family): ReadonlyMap<string, number> {
  const keys = new Map<string, number>();
  entries.forEach((e, i) => {
    const name = family === 4 ? e.name4 : e.name6;
    if (name) keys.set(name.slice(name.lastIndexOf('.') + 1), i);
  });
  return keys;
}

/** Room for row `row`, filled from `default`. */
function withRow(values: Int32Array, row: number, width: number): Int32Array {
  let wider = values;
  if (values.length < (row + 1) * width) {
    wider = new Int32Array((row + 1) * width);
    wider.set(values);
  }
  wider.copyWithin(row * width, width, 2 * width);
  return wider;
}

/** The first number of a text, decimal, octal or hexadecimal, as proc_get_long reads it; null when there is none. */
function firstInteger(text: string): number | null {
  const match = /^\s*(-?)(0[xX][0-9a-fA-F]+|\d+)(?=\s|$)/.exec(text);
  if (!match) return null;
  const digits = match[2];
  const value = /^0\d/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return match[1] === '-' ? -value : value;
}

/** Directory by directory, as a walk over /proc/sys meets them. */
function comparePaths(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1;
  }
  return left.length - right.length;
}
