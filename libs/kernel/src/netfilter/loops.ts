/** Chains that lead back to themselves (nf_tables' nft_chain_validate, xtables' mark_source_chains): refused when rules are loaded. */

/** Jumps of one table: from slot to slot, and the rule that jumps. */
export class Jumps {
  from = new Int32Array(256);
  to = new Int32Array(256);
  rule = new Int32Array(256);
  length = 0;

  push(from: number, to: number, rule: number): void {
    if (this.length === this.from.length) {
      this.from = widened(this.from);
      this.to = widened(this.to);
      this.rule = widened(this.rule);
    }
    this.from[this.length] = from;
    this.to[this.length] = to;
    this.rule[this.length++] = rule;
  }
}

function widened(array: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * array.length);
  wider.set(array);
  return wider;
}

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/** The jumps that close a loop, in the order in which a walk meets them. */
export function findLoops(chainCount: number, jumps: Jumps): number[] {
  const { from, to, length } = jumps;
  const starts = new Int32Array(chainCount + 1);
  for (let i = 0; i < length; i++) starts[from[i] + 1]++;
  for (let c = 0; c < chainCount; c++) starts[c + 1] += starts[c];
  const cursor = starts.slice();
  const order = new Int32Array(length);
  for (let i = 0; i < length; i++) order[cursor[from[i]]++] = i;
  cursor.set(starts);
  const state = new Uint8Array(chainCount);
  const stack = new Int32Array(chainCount + 1);
  const loops: number[] = [];
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
      const jump = order[cursor[chain]++];
      const target = to[jump];
      if (state[target] === OPEN) loops.push(jump);
      else if (state[target] === UNSEEN) {
        state[target] = OPEN;
        stack[depth++] = target;
      }
    }
  }
  return loops;
}
