/** Where in a clause the operands stand that the kernel must translate, by opcode. */
import type { Family } from '@worldline/model';
import type { OptionSpec } from './extension.js';
import { OP_GOTO, OP_INPUT_INTERFACE, OP_JUMP, OP_OUTPUT_INTERFACE, OP_UNMODELLED_MATCH, OP_UNMODELLED_TARGET } from './opcode.js';
import type { Relocation } from './value/value-kind.js';
import { vocabularyOf } from './vocabulary.js';

export interface Place {
  /** Offset from the clause's header. */
  readonly at: number;
  readonly relocation: Exclude<Relocation, 'none'>;
}

/** By opcode; opcodes without an entry are copied as they are. */
export type Layout = readonly (readonly Place[] | undefined)[];

const layouts = new Map<Family, Layout>();

export function layoutOf(family: Family): Layout {
  const known = layouts.get(family);
  if (known) return known;
  const layout: Place[][] = [];
  const { matches, targets } = vocabularyOf(family);
  for (const { spec, offsets } of [...matches.values(), ...targets.values()]) {
    if (spec.op !== 0) layout[spec.op] = spec.options.flatMap((o, i) => placesOf(o, offsets[i] as number, family));
    for (const o of spec.options) if (o.op !== 0) layout[o.op] = placesOf(o, 1 + o.fixed.length, family);
  }
  // last: an option that is not modelled names its opcode too, but not the word
  for (const op of [OP_INPUT_INTERFACE, OP_OUTPUT_INTERFACE, OP_JUMP, OP_GOTO, OP_UNMODELLED_MATCH, OP_UNMODELLED_TARGET]) layout[op] = [{ at: 1, relocation: 'word' }];
  layouts.set(family, layout);
  return layout;
}

function placesOf(option: OptionSpec, start: number, family: Family): Place[] {
  const places: Place[] = [];
  let at = start;
  for (const kind of option.kinds) {
    if (kind.relocation !== 'none') places.push({ at, relocation: kind.relocation });
    at += kind.width(family);
  }
  return places;
}
