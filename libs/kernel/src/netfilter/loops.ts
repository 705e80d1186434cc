/** Chains that lead back to themselves (nf_tables' nft_chain_validate, xtables' mark_source_chains): refused when rules are loaded. */

export interface Jump {
  /** Slots of chains. */
  readonly from: number;
  readonly to: number;
  readonly rule: number;
}

const UNSEEN = 0;
const OPEN = 1;
const DONE = 2;

/** The jumps that close a loop, in the order in which a walk meets them. */
export function findLoops(chainCount: number, jumps: readonly Jump[]): Jump[] {
  const starts = new Int32Array(chainCount + 1);
  for (const jump of jumps) starts[jump.from + 1]++;
  for (let c = 0; c < chainCount; c++) starts[c + 1] += starts[c];
  const cursor = starts.slice();
  const order = new Int32Array(jumps.length);
  jumps.forEach((jump, i) => (order[cursor[jump.from]++] = i));
  cursor.set(starts);
  const state = new Uint8Array(chainCount);
  const stack: number[] = [];
  const loops: Jump[] = [];
  for (let root = 0; root < chainCount; root++) {
    if (state[root] !== UNSEEN) continue;
    stack.push(root);
    state[root] = OPEN;
    while (stack.length > 0) {
      const chain = stack[stack.length - 1];
      if (cursor[chain] === starts[chain + 1]) {
        state[chain] = DONE;
        stack.pop();
        continue;
      }
      const jump = jumps[order[cursor[chain]++]];
      if (state[jump.to] === OPEN) loops.push(jump);
      else if (state[jump.to] === UNSEEN) {
        state[jump.to] = OPEN;
        stack.push(jump.to);
      }
    }
  }
  return loops;
}
