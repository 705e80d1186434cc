/** All chain programs of a run, and what they share. Rule sets are compiled once, however many machines have them. */
import type { Issue, RuleSet } from '@worldline/model';
import type { Environment } from '../record/index.js';
import { CodeBuffer } from './code-buffer.js';
import { compileRuleSet } from './compile.js';
import { InterfacePatterns } from './interface-patterns.js';
import type { ChainProgram, RuleProgram } from './program.js';

export interface CompiledRuleSet {
  readonly program: RuleProgram;
  readonly issues: readonly Issue[];
}

export class ProgramStore {
  readonly patterns: InterfacePatterns;
  /** By uid. Uid 0 is none; a dump's chain that nobody has come to is not there. */
  private readonly chains: (ChainProgram | undefined)[] = [undefined];
  private readonly compiled = new Map<RuleSet, CompiledRuleSet>();
  private room: CodeRoom = newRoom();
  private readonly rooms: CodeRoom[] = [this.room];
  /** Rule sets in the spelling of whoever wrote them, not of iptables-save. */
  private readonly typed = new WeakSet<RuleSet>();
  /** Text of the rules that a restore made a chain of, as it stood there in pieces. */
  private readonly sources = new WeakMap<ChainProgram, readonly string[]>();

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

  /** Uids for chains that are made later: the first of `count`. */
  reserve(count: number): number {
    const first = this.chains.length;
    this.chains.length += count;
    return first;
  }

  put(chain: ChainProgram, uid: number): void {
    this.chains[uid] = chain;
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

  noteSource(chain: ChainProgram, pieces: readonly string[]): void {
    this.sources.set(chain, pieces);
  }

  /** The very text that a chain was made of, all of it; null when nobody noted it. */
  sourceOf(chain: ChainProgram): readonly string[] | null {
    return this.sources.get(chain) ?? null;
  }

  /** Where the next chain's code goes. */
  arena(): CodeRoom {
    if (this.room.code.length > ROOM_SIZE) {
      this.room = newRoom();
      this.rooms.push(this.room);
    }
    return this.room;
  }

  /** Code, indexes and chains, and chains that commands have made. */
  get byteLength(): number {
    const seen = new Set<ArrayBufferLike>(this.rooms.flatMap(({ code, rules, index }) => [code.values.buffer, rules.values.buffer, index.values.buffer]));
    let bytes = 0;
    for (const chain of this.chains) {
      if (chain) bytes += BYTES_PER_CHAIN;
      if (chain?.isReady) for (const array of [chain.code, chain.rules, chain.index]) seen.add(array.buffer);
    }
    for (const buffer of seen) bytes += buffer.byteLength;
    for (const ruleSet of this.compiled.keys()) bytes += ruleSet.tokens.byteLength + ruleSet.ruleTokenStart.byteLength + ruleSet.ruleForm.byteLength + ruleSet.ruleLine.byteLength;
    return bytes;
  }
}

/** Integers after which chains go to another room, so that a growing one never takes all others along. */
const ROOM_SIZE = 1 << 16;
/** A chain's object. */
const BYTES_PER_CHAIN = 128;

/** Room for the code of many chains. */
interface CodeRoom {
  readonly code: CodeBuffer;
  readonly rules: CodeBuffer;
  readonly index: CodeBuffer;
}

function newRoom(): CodeRoom {
  return { code: new CodeBuffer(1024), rules: new CodeBuffer(256), index: new CodeBuffer(256) };
}
