/**
 * Every folder of scenarios/ is a behaviour: a bundle, a scenario, and as text what a run prints (`expected.txt`), what a batch
 * prints (`what-if.yaml`, `what-if.txt`). Each is run twice, the second time with the bundle's files in another order.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatReport, formatWhatIf } from '@worldline/analysis';
import { runScenario, whatIf } from '@worldline/application';
import type { Tools } from '@worldline/application';
import type { FileTree } from '@worldline/snapshot';
import { Random, formatIssue } from '@worldline/model';
import type { FlowReport, Parsed, RuleTrail, Step } from '@worldline/model';
import { golden, shuffled } from '@worldline/testkit';
import { NodeFiles } from './adapters/index.js';
import { createTools } from './tools.js';

const ROOT = resolve(__dirname, '../../../scenarios');
const names = existsSync(ROOT) ? readdirSync(ROOT).filter((name) => existsSync(join(ROOT, name, 'scenario.yaml'))).sort() : [];

/** The same files, in an order drawn from a seed. */
class ShuffledFiles extends NodeFiles {
  constructor(
    folder: string,
    private readonly seed: number,
  ) {
    super(folder);
  }

  override async readTree(path: string): Promise<Parsed<FileTree>> {
    const { value, issues } = await super.readTree(path);
    return { value: value && new Map(shuffled([...value], Random.fromSeed(this.seed))), issues };
  }
}

function valueOf<T>({ value, issues }: Parsed<T>): T {
  if (value === null) throw new Error(issues.map(formatIssue).join('\n'));
  return value;
}

function toolsIn(name: string, seed?: number): Tools {
  const folder = join(ROOT, name);
  return createTools(seed === undefined ? new NodeFiles(folder) : new ShuffledFiles(folder, seed));
}

if (names.length === 0) test.todo('scenarios/ holds no scenario');

for (const name of names) {
  describe(name, () => {
    test('prints what is expected, whatever the order of its files', async () => {
      const { report, scenario } = valueOf(await runScenario({ scenario: 'scenario.yaml' }, toolsIn(name)));
      const text = formatReport(report, { name: scenario.name, description: scenario.description });
      expect(text).toBe(golden(join(ROOT, name, 'expected.txt'), text));
      const again = valueOf(await runScenario({ scenario: 'scenario.yaml' }, toolsIn(name, 1)));
      expect(again.report.simulation.id).toBe(report.simulation.id);
    });

    test('is the same without the cache', async () => {
      const cached = valueOf(await runScenario({ scenario: 'scenario.yaml' }, toolsIn(name)));
      const plain = valueOf(await runScenario({ scenario: 'scenario.yaml', isCached: false }, toolsIn(name)));
      expect(plain.report.simulation.id).toBe(cached.report.simulation.id);
    });

    test.each(['sample', 'explore'] as const)('is the same with trails, in which every rule that matched stands (%s)', async (mode) => {
      const plain = valueOf(await runScenario({ scenario: 'scenario.yaml', mode }, toolsIn(name)));
      const { report } = valueOf(await runScenario({ scenario: 'scenario.yaml', mode, trails: 10_000 }, toolsIn(name)));
      expect(report.flows.map(withoutTrails)).toEqual(plain.report.flows);
      for (const { detail } of report.flows.flatMap(filterSteps)) {
        const [matched, trail] = [detail['rules'], detail['trail']] as unknown as [MatchedRule[], RuleTrail[]];
        expect(trail.filter((rule) => rule.matched).map(({ chain, number }) => `${chain} ${number}`)).toEqual(matched.filter(({ number }) => number !== null).map(({ chain, number }) => `${chain} ${number}`));
        expect(trail.filter((rule) => !rule.matched && rule.failedClause === '')).toEqual([]);
        expect(detail['lookedAt']).toBe(trail.length);
      }
    });

    for (const batch of readdirSync(join(ROOT, name)).filter((file) => /^what-if.*\.yaml$/.test(file))) {
      test(batch, async () => {
        const { name: title, base, variants } = valueOf(await whatIf(batch, toolsIn(name)));
        const text = formatWhatIf({ name: title, base, variants });
        expect(text).toBe(golden(join(ROOT, name, batch.replace(/yaml$/, 'txt')), text));
      });
    }
  });
}

interface MatchedRule {
  readonly chain: string;
  readonly number: number | null;
}

function filterSteps({ paths }: FlowReport): Step[] {
  return paths.flatMap(({ exchange }) => exchange.flatMap(({ trace }) => (trace.hops ?? []).flatMap(({ steps }) => steps.filter(({ kind }) => kind === 'Filter'))));
}

function withoutTrails(flow: FlowReport): FlowReport {
  return JSON.parse(JSON.stringify(flow, (key, value: unknown) => (key === 'trail' || key === 'lookedAt' ? undefined : value))) as FlowReport;
}
