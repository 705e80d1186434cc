/** From the clauses of a dump to the clauses of a program: words, addresses and interfaces as the kernel knows them. */
import type { Family, RuleSet } from '@worldline/model';
import {
  CLAUSE_INVERTED,
  CLAUSE_OPCODE,
  CLAUSE_SIZE_SHIFT,
  OP_COMMENT,
  OP_DESTINATION,
  OP_DESTINATION_PORT,
  OP_FIRST_TARGET,
  OP_GOTO,
  OP_INPUT_INTERFACE,
  OP_JUMP,
  OP_OUTPUT_INTERFACE,
  OP_PHYSDEV_INPUT,
  OP_PHYSDEV_OUTPUT,
  OP_SOURCE,
  OP_SOURCE_PORT,
  layoutOf,
  type Layout,
} from '@worldline/language';
import type { CodeBuffer } from './code-buffer.js';
import {
  K_DESTINATION_IS,
  K_DESTINATION_PORT_IS,
  K_INPUT_PATTERN,
  K_OUTPUT_PATTERN,
  K_SOURCE_IS,
  K_SOURCE_PORT_IS,
} from './program.js';
import type { ProgramStore } from './program-store.js';
import { stateSize } from './stateful.js';

export class Relocator {
  private readonly layout: Layout;
  private readonly family: Family;
  /** Per word: 1 + id in Environment.words, 0 not yet known. */
  private readonly words: Int32Array;
  /** Where the target of the rule written last stands. */
  target = 0;

  constructor(
    private readonly store: ProgramStore,
    private readonly ruleSet: RuleSet,
  ) {
    this.family = ruleSet.family;
    this.layout = layoutOf(ruleSet.family);
    this.words = new Int32Array(ruleSet.words.count);
  }

  /**
   * Appends the clauses `code[0] ... code[length - 1]`; `memory` is the next free double of the chain. Jumps keep the word of their target
   * for the caller to resolve. Returns the next free double.
   */
  rule(out: CodeBuffer, code: Int32Array, length: number, memory: number): number {
    let free = memory;
    for (let at = 0; at < length; ) {
      const header = code[at];
      const size = header >>> CLAUSE_SIZE_SHIFT;
      const opcode = header & CLAUSE_OPCODE;
      this.target = out.length;
      switch (opcode) {
        case OP_COMMENT:
          break;
        case OP_SOURCE:
        case OP_DESTINATION:
          this.prefix(out, code, at, opcode === OP_SOURCE);
          break;
        case OP_SOURCE_PORT:
        case OP_DESTINATION_PORT:
          this.port(out, code, at, opcode === OP_SOURCE_PORT);
          break;
        case OP_INPUT_INTERFACE:
        case OP_OUTPUT_INTERFACE:
          this.interfaceName(out, header, code[at + 1], opcode === OP_INPUT_INTERFACE);
          break;
        case OP_PHYSDEV_INPUT:
        case OP_PHYSDEV_OUTPUT:
          this.bridgePort(out, header, code[at + 1]);
          break;
        case OP_JUMP:
        case OP_GOTO:
          out.push(header);
          out.push(code[at + 1]);
          break;
        default:
          free = this.plain(out, code, at, size, opcode, free);
      }
      at += size;
    }
    return free;
  }

  private plain(out: CodeBuffer, code: Int32Array, at: number, size: number, opcode: number, free: number): number {
    const start = out.length;
    out.copy(code, at, at + size);
    const places = this.layout[opcode];
    if (places !== undefined) {
      for (let i = 0; i < places.length; i++) {
        const place = places[i];
        if (place.relocation === 'word') out.values[start + place.at] = this.word(code[at + place.at]);
        else {
          out.values[start + place.at] = this.handle(code, at + place.at);
          if (place.relocation === 'range') out.values[start + place.at + 4] = this.handle(code, at + place.at + 4);
        }
      }
    }
    const state = opcode < OP_FIRST_TARGET ? stateSize(opcode) : 0;
    if (state > 0) {
      out.push(free);
      out.values[start] = (code[at] & 0xffff) | ((size + 1) << CLAUSE_SIZE_SHIFT);
    }
    return free + state;
  }

  private prefix(out: CodeBuffer, code: Int32Array, at: number, isSource: boolean): void {
    const header = code[at];
    const inverted = header & CLAUSE_INVERTED;
    const is = isSource ? K_SOURCE_IS : K_DESTINATION_IS;
    if (this.family === 4) {
      if (code[at + 2] === -1) {
        out.push(is | inverted | (2 << CLAUSE_SIZE_SHIFT));
        out.push(code[at + 1]);
      } else out.copy(code, at, at + 3);
    } else if ((code[at + 5] & code[at + 6] & code[at + 7] & code[at + 8]) === -1) {
      out.push(is | inverted | (2 << CLAUSE_SIZE_SHIFT));
      out.push(this.handle(code, at + 1));
    } else out.copy(code, at, at + 9);
  }

  private port(out: CodeBuffer, code: Int32Array, at: number, isSource: boolean): void {
    if (code[at + 1] !== code[at + 2]) return out.copy(code, at, at + 3);
    out.push((isSource ? K_SOURCE_PORT_IS : K_DESTINATION_PORT_IS) | (code[at] & CLAUSE_INVERTED) | (2 << CLAUSE_SIZE_SHIFT));
    out.push(code[at + 1]);
  }

  private interfaceName(out: CodeBuffer, header: number, word: number, isInput: boolean): void {
    const text = this.ruleSet.words.text(word);
    if (!text.endsWith('+')) {
      out.push(header);
      out.push(this.store.environment.interfaceNames.id(text));
      return;
    }
    out.push((isInput ? K_INPUT_PATTERN : K_OUTPUT_PATTERN) | (header & CLAUSE_INVERTED) | (2 << CLAUSE_SIZE_SHIFT));
    out.push(this.store.patterns.id(text.slice(0, -1)));
  }

  /** A bridge port: always by pattern, an exact name as its own. */
  private bridgePort(out: CodeBuffer, header: number, word: number): void {
    const text = this.ruleSet.words.text(word);
    const isPattern = text.endsWith('+');
    out.push((header & 0xffff) | (3 << CLAUSE_SIZE_SHIFT));
    out.push(isPattern ? this.store.patterns.id(text.slice(0, -1)) : this.store.environment.interfaceNames.id(text));
    out.push(isPattern ? 1 : 0);
  }

  private word(word: number): number {
    const known = this.words[word];
    if (known !== 0) return known - 1;
    const id = this.store.environment.words.id(this.ruleSet.words.text(word));
    this.words[word] = id + 1;
    return id;
  }

  private handle(code: Int32Array, at: number): number {
    if (this.family === 4) return code[at];
    return this.store.environment.addresses.intern6(code[at], code[at + 1], code[at + 2], code[at + 3]);
  }
}
