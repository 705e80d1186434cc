import type { ProgressFeed } from '../ports.js';

export class MemoryFeed implements ProgressFeed {
  private readonly listeners = new Map<string, Set<() => void>>();

  publish(id: string): Promise<void> {
    for (const listener of this.listeners.get(id) ?? []) listener();
    return Promise.resolve();
  }

  subscribe(id: string, onChange: () => void): Promise<() => Promise<void>> {
    const own = (): void => onChange();
    const known = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, known.add(own));
    return Promise.resolve(() => {
      known.delete(own);
      if (known.size === 0) this.listeners.delete(id);
      return Promise.resolve();
    });
  }
}
