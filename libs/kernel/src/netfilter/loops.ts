/** Chains that lead back to themselves (nf_tables' nft_chain_validate, xtables' mark_source_chains): refused when rules are loaded. */

/** Jumps of one table, chain after chain: where each leads, and the rule that jumps. */
export class Jumps {
  readonly to: Int32Array;
  readonly rule: Int32Array;
  length = 0;
  /** Jumps of chain c are `starts[c]` to `starts[c + 1] - 1`. */
  readonly starts: Int32Array;

  constructor(
    readonly chainCount: number,
    most: number,
  ) {
    this.to = new Int32Array(most);
    this.rule = new Int32Array(most);
    this.starts = new Int32Array(chainCount + 1);
  }

  push(to: number, rule: number): void {
    this.to[this.length] = to;
    this.rule[this.length++] = rule;
  }

  endOfChain(chain: number): void {
    this.starts[chain + 1] = this.length;
  }
}

export interface Loop {
  readonly from: number;
  /** The jump that closes it. */
  readonly jump: number;
}

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/** The jumps that close a loop, in the order in which a walk meets them. */
export function findLoops({ chainCount, to, starts }: Jumps): Loop[] {
  const cursor = starts.slice();
  const state = new Uint8Array(chainCount);
  const stack = new Int32Array(chainCount + 1);
  const loops: Loop[] = [];
  for (let root = 0; root < chainCount; root++) {
    if (state[root] !== UNSEEN) continue;
    let depth = 0;
    stack[depth++] = root;
    state[root] = OPEN;
    while (depth > 0) {
      const chain = stack[depth - 1];
      if (cursor[chain] === starts[chain + 1]) {
        state[chain] = DONE;
        depth--;
        continue;
      }
      const jump = cursor[chain]++;
      const target = to[jump];
      if (state[target] === OPEN) loops.push({ from: chain, jump });
      else if (state[target] === UNSEEN) {
        state[target] = OPEN;
        stack[depth++] = target;
      }
    }
  }
  return loops;
}
