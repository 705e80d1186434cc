/**
 * `limit`. iptables-legacy counts in jiffies (xt_limit.c), iptables-nft has the rule carried out by nf_tables in nanoseconds (nft_limit.c,
 * `add_nft_limit` of iptables 1.8.9); Linux 6.18, HZ 250.
 */
import { CLAUSE_SIZE_SHIFT, LIMIT_SCALE, fieldIn } from '@worldline/language';
import { HZ, jiffies } from '../../conntrack/index.js';
import type { Evaluate } from './answer.js';

const RATE = fieldIn('limit', 'limit');
const BURST = fieldIn('limit', 'limit-burst');
/** POW2_BELOW32(0xFFFFFFFF / (HZ * 60 * 60 * 24)). */
const CREDITS_PER_JIFFY = 128;
const NANOSECONDS = 1_000_000_000;

function average(code: Int32Array, at: number): number {
  return code[at + RATE] * 0x1_0000_0000 + (code[at + RATE + 1] >>> 0);
}

function user2credits(user: number): number {
  if (user > 0xffffffff / (HZ * CREDITS_PER_JIFFY)) return Math.floor(user / LIMIT_SCALE) * HZ * CREDITS_PER_JIFFY;
  return Math.floor((user * HZ * CREDITS_PER_JIFFY) / LIMIT_SCALE);
}

/** What one packet costs in nf_tables: nanoseconds of the unit over packets in the unit, as the tool scales them. */
function costInNanoseconds(averageCost: number): number {
  const units = [86400, 3600, 60, 1].map((s) => s * LIMIT_SCALE);
  let i = 1;
  for (; i < units.length; i++) if (averageCost > units[i] || Math.floor(units[i] / averageCost) < units[i] % averageCost) break;
  const unit = units[i - 1];
  const rate = Math.floor(unit / averageCost);
  return Math.floor(((unit / LIMIT_SCALE) * NANOSECONDS) / rate);
}

/** Two doubles: credit left, and the moment of the last packet (jiffies, or microseconds). */
export function initLimit(code: Int32Array, at: number, memory: Float64Array, place: number, isLegacy: boolean): void {
  const burst = code[at + BURST] >>> 0;
  memory[place] = isLegacy ? user2credits(average(code, at) * burst) : costInNanoseconds(average(code, at)) * (burst === 0 ? 5 : burst);
  memory[place + 1] = 0;
}

export const matchLimit: Evaluate = (m, _, code, at) => {
  const { netfilter, environment } = m;
  m.environment.effects.refuse();
  const place = netfilter.statePlace(code[at + (code[at] >>> CLAUSE_SIZE_SHIFT) - 1]);
  const memory = netfilter.stateValues;
  const cost = average(code, at);
  const burst = code[at + BURST] >>> 0;
  if (netfilter.isLegacy) {
    const now = jiffies(environment.now);
    const cap = user2credits(cost * burst);
    const credit = Math.min(cap, memory[place] + (now - memory[place + 1]) * CREDITS_PER_JIFFY);
    memory[place + 1] = now;
    const price = user2credits(cost);
    const isPaid = credit >= price;
    memory[place] = isPaid ? credit - price : credit;
    return isPaid;
  }
  const price = costInNanoseconds(cost);
  const cap = price * (burst === 0 ? 5 : burst);
  const tokens = Math.min(cap, memory[place] + (environment.now - memory[place + 1]) * 1000);
  memory[place + 1] = environment.now;
  const isPaid = tokens >= price;
  memory[place] = isPaid ? tokens - price : tokens;
  return isPaid;
};
