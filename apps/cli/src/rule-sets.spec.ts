/**
 * Rule sets that were played to the kernel: those of network plugins and engines (scenarios/dumps), and every word of iptables beside its inversion
 * (scenarios/vocabulary). Each loads with no rule lost, prints as it was read, decides every packet, and counts in every rule what the kernel counted.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { runScenario } from '@worldline/application';
import { isRuleFault, normaliseRule, splitWords } from '@worldline/language';
import { formatIssue } from '@worldline/model';
import { NodeFiles } from './adapters/index.js';
import { createTools } from './tools.js';

const ROOT = resolve(__dirname, '../../../scenarios');
const names = ['dumps', 'vocabulary'].flatMap((kind) => readdirSync(join(ROOT, kind)).filter((name) => existsSync(join(ROOT, kind, name, 'after'))).map((name) => `${kind}/${name}`));

/** Keeps what is written instead of writing it. */
class KeptFiles extends NodeFiles {
  readonly written = new Map<string, string>();

  override writeTree(_: string, tree: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
    for (const [path, content] of tree) this.written.set(path, typeof content === 'string' ? content : new TextDecoder().decode(content));
    return Promise.resolve();
  }
}

/** The rule files that the kernel printed after the run: nodes/n1/iptables-save.txt. */
function recordedFiles(name: string): string[] {
  return readdirSync(join(ROOT, name, 'after'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('tables-save.txt'));
}

/** Rules by table and chain in their order, the count in front; without one where the kernel's own runs differ. */
function rulesOf(text: string): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  let table = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const rule = /^(\[\d+:\d+\] )?-A (\S+) ?(.*)$/.exec(line);
    if (!rule) continue;
    const chain = `${table} ${rule[2] as string}`;
    chains.set(chain, [...(chains.get(chain) ?? []), `${rule[1] ?? ''}${rule[3] as string}`]);
  }
  return chains;
}

/** What was counted, as far as it was recorded. */
function comparable(counted: Map<string, string[]>, recorded: Map<string, string[]>): Map<string, string[]> {
  return new Map([...counted].map(([chain, rules]) => [chain, rules.map((rule, i) => (recorded.get(chain)?.[i]?.startsWith('[') === false ? rule.replace(/^\[\d+:\d+\] /, '') : rule))]));
}

const sorted = (rules: Map<string, string[]>): [string, string[]][] => [...rules].sort(([a], [b]) => (a < b ? -1 : 1));

describe.each(names)('%s', (name) => {
  const files = recordedFiles(name);

  test('every rule is read and printed as it stands', () => {
    expect(files).not.toEqual([]);
    for (const file of files) {
      const family = basename(file).startsWith('ip6') ? 6 : 4;
      for (const line of readFileSync(join(ROOT, name, 'snapshot', dirname(file), basename(file)), 'utf8').split('\n')) {
        const text = /^(?:\[\d+:\d+\] )?-A \S+ ?(.*)$/.exec(line)?.[1];
        if (text === undefined) continue;
        const rule = normaliseRule(splitWords(text), family);
        expect(isRuleFault(rule) ? rule.message : rule.texts).toEqual([text]);
      }
    }
  });

  test('every packet is decided, and every rule counts what it counted in the kernel', async () => {
    const kept = new KeptFiles(join(ROOT, name));
    const { value, issues } = await runScenario({ scenario: 'scenario.yaml', after: 'after', packets: 'none' }, createTools(kept));
    expect(issues.map(formatIssue)).toEqual([]);
    expect(value?.report.coverage.rules.unknown).toBe(0);
    expect(value?.report.flows.filter(({ totals }) => totals.undecided > 0)).toEqual([]);
    for (const file of files) {
      const recorded = rulesOf(readFileSync(join(ROOT, name, 'after', file), 'utf8'));
      expect(sorted(comparable(rulesOf(kept.written.get(file) ?? ''), recorded))).toEqual(sorted(recorded));
    }
  });
});
