/**
 * A restore that says again what the machine has, as kube-proxy does at every sync: rules of a large chain that are the same text as those
 * that stand there are not read. They are kept, and begin anew as if they had been given again; only what stands between them is carried out.
 */
import type { Family } from '@worldline/model';
import { restoreBlocks, type RestoreBlock } from '@worldline/language';
import { BASE_CHAINS, type ChainProgram, type KeptRules, type NetfilterState, type RuleOrigin, type TableState } from '../netfilter/index.js';

/** Blocks shorter than this are read again faster than they are compared. */
const SMALLEST_BLOCK = 4096;

interface Gap {
  /** Line of the rest before which text was left out. */
  readonly line: number;
  readonly left: Left;
}

export class RestoreSync {
  /** What has to be carried out. */
  readonly rest: string;
  /** By table and chain. */
  readonly kept = new Map<string, KeptRules>();
  private readonly gaps: Gap[] = [];

  static of(netfilter: NetfilterState, of: { readonly family: Family; readonly isLegacy: boolean }, input: string): RestoreSync | null {
    if (input.length < SMALLEST_BLOCK) return null;
    const find = (table: string): TableState | null => netfilter.findTable(of.family, table, of.isLegacy) ?? null;
    const blocks = restoreBlocks(input, SMALLEST_BLOCK, (table, name) => {
      const chain = chainIn(find(table), name);
      return chain === null ? null : netfilter.store.sourceOf(chain);
    });
    const large = blocks?.filter(({ chain }) => !BASE_CHAINS.includes(chain)) ?? [];
    return large.length === 0 ? null : new RestoreSync(netfilter, find, input, large);
  }

  private constructor(
    private readonly netfilter: NetfilterState,
    private readonly find: (table: string) => TableState | null,
    private readonly input: string,
    private readonly blocks: readonly RestoreBlock[],
  ) {
    const left: Left[] = [];
    for (const block of blocks) {
      const chain = chainIn(find(block.table), block.chain);
      const rules = chain === null ? null : this.compare(chain, block, left);
      if (rules !== null) this.kept.set(`${block.table} ${block.chain}`, rules);
    }
    this.rest = this.without(left.sort((a, b) => a.start - b.start));
  }

  /** The input without what is left out. */
  private without(left: readonly Left[]): string {
    const { input } = this;
    const parts: string[] = [];
    let line = 1;
    let at = 0;
    for (const piece of [...left, { start: input.length, end: input.length }]) {
      const part = input.slice(at, piece.start);
      parts.push(part);
      line += linesIn(part);
      this.gaps.push({ line, left: piece });
      at = piece.end;
    }
    return parts.join('');
  }

  /** The line of the input that a line of the rest is. */
  lineOf(line: number): number {
    return this.gaps.reduce((sum, gap) => sum + (gap.line <= line ? linesIn(this.input.slice(gap.left.start, gap.left.end)) : 0), line);
  }

  /** After the rest was carried out. */
  finish(): void {
    for (const block of this.blocks) {
      const program = chainIn(this.find(block.table), block.chain);
      if (program !== null) this.netfilter.store.noteSource(program, this.pieces(block));
    }
  }

  private pieces({ ranges }: RestoreBlock): string[] {
    return Array.from({ length: ranges.length / 2 }, (_, i) => this.input.slice(ranges[2 * i], ranges[2 * i + 1]));
  }

  /** Rules at the beginning and the end of a chain that a block says again; their lines go to `left`. Null for none. */
  private compare(chain: ChainProgram, block: RestoreBlock, left: Left[]): KeptRules | null {
    const known = this.netfilter.store.sourceOf(chain);
    const pieces = this.pieces(block);
    if (known?.length === pieces.length && pieces.every((piece, i) => piece === known[i])) {
      pieces.forEach((_, i) => left.push({ start: block.ranges[2 * i], end: block.ranges[2 * i + 1] }));
      return { first: chain.ruleCount, last: 0 };
    }
    if (chain.isRenamed) return null;
    const lines = linesOf(this.input, block.ranges);
    const most = Math.min(lines.length, chain.ruleCount);
    let first = 0;
    while (first < most && isLine(chain.origin(first), this.input, lines[first])) first++;
    let last = 0;
    while (last < most - first && isLine(chain.origin(chain.ruleCount - 1 - last), this.input, lines[lines.length - 1 - last])) last++;
    if (first + last === 0) return null;
    const again = [...lines.slice(0, first), ...lines.slice(lines.length - last)];
    for (const { start, end } of again) {
      const before = left.at(-1);
      if (before?.end === start) before.end = end;
      else left.push({ start, end });
    }
    return { first, last };
  }
}

/** A piece of the input that is not carried out. */
interface Left {
  readonly start: number;
  end: number;
}

function linesIn(text: string): number {
  let count = 0;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) count++;
  return count;
}

interface Line {
  readonly start: number;
  /** Behind its end. */
  readonly end: number;
}

function linesOf(input: string, ranges: readonly number[]): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    for (let start = ranges[i]; start < ranges[i + 1]; ) {
      const newline = input.indexOf('\n', start);
      const end = newline < 0 ? ranges[i + 1] : newline + 1;
      lines.push({ start, end });
      start = end;
    }
  }
  return lines;
}

function chainIn(table: TableState | null, name: string): ChainProgram | null {
  const slot = table?.slotOf(name) ?? -1;
  return table === null || slot < 0 ? null : table.peek(slot);
}

/** Whether a line is this rule. */
function isLine({ ruleSet, rule }: RuleOrigin, input: string, { start, end }: Line): boolean {
  const from = ruleSet.ruleTextStart[rule];
  const length = ruleSet.ruleTextEnd[rule] - from;
  return length === end - start - 1 && input.charCodeAt(end - 1) === NEWLINE && isText(ruleSet.text, from, length, input, start);
}

const NEWLINE = 10;

function isText(bytes: Uint8Array, start: number, length: number, input: string, at: number): boolean {
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i];
    if (byte !== input.charCodeAt(at + i) || byte > 127) return false;
  }
  return true;
}
