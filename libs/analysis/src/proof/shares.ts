/** Where chance decides: whether the kernel's counts are likely under the probabilities that explore gives. */
import { outcomeOf } from '@worldline/model';
import type { FlowReport, Observed, ObservedShares, PathReport, SocketView } from '@worldline/model';
import { discord, plainAddress, show } from './checks.js';
import type { Discord } from './checks.js';

/** Below this the counts speak against the probabilities. */
const LEAST_LIKELIHOOD = 1e-4;
const TOLERANCE = 1e-8;
const NOBODY = 'none';

export function compareShares(distribution: NonNullable<Observed['distribution']>, flows: readonly FlowReport[]): Discord[] {
  const groups = Object.values(distribution);
  const count = groups.reduce((n, g) => n + sum(Object.values(g.runs[0] ?? {})), 0);
  const sent = sum(flows.map(({ totals }) => totals.sent));
  if (sent !== count) return [discord(`${count} packets`, `${sent} packets`)];
  const outcomes = new Set(groups.flatMap(({ total }) => Object.keys(total)));
  const mean: Record<string, number> = {};
  const out: Discord[] = [];
  for (const { name, paths, totals } of flows) {
    const shares = sharesOf(paths);
    const total = sum(Object.values(shares));
    if (Math.abs(total - 1) > TOLERANCE) out.push(discord(`${name}: probabilities that add up to 1`, total));
    for (const p of paths) if ((p.delivered === null) === (outcomeOf(p.disposition) === 'delivered')) out.push(discord(`${name}: a disposition that fits ${keyOf(p)}`, p.disposition));
    for (const [key, share] of Object.entries(shares)) {
      if (share > 0 && !outcomes.has(key)) out.push(discord(`${name}: one of ${[...outcomes].join(', ')}`, key));
      mean[key] = (mean[key] ?? 0) + (share * totals.sent) / count;
    }
  }
  for (const { total } of groups) {
    const p = likelihood(total, mean);
    if (!(p > LEAST_LIKELIHOOD)) out.push(discord(`shares under which ${show(total)} is likely`, `${show(mean)}: p = ${p.toExponential(2)}`));
  }
  return out;
}

/** Which server got how many of the flows, in every run and in all. */
export function countShares(runs: readonly Observed['flows'][]): Readonly<Record<string, ObservedShares>> {
  const counts = runs.map((flows) => {
    const run: Record<string, number> = {};
    for (const { packets } of flows)
      for (const { delivered } of packets) {
        const d = Array.isArray(delivered) ? (delivered as readonly SeenEnd[])[0] : (delivered as SeenEnd | null);
        const key = d ? `${d.ns} ${endpoint(d.localAddr ?? '', d.localPort)}` : NOBODY;
        run[key] = (run[key] ?? 0) + 1;
      }
    return run;
  });
  const total: Record<string, number> = {};
  for (const run of counts) for (const [key, n] of Object.entries(run)) total[key] = (total[key] ?? 0) + n;
  return { all: { runs: counts, total } };
}

interface SeenEnd {
  readonly ns?: string;
  readonly localAddr?: string;
  readonly localPort?: number;
}

const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const endpoint = (ip: string, port: number | undefined): string => (ip.includes(':') ? `[${plainAddress(ip)}]:${port}` : `${ip}:${port}`);

function sharesOf(paths: readonly PathReport[]): Record<string, number> {
  const out: Record<string, number> = {};
  for (const p of paths) out[keyOf(p)] = (out[keyOf(p)] ?? 0) + p.probability;
  return out;
}

function keyOf({ delivered }: PathReport): string {
  const views = delivered === null ? [] : Array.isArray(delivered) ? (delivered as readonly SocketView[]) : [delivered as SocketView];
  return views.length === 0 ? NOBODY : views.map((v) => `${v.machine} ${endpoint(v.local.ip, v.local.port)}`).sort().join(' ');
}

/** How likely counts at least this odd are: exact binomial for two outcomes, chi-square for more. */
function likelihood(counts: Readonly<Record<string, number>>, shares: Readonly<Record<string, number>>): number {
  const shareOf = (k: string): number => shares[k] ?? 0;
  const keys = [...new Set([...Object.keys(counts), ...Object.keys(shares).filter((k) => shareOf(k) > 0)])];
  const n = sum(keys.map((k) => counts[k] ?? 0));
  if (keys.some((k) => (counts[k] ?? 0) > 0 && !(shareOf(k) > 0))) return 0;
  const [first, second] = keys;
  if (first === undefined || second === undefined) return 1;
  if (keys.length === 2) return binomial(counts[first] ?? 0, n, shareOf(first));
  const chi = sum(keys.map((k) => ((counts[k] ?? 0) - n * shareOf(k)) ** 2 / (n * shareOf(k))));
  return 1 - lowerGamma((keys.length - 1) / 2, chi / 2);
}

function binomial(seen: number, n: number, share: number): number {
  const odds = (k: number): number => Math.exp(lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + k * Math.log(share) + (n - k) * Math.log1p(-share));
  const limit = odds(seen) * (1 + 1e-7);
  let total = 0;
  for (let k = 0; k <= n; k++) if (odds(k) <= limit) total += odds(k);
  return Math.min(1, total);
}

/** Stirling's series, after as many steps as make it exact to the last digits. */
function lnGamma(z: number): number {
  let product = 1;
  let x = z;
  for (; x < 20; x++) product *= x;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** Regularised lower incomplete gamma function by its series. */
function lowerGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  if (x > 700) return 1;
  let term = 1 / a;
  let total = term;
  for (let n = 1; n < 5000 && term > total * 1e-15; n++) {
    term *= x / (a + n);
    total += term;
  }
  return Math.min(1, total * Math.exp(-x + a * Math.log(x) - lnGamma(a)));
}
