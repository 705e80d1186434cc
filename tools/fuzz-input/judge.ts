/** Loads and runs a mutated case, and says whether that was done as it should be: nothing thrown, no rule lost, every refusal with its place. */
import { createHash } from 'node:crypto';
import { MemoryFiles, NO_METER, kernelEngine, runScenario, standardReaders, type Engine, type Tools } from '@worldline/application';
import { formatIssue, type HashText, type Issue, type Scenario, type Snapshot } from '@worldline/model';
import type { CaseFiles } from './corpus';

export type Fault = 'crash' | 'hang' | 'memory' | 'lost rule' | 'nameless refusal';

export interface Verdict {
  readonly outcome: 'run' | 'refused' | 'too large' | Fault;
  /** What went wrong, or why it was refused. */
  readonly text: string;
}

export const FAULTS: readonly string[] = ['crash', 'hang', 'memory', 'lost rule', 'nameless refusal'] satisfies Fault[];

/** More would take long, rightly: what is asked for is read, and not run. */
const MOST_PACKETS = 5000;
const MOST_SECONDS = 3600;

const hash: HashText = (content) => createHash('sha256').update(typeof content === 'string' ? content : Buffer.concat(content)).digest('hex');

class TooLarge extends Error {}

export async function judge(files: CaseFiles): Promise<Verdict> {
  const seen: { snapshot: Snapshot; issues: readonly Issue[] }[] = [];
  try {
    const { value, issues } = await runScenario({ scenario: 'scenario.yaml', packets: 'all' }, toolsFor(files, (snapshot, found) => seen.push({ snapshot, issues: found })));
    for (const { snapshot, issues: found } of seen) {
      const lost = lostRule(files, snapshot, found);
      if (lost !== null) return { outcome: 'lost rule', text: lost };
    }
    if (value !== null) return { outcome: 'run', text: '' };
    const errors = issues.filter(({ severity }) => severity === 'error');
    const nameless = errors.length === 0 ? 'refused without a reason' : errors.find((issue) => !hasPlace(issue));
    if (nameless === undefined) return { outcome: 'refused', text: formatIssue(errors[0] as Issue) };
    return { outcome: 'nameless refusal', text: typeof nameless === 'string' ? nameless : `${nameless.code} ${formatIssue(nameless)}` };
  } catch (error) {
    if (error instanceof TooLarge) return { outcome: 'too large', text: '' };
    return { outcome: 'crash', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function toolsFor(files: CaseFiles, see: (snapshot: Snapshot, issues: readonly Issue[]) => void): Tools {
  const readers = standardReaders(hash);
  const engine: Engine = {
    version: kernelEngine.version,
    compile(snapshot) {
      const network = kernelEngine.compile(snapshot);
      return {
        ...network,
        run(scenario, options) {
          if (isLarge(scenario)) throw new TooLarge();
          return network.run(scenario, options);
        },
      };
    },
  };
  return {
    files: new MemoryFiles(Object.fromEntries(files)),
    hash,
    meter: NO_METER,
    engine,
    readers: {
      ...readers,
      bundle(tree) {
        const parsed = readers.bundle(tree);
        if (parsed.value !== null) see(parsed.value, parsed.issues);
        return parsed;
      },
    },
  };
}

function isLarge({ flows, events }: Scenario): boolean {
  const packets = flows.reduce((sum, flow) => sum + flow.connections * (flow.packets === 'connect' ? 8 : flow.packets), 0);
  const last = Math.max(0, ...events.map(({ at }) => at), ...flows.map(({ at }) => at));
  return !(packets <= MOST_PACKETS && last <= MOST_SECONDS * 1_000_000);
}

/** Files that are at fault as a whole: what is missing has no line. */
const WHOLE_FILE = new Set(['MissingFile', 'NotABundle', 'NotText', 'UnreadableFile', 'MissingSnapshot', 'TooLarge']);

function hasPlace({ code, file, line, pointer }: Issue): boolean {
  return file !== undefined && (line !== undefined || pointer !== undefined || WHOLE_FILE.has(code));
}

/** A line of a rule dump that became neither a rule nor an issue. */
function lostRule(files: CaseFiles, snapshot: Snapshot, issues: readonly Issue[]): string | null {
  for (const machine of snapshot.machines) {
    for (const ruleSet of machine.ruleSets) {
      const path = `${machine.folder}/${ruleSet.file}`;
      const bytes = files.get(`snapshot/${path}`);
      if (!bytes) continue;
      // Equal files are read once, and their issues told of the first
      const twins = [...files].filter(([, other]) => other === bytes || Buffer.compare(other, bytes) === 0).map(([name]) => name.slice('snapshot/'.length));
      const known = new Set<number>(ruleSet.ruleLine);
      for (const { file, line } of issues) if (line !== undefined && file !== undefined && twins.includes(file)) known.add(line);
      const lines = Buffer.from(bytes).toString('latin1').split('\n');
      const lost = lines.findIndex((line, i) => /^(\[[^\]]*\] *)?-A/.test(line) && !known.has(i + 1));
      if (lost >= 0) return `${path}:${lost + 1}: ${lines[lost] ?? ''}`;
    }
  }
  return null;
}
