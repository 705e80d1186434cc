/** The input of iptables-restore by chain, without reading its rules: most of what kube-proxy says at every sync it has said before. */

/** All rules that one chain is given. The chain is named first (`:CHAIN`), so that they become all that it has. */
export interface RestoreBlock {
  readonly table: string;
  readonly chain: string;
  /** Where its rules begin and end in the text, in pairs: they need not stand together. */
  readonly ranges: readonly number[];
}

/** The pieces of text that a chain was given the last time; null when nobody knows. */
export type KnownText = (table: string, chain: string) => readonly string[] | null;

/**
 * Blocks of at least `size` characters, in the order of the text; null when it holds more than chains, appended rules and deleted chains.
 * A piece that is the known one of its chain is stepped over as a whole.
 */
export function restoreBlocks(text: string, size: number, known: KnownText): RestoreBlock[] | null {
  const declared = new Set<string>();
  const blocks = new Map<string, { table: string; chain: string; ranges: number[]; isWhole: boolean }>();
  let table = '';
  for (let start = 0; start < text.length; ) {
    const line = lineAt(text, start);
    if (line.startsWith('-A ')) {
      const chain = wordAt(line, 3);
      const key = `${table} ${chain}`;
      let block = blocks.get(key);
      if (!block) blocks.set(key, (block = { table, chain, ranges: [], isWhole: declared.has(key) }));
      const end = endOfPiece(text, start, `-A ${chain} `, known(table, chain)?.[block.ranges.length / 2] ?? '');
      block.ranges.push(start, end);
      start = end;
      continue;
    }
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line.startsWith(':')) declared.add(`${table} ${wordAt(line, 1)}`);
    else if (!/^(COMMIT|#.*|-X .*|\s*)\n?$/.test(line)) return null;
    start += line.length;
  }
  return [...blocks.values()].filter(({ isWhole, ranges }) => isWhole && lengthOf(ranges) >= size);
}

function lengthOf(ranges: readonly number[]): number {
  let length = 0;
  for (let i = 0; i < ranges.length; i += 2) length += ranges[i + 1] - ranges[i];
  return length;
}

function endOfPiece(text: string, start: number, prefix: string, known: string): number {
  const behind = start + known.length;
  let end = known.startsWith(prefix) && text.slice(start, behind) === known ? behind : start;
  while (text.startsWith(prefix, end)) end = nextLine(text, end);
  // A rule without words
  return end === start ? nextLine(text, start) : end;
}

function lineAt(text: string, start: number): string {
  return text.slice(start, nextLine(text, start));
}

function nextLine(text: string, start: number): number {
  const newline = text.indexOf('\n', start);
  return newline < 0 ? text.length : newline + 1;
}

function wordAt(line: string, start: number): string {
  const end = line.slice(start).search(/\s/);
  return end < 0 ? line.slice(start) : line.slice(start, start + end);
}
