/** The state that a run leaves: rules' counts and connections. */
import type { MachineName, Observed, ObservedChain, ObservedCounters } from '@worldline/model';
import { readSave } from '../observation/index.js';
import type { SavedChain } from '../observation/index.js';
import { discord, plainAddress } from './checks.js';
import type { Discord } from './checks.js';
import type { DrawnPorts } from './ports.js';

/** One machine's dumps after a run. */
export interface AfterDumps {
  readonly rules: string;
  readonly rules6: string;
  readonly conntrack: string;
}

export interface StateComparison {
  readonly compared: number;
  readonly discords: readonly Discord[];
}

const BUILTIN: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

export interface CountsInput {
  readonly family: 4 | 6;
  readonly recorded: ObservedCounters | undefined;
  readonly unstable: readonly string[];
  readonly predicted: ReadonlyMap<MachineName, AfterDumps>;
  /** The kernel's own dumps, whose rules must read the same. */
  readonly dumped: ReadonlyMap<MachineName, AfterDumps>;
}

const isPlain = (table: string, chain: string, { policy, rules }: Pick<ObservedChain, 'policy' | 'rules'> | SavedChain): boolean =>
  (BUILTIN[table]?.includes(chain) ?? false) && rules.length === 0 && policy?.[0] === 'ACCEPT';

/** Each chain's rules by position, count and text; the number of rules, the set of chains, the policies' verdicts. */
export function compareCounts({ family, recorded, unstable, predicted, dumped }: CountsInput): StateComparison {
  const discords: Discord[] = [];
  let compared = 0;
  const textOf = (dumps: AfterDumps | undefined): string => (family === 4 ? dumps?.rules : dumps?.rules6) ?? '';
  const label = family === 4 ? '' : 'ip6 ';
  const skipped = new Set(unstable);
  for (const [machine, tables] of Object.entries(recorded ?? {})) {
    const said = readSave(textOf(predicted.get(machine)));
    const own = readSave(textOf(dumped.get(machine)));
    for (const [table, chains] of Object.entries(tables)) {
      for (const [chain, seen] of Object.entries(chains)) {
        const at = `${machine} ${label}${table} ${chain}`;
        const got = said.get(table)?.get(chain);
        compared += Math.max(1, seen.rules.length);
        if (!got) {
          if (!isPlain(table, chain, seen)) discords.push(discord(`${at}: ${seen.rules.length} rules`, 'no such chain'));
          continue;
        }
        discords.push(...compareChain({ at, key: `${machine} ${table} ${chain}`, seen, got, texts: own.get(table)?.get(chain)?.texts ?? got.texts, skipped }));
      }
    }
  }
  for (const [machine, dumps] of predicted)
    for (const [table, chains] of readSave(textOf(dumps)))
      for (const [chain, c] of chains) if (!recorded?.[machine]?.[table]?.[chain] && !isPlain(table, chain, c)) discords.push(discord(`${machine} ${label}${table}: no chain ${chain}`, `${c.rules.length} rules`));
  return { compared, discords };
}

function compareChain(of: { at: string; key: string; seen: ObservedChain; got: SavedChain; texts: readonly string[]; skipped: ReadonlySet<string> }): Discord[] {
  const { at, key, seen, got, texts, skipped } = of;
  const out: Discord[] = [];
  const policy = seen.policy?.[0] ?? '-';
  if (policy !== (got.policy?.[0] ?? '-')) out.push(discord(`${at}: policy ${policy}`, got.policy?.[0] ?? '-'));
  if (got.rules.length !== seen.rules.length) return [...out, discord(`${at}: ${seen.rules.length} rules`, `${got.rules.length} rules`)];
  for (const [i, count] of seen.rules.entries()) {
    if (skipped.has(`${key} ${i + 1}`)) continue;
    if (got.texts[i] !== texts[i]) out.push(discord(`${at} ${i + 1}: ${texts[i]}`, got.texts[i]));
    else if (got.rules[i]?.join(':') !== count.join(':')) out.push(discord(`${at} ${i + 1}: [${count.join(':')}] ${texts[i]}`, `[${got.rules[i]?.join(':') ?? 'no count'}]`));
  }
  return out;
}

interface Tuple {
  src: string | null;
  dst: string | null;
  type: string | null;
  code: string | null;
  sport: number | undefined;
  dport: number | undefined;
  id: number | undefined;
}

interface Entry {
  readonly line: string;
  readonly family: string;
  readonly protocol: string;
  readonly state: string;
  readonly tuples: readonly Tuple[];
  readonly words: readonly string[];
}

/** Words that are not compared: timers, counts, ids of the kernel. */
const IGNORED = ['use', 'packets', 'bytes', 'secctx', 'id'];

/** One line of `conntrack -L`, with `-o extended`. */
function readEntry(line: string): Entry {
  const words = line.trim().split(/\s+/);
  const tuples: Tuple[] = [];
  const rest: string[] = [];
  let state = '';
  for (const [i, word] of words.entries()) {
    if (i < 4 || (i === 4 && /^\d+$/.test(word))) continue;
    const [key, value] = word.includes('=') ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word, null];
    if (key === 'src') tuples.push({ src: null, dst: null, type: null, code: null, sport: undefined, dport: undefined, id: undefined });
    const tuple = tuples.at(-1);
    if (IGNORED.includes(key) && !(key === 'id' && tuple)) continue;
    if (value !== null && tuple && (key === 'src' || key === 'dst')) tuple[key] = plainAddress(value);
    else if (value !== null && tuple && (key === 'type' || key === 'code')) tuple[key] = value;
    else if (value !== null && tuple && (key === 'sport' || key === 'dport' || key === 'id')) tuple[key] = Number(value);
    else if (value === null && !word.startsWith('[')) state = word;
    else rest.push(word);
  }
  const [family = '', , protocol = ''] = words;
  return { line: words.join(' '), family, protocol, state, tuples, words: rest.sort() };
}

const keyOf = (e: Entry, hasState: boolean): string => [e.family, e.protocol, hasState ? e.state : '', ...e.tuples.map((t) => `${t.src} ${t.dst} ${t.type} ${t.code}`), ...e.words].join('|');
const portsOf = (t: Tuple | undefined): readonly (number | undefined)[] => [t?.sport, t?.dport, t?.id];

/** Entries are a set per machine; no two may have one reply tuple in a zone. */
export function compareEntries(observed: Pick<Observed, 'conntrack' | 'unstableTcpStates'>, predicted: ReadonlyMap<MachineName, AfterDumps>, ports: DrawnPorts): StateComparison {
  const discords: Discord[] = [];
  let compared = 0;
  const linesOf = (machine: MachineName): string[] => (predicted.get(machine)?.conntrack ?? '').split('\n').filter((l) => /\ssrc=/.test(l));
  for (const machine of [...new Set([...Object.keys(observed.conntrack ?? {}), ...predicted.keys()])].sort()) {
    const seen = (observed.conntrack?.[machine] ?? []).map(readEntry);
    const said = linesOf(machine).map(readEntry);
    const left = [...said];
    const isDrawn = (e: Entry): boolean => e.tuples.some((t) => portsOf(t).some((p) => ports.isDrawn(p)));
    // entries without drawn ports first, so that they are not taken for others
    for (const e of [...seen.filter((one) => !isDrawn(one)), ...seen.filter(isDrawn)]) {
      compared++;
      const isUnstable = (observed.unstableTcpStates ?? []).some((u) => u.startsWith(`${machine} `) && e.line.includes(u.slice(machine.length + 1)));
      const i = left.findIndex((g) => keyOf(e, !isUnstable) === keyOf(g, !isUnstable) && ports.try(() => e.tuples.every((t, n) => portsOf(t).every((p, k) => ports.isSame(p, portsOf(g.tuples[n])[k], k === 2)))));
      if (i >= 0) left.splice(i, 1);
      else discords.push(discord(`${machine}: ${e.line}`, nearest(e, left)));
    }
    discords.push(...left.map((g) => discord(`${machine}: no such entry`, g.line)), ...doubled(machine, said));
  }
  return { compared, discords };
}

function doubled(machine: MachineName, entries: readonly Entry[]): Discord[] {
  const seen = new Set<string>();
  return entries.flatMap((e) => {
    const key = [e.protocol, JSON.stringify(e.tuples[1]), ...e.words.filter((w) => w.startsWith('zone'))].join(' ');
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [discord(`${machine}: one entry with this reply`, e.line)];
  });
}

function nearest(e: Entry, left: readonly Entry[]): string {
  const isNear = (g: Entry): boolean => g.protocol === e.protocol && g.tuples[0]?.src === e.tuples[0]?.src;
  const found = left.find((g) => isNear(g) && g.tuples[0]?.sport === e.tuples[0]?.sport && g.tuples[0]?.dst === e.tuples[0]?.dst) ?? left.find(isNear);
  return found?.line ?? 'no such entry';
}
