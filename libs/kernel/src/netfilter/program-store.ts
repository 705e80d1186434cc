/** All chain programs of a run, and what they share. Rule sets are compiled once, however many machines have them. */
import type { Issue, RuleSet } from '@worldline/model';
import type { Environment } from '../record/index.js';
import { compileRuleSet } from './compile.js';
import { InterfacePatterns } from './interface-patterns.js';
import type { ChainProgram, RuleProgram } from './program.js';

export interface CompiledRuleSet {
  readonly program: RuleProgram;
  readonly issues: readonly Issue[];
}

export class ProgramStore {
  readonly patterns: InterfacePatterns;
  /** By uid. Uid 0 is none. */
  readonly chains: (ChainProgram | null)[] = [null];
  private readonly compiled = new Map<RuleSet, CompiledRuleSet>();
  /** Rule sets in the spelling of whoever wrote them, not of iptables-save. */
  private readonly typed = new WeakSet<RuleSet>();

  constructor(readonly environment: Environment) {
    this.patterns = new InterfacePatterns(environment.interfaceNames);
  }

  /** The program of a rule set; equal rule sets must be the same object to be shared. */
  compile(ruleSet: RuleSet): CompiledRuleSet {
    const known = this.compiled.get(ruleSet);
    if (known) return known;
    const made = compileRuleSet(this, ruleSet);
    this.compiled.set(ruleSet, made);
    return made;
  }

  /** A chain's program by the uid that steps and `PacketContext.dropChain` carry. */
  chain(uid: number): ChainProgram {
    return this.chains[uid] as ChainProgram;
  }

  markTyped(ruleSet: RuleSet): void {
    this.typed.add(ruleSet);
  }

  isTyped(ruleSet: RuleSet): boolean {
    return this.typed.has(ruleSet);
  }

  get byteLength(): number {
    const seen = new Set<ArrayBufferLike>();
    let bytes = 0;
    for (const chain of this.chains) {
      if (chain === null) continue;
      bytes += 160;
      for (const array of [chain.code, chain.rules, chain.index]) {
        if (seen.has(array.buffer)) continue;
        seen.add(array.buffer);
        bytes += array.buffer.byteLength;
      }
    }
    return bytes;
  }
}
