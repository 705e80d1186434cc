/** How often each word of the vocabulary matched and did not, by the kernel's own trace. */
import type { Proved } from '@worldline/application';
import type { ObservedTrace } from '@worldline/model';
import type { CaseFiles } from './stage.js';

export interface WordCount {
  matched: number;
  unmatched: number;
}

/** Rules by `MACHINE FAMILY TABLE CHAIN`, in order. */
type Chains = ReadonlyMap<string, readonly string[]>;

const BUILTIN = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

export class WordTally {
  readonly counts = new Map<string, WordCount>();

  /** Counts the rules that a case's packets met, but for `wrong` ones. */
  add(files: CaseFiles, { trace, observed }: Pick<Proved, 'trace' | 'observed'>, wrong: ReadonlySet<string>): void {
    const chains = chainsOf(files);
    const setTypes = setTypesOf(files);
    // rules that came or went in the middle have no fixed number
    const changed = new Set((observed.events ?? []).filter(({ run }) => /tables/.test(run)).map(({ ns }) => ns));
    const six = new Set(observed.flows.filter(({ packets }) => packets.some(({ sent }) => sent.dst.includes(':'))).map(({ name }) => name));
    for (const [packet, rows] of Object.entries(trace)) {
      if (wrong.has(packet)) continue;
      const family = six.has(packet.slice(0, packet.lastIndexOf('/'))) ? 'ip6' : 'ip';
      for (const [, steps] of rows) for (const { machine, table, chain, number, isMatch } of visits(steps, (m, t, c) => chains.get(`${m} ${family} ${t} ${c}`)?.length ?? 0)) {
        const rule = changed.has(machine) ? undefined : chains.get(`${machine} ${family} ${table} ${chain}`)?.[number - 1];
        if (rule !== undefined) this.count(rule, { isMatch, setTypes, machine });
      }
    }
  }

  private count(rule: string, { isMatch, setTypes, machine }: { isMatch: boolean; setTypes: ReadonlyMap<string, string>; machine: string }): void {
    const { conditions, effects } = wordsOf(rule);
    const set = /--match-set (\S+)/.exec(rule)?.[1];
    if (set !== undefined) conditions.push(`set ${setTypes.get(`${machine} ${set}`) ?? '?'}`);
    const plain = conditions.filter((w) => w !== '-p' && !w.startsWith('set '));
    // of several conditions the trace does not say which one failed
    const counted = isMatch ? [...conditions, ...effects] : [...(plain.length <= 1 ? conditions.filter((w) => w !== '-p' || plain.length === 0) : []), ...effects];
    for (const word of new Set(counted)) {
      const sums = this.counts.get(word) ?? { matched: 0, unmatched: 0 };
      if (isMatch) sums.matched++;
      else sums.unmatched++;
      this.counts.set(word, sums);
    }
  }
}

interface Visit {
  readonly machine: string;
  readonly table: string;
  readonly chain: string;
  readonly number: number;
  readonly isMatch: boolean;
}

/** Rules between two that the trace names were looked at and did not match. */
function* visits(steps: ObservedTrace[string][number][1], lengthOf: (machine: string, table: string, chain: string) => number): Generator<Visit> {
  let machine = '';
  const at = new Map<string, number>();
  for (const step of steps) {
    if (step.startsWith('@')) {
      machine = step.slice(1);
      continue;
    }
    const [, table, chain, digits, verdict = '', target] = /^(\w+)\/(\S+?)(?:#(\d+))? (\w+)(?: (\S+))?/.exec(step) ?? [];
    if (table === undefined || chain === undefined) continue;
    const key = `${machine} ${table} ${chain}`;
    const from = at.get(key) ?? 0;
    const number = digits === undefined ? lengthOf(machine, table, chain) + 1 : Number(digits);
    for (let i = from + 1; i < number; i++) yield { machine, table, chain, number: i, isMatch: false };
    if (digits !== undefined) yield { machine, table, chain, number, isMatch: true };
    at.set(key, number);
    if (target !== undefined) at.set(`${machine} ${table} ${target}`, 0);
    const isOver = digits === undefined || verdict === 'accept' || verdict === 'drop' || verdict === 'stolen';
    if (isOver) for (const known of [...at.keys()]) if (known.startsWith(`${machine} ${table} `) && (known === key || BUILTIN.includes(chain) || verdict !== 'return')) at.delete(known);
  }
}

/** `conntrack --ctstate`, `-s`, `DNAT --to-destination`. */
function wordsOf(rule: string): { conditions: string[]; effects: string[] } {
  const words = rule.replace(/"(?:\\.|[^"\\])*"/g, '""').split(' ');
  const conditions: string[] = [];
  const effects: string[] = [];
  let extension = '';
  let isTarget = false;
  for (const [i, word] of words.entries()) {
    if (i < 2) continue;
    if (word === '-m') extension = words[i + 1] ?? '';
    else if (word === '-j' || word === '-g') {
      isTarget = true;
      extension = words[i + 1] ?? '';
      effects.push(/^[A-Z]+$/.test(extension) ? extension : `${word} CHAIN`);
    } else if (/^-[a-z]$/.test(word)) conditions.push(word);
    else if (word.startsWith('--')) (isTarget ? effects : conditions).push(`${extension} ${word}`);
    if (word === '-m' && !(words[i + 2] ?? '').startsWith('-') && words[i + 2] !== '!') conditions.push(extension);
    else if (word === '-m' && /^-[a-z]$/.test(words[i + 2] ?? '')) conditions.push(extension);
  }
  return { conditions, effects };
}

function chainsOf(files: CaseFiles): Chains {
  const out = new Map<string, string[]>();
  for (const [path, text] of files) {
    const [, machine, family] = machineFile(path, /(ip6?)tables-save\.txt$/) ?? [];
    if (machine === undefined) continue;
    let table = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) table = line.slice(1).trim();
      const rule = /^(?:\[\d+:\d+\] )?(-A (\S+).*)$/.exec(line);
      if (!rule) continue;
      const key = `${machine} ${family} ${table} ${rule[2]}`;
      const list = out.get(key);
      if (list) list.push(rule[1] as string);
      else out.set(key, [rule[1] as string]);
    }
  }
  return out;
}

function setTypesOf(files: CaseFiles): Map<string, string> {
  const out = new Map<string, string>();
  for (const [path, text] of files) {
    const [, machine] = machineFile(path, /(ipset)-save\.txt$/) ?? [];
    if (machine !== undefined) for (const [, name, type] of text.matchAll(/^create (\S+) (\S+)/gm)) out.set(`${machine} ${name}`, type as string);
  }
  return out;
}

function machineFile(path: string, file: RegExp): readonly [string, string, string] | null {
  const found = /^snapshot\/(node|pod|external)s\/(.+)\/([^/]+)$/.exec(path);
  const kind = found ? file.exec(found[3] as string) : null;
  return found && kind ? [path, `${found[1]}/${found[2]}`, kind[1] as string] : null;
}
