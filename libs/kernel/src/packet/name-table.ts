/** Interned names (interfaces, MAC addresses, sets): small integers for the hot path. Append-only, so forks of a run share it. */
export class NameTable {
  private readonly ids = new Map<string, number>();
  private readonly names: string[] = [];

  id(name: string): number {
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    const id = this.names.length;
    this.names.push(name);
    this.ids.set(name, id);
    return id;
  }

  /** The id of a name that was seen before, else -1. */
  find(name: string): number {
    return this.ids.get(name) ?? -1;
  }

  name(id: number): string {
    return this.names[id] as string;
  }

  get count(): number {
    return this.names.length;
  }
}

/** Interned MAC addresses. */
export class MacTable extends NameTable {
  private readonly groups: boolean[] = [];

  override id(name: string): number {
    const id = super.id(name);
    this.groups[id] ??= (parseInt(name.slice(0, 2), 16) & 1) === 1;
    return id;
  }

  /** Group bit: broadcast and multicast. */
  isGroup(id: number): boolean {
    return id >= 0 && this.groups[id];
  }
}
