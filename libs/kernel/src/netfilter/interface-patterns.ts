/** Patterns such as `veth+`, answered from a table by name id. */
import type { NameTable } from '../packet/index.js';

export class InterfacePatterns {
  private readonly prefixes: string[] = [];
  private readonly ids = new Map<string, number>();
  /** Per pattern, per name: 0 not yet asked, 1 no, 2 yes. */
  private readonly answers: Uint8Array[] = [];

  constructor(private readonly names: NameTable) {}

  /** The id of `prefix+`. */
  id(prefix: string): number {
    const known = this.ids.get(prefix);
    if (known !== undefined) return known;
    const id = this.prefixes.push(prefix) - 1;
    this.ids.set(prefix, id);
    this.answers.push(new Uint8Array(64));
    return id;
  }

  /** Whether a name begins with the pattern's prefix; no name (-1) is the empty one, as in nf_hook_state. */
  matches(pattern: number, nameId: number): boolean {
    if (nameId < 0) return this.prefixes[pattern] === '';
    const answers = this.answers[pattern];
    if (nameId < answers.length) {
      const answer = answers[nameId];
      if (answer !== 0) return answer === 2;
    }
    return this.ask(pattern, nameId);
  }

  private ask(pattern: number, nameId: number): boolean {
    if (nameId >= this.answers[pattern].length) {
      const wider = new Uint8Array(2 * nameId + 64);
      wider.set(this.answers[pattern]);
      this.answers[pattern] = wider;
    }
    const isMatch = this.names.name(nameId).startsWith(this.prefixes[pattern]);
    this.answers[pattern][nameId] = isMatch ? 2 : 1;
    return isMatch;
  }
}
