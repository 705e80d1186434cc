/** `cluster` (net/netfilter/xt_cluster.c xt_cluster_mt; 6.18): whether a connection is this node's, by the hash of who began it. */
import { RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import { DIRECTION_ORIGINAL, Tuple } from '../../conntrack/index.js';
import { jhash2, swapWord } from '../../packet/index.js';
import type { Evaluate } from './answer.js';

const NODES = fieldIn('cluster', 'cluster-local-nodemask');
const NODES_BIT = bitIn('cluster', 'cluster-local-nodemask');
const TOTAL = fieldIn('cluster', 'cluster-total-nodes');
const SEED = fieldIn('cluster', 'cluster-hash-seed');

const tuple = new Tuple();
const words = new Int32Array(4);

export const matchCluster: Evaluate = (m, p, code, at) => {
  if (p.conntrack < 0) return false;
  m.conntrack.tuple(p.conntrack, DIRECTION_ORIGINAL, tuple);
  const length = p.family === 4 ? 1 : 4;
  for (let i = 0; i < length; i++) words[i] = swapWord(p.family === 4 ? tuple.source : m.environment.addresses.word6(tuple.source, i));
  const hash = jhash2(words, length, code[at + SEED]) >>> 0;
  const node = Math.floor((hash * (code[at + TOTAL] >>> 0)) / 0x1_0000_0000);
  return ((code[at + NODES] & (1 << node)) !== 0) !== ((code[at + RECORD_INVERTED] & NODES_BIT) !== 0);
};

