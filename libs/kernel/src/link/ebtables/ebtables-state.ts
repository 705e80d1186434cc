/** The bridge tables of one machine: chains of compiled rules with their counters, and the changes that commands make to them. */
import type { EbtablesCapture, Issue } from '@worldline/model';
import { isEbtablesFault, printEbtablesRule, readEbtablesRule, type EbtablesRuleSpec } from '@worldline/language';
import type { Environment, Refreshed } from '../../record/index.js';
import { compileEbtablesRule, type EbtablesProgramRule } from './ebtables-program.js';
import { MacWords } from './mac-words.js';
import { EB_BROUTING, EB_FORWARD, EB_INPUT, EB_OUTPUT, EB_POSTROUTING, EB_PREROUTING } from './ebtables-hooks.js';

export type EbtablesPolicy = 'ACCEPT' | 'DROP' | 'RETURN';

/** Base chains per table, in the order in which they are printed, each with its hook. */
export const EBTABLES_TABLES: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  filter: [
    ['INPUT', EB_INPUT],
    ['FORWARD', EB_FORWARD],
    ['OUTPUT', EB_OUTPUT],
  ],
  nat: [
    ['PREROUTING', EB_PREROUTING],
    ['OUTPUT', EB_OUTPUT],
    ['POSTROUTING', EB_POSTROUTING],
  ],
  broute: [['BROUTING', EB_BROUTING]],
};

export class EbtablesChain implements Refreshed {
  rules: EbtablesProgramRule[] = [];
  packets: number[] = [];
  bytes: number[] = [];
  /** Credit of each rule's limit in microseconds, and when it was reckoned. */
  credits: number[] = [];
  reckoned: number[] = [];
  /** Chain that each rule jumps to. */
  jumps: (EbtablesChain | null)[] = [];

  constructor(
    readonly table: string,
    public name: string,
    public policy: EbtablesPolicy,
    /** EB_*; -1 for a chain that rules jump to. */
    readonly hook: number,
  ) {}

  insert(at: number, rule: EbtablesProgramRule, packets: number, bytes: number): void {
    this.rules.splice(at, 0, rule);
    this.packets.splice(at, 0, packets);
    this.bytes.splice(at, 0, bytes);
    this.credits.splice(at, 0, Infinity);
    this.reckoned.splice(at, 0, 0);
  }

  remove(from: number, count: number): void {
    for (const column of [this.rules, this.packets, this.bytes, this.credits, this.reckoned]) column.splice(from, count);
  }

  /** Rules change by commands only, which count as changes of the whole. */
  versionOf(): number {
    return 0;
  }

  /** `times` frames of `length` bytes matched a rule. */
  repeat(rule: number, length: number, times: number): void {
    this.packets[rule] += times;
    this.bytes[rule] += times * length;
  }

  fork(): EbtablesChain {
    const copy = new EbtablesChain(this.table, this.name, this.policy, this.hook);
    copy.rules = this.rules.slice();
    copy.packets = this.packets.slice();
    copy.bytes = this.bytes.slice();
    copy.credits = this.credits.slice();
    copy.reckoned = this.reckoned.slice();
    return copy;
  }
}

export class EbtablesState {
  /** Base chains and user chains, each table's together and in order. */
  chains: EbtablesChain[] = [];
  /** Base chains with rules or a policy other than ACCEPT, per hook, in the order of their priorities. */
  readonly byHook: EbtablesChain[][] = [[], [], [], [], [], []];
  /** Packets are matched by ebtables-nft (priorities and `redirect` differ from the old kernel tables). */
  isLegacy = false;
  generation = 0;
  readonly macWords = new MacWords();

  /** Adds the tables of a dump. Rules that cannot be read are Issues and stand as rules that are not modelled. */
  load(environment: Environment, capture: EbtablesCapture, file: string): Issue[] {
    const issues: Issue[] = [];
    this.isLegacy = capture.isLegacy;
    for (const table of capture.tables) {
      this.addTable(table.name);
      for (const c of table.chains) {
        const chain = this.chain(table.name, c.name) ?? this.addChain(table.name, c.name, c.policy);
        chain.policy = c.policy;
        for (const rule of c.rules) {
          const spec = readEbtablesRule(rule.words);
          const read = isEbtablesFault(spec) ? unreadable(rule.words) : spec;
          const compiled = compileEbtablesRule(environment, read, rule.words, rule.text);
          chain.insert(chain.rules.length, compiled, rule.packets, rule.bytes);
          for (const word of isEbtablesFault(spec) ? [spec.word] : compiled.unmodelled) {
            issues.push({ code: 'UnknownMatch', severity: 'warning', message: `ebtables: '${word}' is not modelled`, file, line: rule.line, word });
          }
        }
      }
    }
    this.relink();
    return issues;
  }

  /** Makes sure that a table and its base chains are there. */
  addTable(table: string): void {
    if (this.chains.some((c) => c.table === table)) return;
    for (const [name, hook] of EBTABLES_TABLES[table] ?? []) this.chains.push(new EbtablesChain(table, name, 'ACCEPT', hook));
  }

  chain(table: string, name: string): EbtablesChain | null {
    return this.chains.find((c) => c.table === table && c.name === name) ?? null;
  }

  addChain(table: string, name: string, policy: EbtablesPolicy): EbtablesChain {
    const chain = new EbtablesChain(table, name, policy, -1);
    this.chains.push(chain);
    return chain;
  }

  /** To be called after every change of chains, rules or policies. */
  relink(): void {
    this.generation++;
    for (const chain of this.chains) chain.jumps = chain.rules.map((rule) => (rule.chain === '' ? null : this.chain(chain.table, rule.chain)));
    for (let hook = 0; hook < this.byHook.length; hook++) {
      const active = this.chains.filter((c) => c.hook === hook && (c.rules.length > 0 || c.policy !== 'ACCEPT'));
      // Priorities in OUTPUT: nft filter -200, nat 100; legacy nat 100, filter 200.
      const isNatFirst = this.isLegacy || hook !== EB_OUTPUT;
      active.sort((a, b) => Number((a.table === 'nat') !== isNatFirst) - Number((b.table === 'nat') !== isNatFirst));
      this.byHook[hook] = active;
    }
  }

  /** The dump that ebtables-save would print. */
  capture(): EbtablesCapture {
    const names = Object.keys(EBTABLES_TABLES).filter((table) => this.chains.some((c) => c.table === table));
    const tables = names.map((name) => ({
      name,
      chains: this.chains
        .filter((c) => c.table === name)
        .map((c) => ({
          name: c.name,
          policy: c.policy,
          rules: c.rules.map((rule, i) => ({ words: rule.words, text: rule.text, packets: c.packets[i] as number, bytes: c.bytes[i] as number, line: 0 })),
        })),
    }));
    return { tables, isLegacy: this.isLegacy };
  }

  fork(): EbtablesState {
    const copy = new EbtablesState();
    copy.chains = this.chains.map((c) => c.fork());
    copy.isLegacy = this.isLegacy;
    copy.relink();
    copy.generation = this.generation;
    return copy;
  }
}

/** Compiles a rule given on a command line; its text is the printed form. */
export function compileGivenRule(environment: Environment, spec: EbtablesRuleSpec): EbtablesProgramRule {
  const words = printEbtablesRule(spec);
  return compileEbtablesRule(environment, spec, words, words.map(quoted).join(' '));
}

function quoted(word: string): string {
  return word === '' || /\s/.test(word) ? `"${word}"` : word;
}

/** A rule that cannot be read keeps its place: a packet that reaches it ends as Unmodelled. */
function unreadable(words: readonly string[]): EbtablesRuleSpec {
  return {
    clauses: [{ option: { name: words.join(' '), aliases: [], extension: 'base', value: 'device' }, isInverted: false, value: '' }],
    target: 'CONTINUE',
    targetClauses: [],
    packets: 0,
    bytes: 0,
  };
}
