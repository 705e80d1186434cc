/**
 * Runs of rules that each name one address, port or interface are found by hash instead of one after the other. A run's table leads to the
 * first rule with the packet's key; rules with equal keys are linked in order, and every rule found is still evaluated in full, so the
 * outcome is that of walking the run.
 */
import {
  CLAUSE_INVERTED,
  CLAUSE_OPCODE,
  CLAUSE_SIZE_SHIFT,
  OP_BPF,
  OP_CONNLIMIT,
  OP_FIRST_TARGET,
  OP_HASHLIMIT,
  OP_INPUT_INTERFACE,
  OP_LIMIT,
  OP_NFACCT,
  OP_OUTPUT_INTERFACE,
  OP_PROTOCOL,
  OP_QUOTA,
  OP_RATEEST,
  OP_RECENT,
  OP_SET,
  OP_SOCKET,
  OP_STATISTIC,
  OP_UNMODELLED_MATCH,
} from '@worldline/language';
import type { PacketContext } from '../packet/index.js';
import type { CodeBuffer } from './code-buffer.js';
import {
  K_DESTINATION_IS,
  K_DESTINATION_PORT_IS,
  K_END,
  K_INDEX,
  K_SOURCE_IS,
  K_SOURCE_PORT_IS,
  RULE_CLAUSES,
  RULE_NEXT,
} from './program.js';

/** Fewer rules are walked faster than hashed. */
const SHORTEST_RUN = 8;

const DESTINATION = 1;
const SOURCE = 2;
const PROTOCOL = 4;
const DESTINATION_PORT = 8;
const SOURCE_PORT = 16;
const INPUT = 32;
const OUTPUT = 64;
/** A protocol alone tells too little apart. */
const SELECTIVE = DESTINATION | SOURCE | DESTINATION_PORT | SOURCE_PORT | INPUT | OUTPUT;

/** A packet that only asks must not be counted: rules behind such a clause cannot be left out unless the clause is asked. */
export const IMPURE = new Set<number>([
  OP_RECENT, OP_LIMIT, OP_HASHLIMIT, OP_STATISTIC, OP_QUOTA, OP_CONNLIMIT, OP_SET, OP_UNMODELLED_MATCH, OP_NFACCT, OP_SOCKET, OP_RATEEST, OP_BPF,
]);

const KEY_OF: Readonly<Record<number, number>> = {
  [K_DESTINATION_IS]: DESTINATION,
  [K_SOURCE_IS]: SOURCE,
  [OP_PROTOCOL]: PROTOCOL,
  [K_DESTINATION_PORT_IS]: DESTINATION_PORT,
  [K_SOURCE_PORT_IS]: SOURCE_PORT,
  [OP_INPUT_INTERFACE]: INPUT,
  [OP_OUTPUT_INTERFACE]: OUTPUT,
};

/** What one rule asks for. */
class Key {
  dimensions = 0;
  destination = 0;
  source = 0;
  protocol = 0;
  destinationPort = 0;
  sourcePort = 0;
  input = 0;
  output = 0;

  read(code: Int32Array, rule: number): void {
    this.dimensions = 0;
    for (let at = rule + RULE_CLAUSES; ; at += code[at] >>> CLAUSE_SIZE_SHIFT) {
      const opcode = code[at] & CLAUSE_OPCODE;
      if (opcode >= OP_FIRST_TARGET || IMPURE.has(opcode)) return;
      const dimension = KEY_OF[opcode];
      if (dimension === undefined || (code[at] & CLAUSE_INVERTED) !== 0 || (this.dimensions & dimension) !== 0) continue;
      this.dimensions |= dimension;
      const value = code[at + 1];
      if (dimension === DESTINATION) this.destination = value;
      else if (dimension === SOURCE) this.source = value;
      else if (dimension === PROTOCOL) this.protocol = value;
      else if (dimension === DESTINATION_PORT) this.destinationPort = value;
      else if (dimension === SOURCE_PORT) this.sourcePort = value;
      else if (dimension === INPUT) this.input = value;
      else this.output = value;
    }
  }

  hash(dimensions: number): number {
    let h = 0;
    if ((dimensions & DESTINATION) !== 0) h = mix(h, this.destination);
    if ((dimensions & SOURCE) !== 0) h = mix(h, this.source);
    if ((dimensions & PROTOCOL) !== 0) h = mix(h, this.protocol);
    if ((dimensions & DESTINATION_PORT) !== 0) h = mix(h, this.destinationPort);
    if ((dimensions & SOURCE_PORT) !== 0) h = mix(h, this.sourcePort);
    if ((dimensions & INPUT) !== 0) h = mix(h, this.input);
    if ((dimensions & OUTPUT) !== 0) h = mix(h, this.output);
    return h;
  }
}

function mix(h: number, value: number): number {
  const x = Math.imul(h ^ value, 0x9e3779b1);
  return x ^ (x >>> 15);
}

function packetHash(p: PacketContext, dimensions: number, inputName: number, outputName: number): number {
  let h = 0;
  if ((dimensions & DESTINATION) !== 0) h = mix(h, p.destination);
  if ((dimensions & SOURCE) !== 0) h = mix(h, p.source);
  if ((dimensions & PROTOCOL) !== 0) h = mix(h, p.protocol);
  if ((dimensions & DESTINATION_PORT) !== 0) h = mix(h, p.destinationPort);
  if ((dimensions & SOURCE_PORT) !== 0) h = mix(h, p.sourcePort);
  if ((dimensions & INPUT) !== 0) h = mix(h, inputName);
  if ((dimensions & OUTPUT) !== 0) h = mix(h, outputName);
  return h;
}

/** Position in the chain's code of the first rule with the packet's key, 0 for none. */
export function findRule(index: Int32Array, table: number, p: PacketContext, inputName: number, outputName: number): number {
  const hash = packetHash(p, index[table], inputName, outputName);
  const mask = index[table + 1];
  const slots = table + 2;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const place = index[slots + 2 * slot + 1];
    if (place === 0 || index[slots + 2 * slot] === hash) return place;
  }
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly dimensions: number;
}

/**
 * Writes a chain's rules once more, with its indexed runs. `rules` holds the rules' positions in `out` from `firstRule` on and is brought
 * up to date; the code from `start` on is replaced.
 */
export function indexChain(out: CodeBuffer, index: CodeBuffer, rules: Int32Array, firstRule: number, ruleCount: number, start: number): void {
  if (ruleCount < SHORTEST_RUN) return;
  const runs = findRuns(out.values, rules, firstRule, ruleCount);
  if (runs.length === 0) return;
  const old = out.values.slice(start, out.length);
  const ends = Array.from({ length: ruleCount }, (_, r) => (r + 1 < ruleCount ? rules[firstRule + r + 1] : out.length) - start);
  // The end of the chain is the pseudo-rule behind the last rule
  ends[ruleCount - 1] = old.length - END_SIZE;
  out.length = start;
  let next = 0;
  for (let r = 0; r < ruleCount; ) {
    const run = runs[next];
    if (run === undefined || r < run.from) {
      const begin = rules[firstRule + r] - start;
      rules[firstRule + r] = out.length;
      out.copy(old, begin, ends[r]);
      r++;
      continue;
    }
    writeRun({ out, index, rules, firstRule, run, old, ends, start });
    r = run.to;
    next++;
  }
  out.copy(old, old.length - END_SIZE, old.length);
}

/** `[0, -1, target]`. */
const END_SIZE = 3;

export function writeEnd(out: CodeBuffer): void {
  out.push(0);
  out.push(-1);
  out.push(K_END | (1 << CLAUSE_SIZE_SHIFT));
}

function findRuns(code: Int32Array, rules: Int32Array, firstRule: number, ruleCount: number): Run[] {
  const key = new Key();
  const runs: Run[] = [];
  let from = 0;
  let dimensions = 0;
  const end = (to: number): void => {
    if (to - from >= SHORTEST_RUN && (dimensions & SELECTIVE) !== 0) runs.push({ from, to, dimensions });
  };
  for (let r = 0; r < ruleCount; r++) {
    key.read(code, rules[firstRule + r]);
    const common = r === from ? key.dimensions : dimensions & key.dimensions;
    // A longer run on fewer keys is worth it only while a selective one is left
    const isWorse = common !== dimensions && r - from >= SHORTEST_RUN && (common & (DESTINATION | SOURCE | INPUT | OUTPUT)) === 0;
    if (r > from && ((common & SELECTIVE) === 0 || isWorse)) {
      end(r);
      from = r;
      dimensions = key.dimensions;
    } else dimensions = common;
  }
  end(ruleCount);
  return runs;
}

interface RunWriter {
  readonly out: CodeBuffer;
  readonly index: CodeBuffer;
  readonly rules: Int32Array;
  readonly firstRule: number;
  readonly run: Run;
  readonly old: Int32Array;
  readonly ends: readonly number[];
  readonly start: number;
}

function writeRun({ out, index, rules, firstRule, run, old, ends, start }: RunWriter): void {
  const entry = out.length;
  out.push(0);
  out.push(-1);
  out.push(K_INDEX | (2 << CLAUSE_SIZE_SHIFT));
  out.push(index.length);
  const key = new Key();
  let capacity = 16;
  while (capacity < 2 * (run.to - run.from)) capacity *= 2;
  const table = index.length;
  index.reserve(2 + 2 * capacity);
  index.values.fill(0, table, table + 2 + 2 * capacity);
  index.length += 2 + 2 * capacity;
  index.values[table] = run.dimensions;
  index.values[table + 1] = capacity - 1;
  /** Per slot of the table: the last rule of its list so far. */
  const last = new Int32Array(capacity);
  for (let r = run.from; r < run.to; r++) {
    const begin = rules[firstRule + r] - start;
    const place = out.length;
    out.copy(old, begin, ends[r]);
    rules[firstRule + r] = place;
    key.read(out.values, place);
    const hash = key.hash(run.dimensions);
    let slot = hash & (capacity - 1);
    const slots = table + 2;
    while (index.values[slots + 2 * slot + 1] !== 0 && index.values[slots + 2 * slot] !== hash) slot = (slot + 1) & (capacity - 1);
    if (index.values[slots + 2 * slot + 1] === 0) {
      index.values[slots + 2 * slot] = hash;
      index.values[slots + 2 * slot + 1] = place;
    } else out.values[last[slot] + RULE_NEXT] = place - last[slot];
    last[slot] = place;
  }
  const end = out.length;
  out.values[entry + RULE_NEXT] = end - entry;
  for (const place of last) if (place !== 0) out.values[place + RULE_NEXT] = end - place;
}
