/** `npm run fuzz:kernel -- --seed N --count M [--found DIR] [--shrink PLAYS] [--write]`: random cases on the real kernel beside the engine. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CannotBuild, MemoryFiles, NO_METER, kernelEngine, prove, standardReaders } from '@worldline/application';
import type { ProveTools, Proved } from '@worldline/application';
import type { Mismatch } from '@worldline/analysis';
import type { HashText } from '@worldline/model';
import { NamespacedKernel, recorderFolder, whyNotProvable } from '@worldline/platform/real-kernel';
import { generate } from './case.js';
import { figuresOf, formatFigures } from './figures.js';
import { shrink } from './shrink.js';
import { filesOf, stageCase } from './stage.js';
import type { CaseFiles } from './stage.js';
import { WordTally } from './tally.js';

export interface FuzzOptions {
  readonly root: string;
  readonly seed: number;
  readonly count: number;
  readonly found: string;
  /** Plays that a disagreement may cost to be made small. */
  readonly plays: number;
  readonly write: boolean;
}

export interface Tried {
  readonly seed: number;
  readonly outcome: 'equal' | 'different' | 'unstable' | 'impossible';
  /** Compared. */
  readonly packets: number;
  /** Packets of which something differs. */
  readonly wrong: number;
  readonly why: string;
}

const sha256: HashText = (content) => {
  const hash = createHash('sha256');
  for (const piece of typeof content === 'string' ? [content] : content) hash.update(piece);
  return hash.digest('hex');
};

const EXIT_EQUAL = 0;
const EXIT_DIFFERENT = 1;
const EXIT_NOT_COMPLETED = 3;

export async function main(options: FuzzOptions): Promise<number> {
  const why = whyNotProvable();
  if (why !== null) {
    process.stderr.write(`fuzz:kernel: ${why}\n`);
    return EXIT_NOT_COMPLETED;
  }
  const kernel = new NamespacedKernel(recorderFolder(options.root));
  const fuzzer = new Fuzzer(options, { files: new MemoryFiles(), readers: standardReaders(sha256), engine: kernelEngine, hash: sha256, meter: NO_METER, kernel });
  try {
    for (let seed = options.seed; seed < options.seed + options.count; seed++) await fuzzer.attempt(seed);
  } finally {
    await kernel.close();
  }
  const figures = figuresOf({ tried: fuzzer.tried, counts: fuzzer.words.counts, kernel: kernel.version, refused: fuzzer.refused });
  process.stdout.write(formatFigures(figures));
  if (options.write) writeFileSync(join(options.root, 'tools/fuzz-kernel/figures.json'), `${JSON.stringify(figures, null, 1)}\n`);
  return fuzzer.tried.some(({ outcome }) => outcome === 'different') ? EXIT_DIFFERENT : EXIT_EQUAL;
}

/** Folder of the case as recorded, in memory. */
const RECORD = 'record';

interface ProvedCase extends Proved {
  readonly record: ReadonlyMap<string, string | Uint8Array>;
}

class Fuzzer {
  readonly tried: Tried[] = [];
  readonly words = new WordTally();
  /** Rules that the kernel or its tools did not take, by what they said. */
  readonly refused = new Map<string, number>();

  constructor(
    private readonly options: FuzzOptions,
    private readonly tools: ProveTools,
  ) {}

  async attempt(seed: number): Promise<void> {
    const tried = await this.tryOnce(seed);
    this.tried.push(tried);
    process.stderr.write(`${seed} ${tried.outcome} ${tried.packets} packets, ${tried.wrong} wrong: ${tried.why.slice(0, 300)}\n`);
  }

  private async tryOnce(seed: number): Promise<Tried> {
    try {
      const { files, refused } = await stageCase(generate(seed), this.tools);
      for (const text of refused) this.refused.set(text, (this.refused.get(text) ?? 0) + 1);
      const proved = await this.prove(files, 2);
      if (typeof proved === 'string') return { seed, outcome: proved.startsWith('the kernel did not') ? 'unstable' : 'impossible', packets: 0, wrong: 0, why: proved };
      if (proved.observed.distribution) return { seed, outcome: 'unstable', packets: 0, wrong: 0, why: 'who gets a packet is chance' };
      const { mismatches, packets } = proved.proof;
      const wrong = new Set(mismatches.map(({ flow, packet }) => `${flow}/${packet}`));
      this.words.add(files, proved, wrong);
      if (mismatches.length === 0) return { seed, outcome: 'equal', packets, wrong: 0, why: proved.proof.unknownDeaths.slice(0, 3).join('; ') };
      await this.file(seed, files, proved);
      return { seed, outcome: 'different', packets, wrong: wrong.size, why: textOf(mismatches[0] as Mismatch) };
    } catch (error) {
      if (!(error instanceof CannotBuild)) throw error;
      return { seed, outcome: 'impossible', packets: 0, wrong: 0, why: error.message };
    }
  }

  /** A text: why it could not be proved. */
  private async prove(files: CaseFiles, runs: number): Promise<ProvedCase | string> {
    const memory = filesOf(files);
    const outcome = await prove({ scenario: 'scenario.yaml', runs, record: RECORD }, { ...this.tools, files: memory });
    if (outcome.value === null) return `refused: ${outcome.issues.map(({ file, line, message }) => `${file}:${line} ${message}`).join('; ')}`;
    if (outcome.value.kind === 'impossible') return outcome.value.why;
    const record = new Map([...memory.content].filter(([path]) => path.startsWith(`${RECORD}/`)).map(([path, content]) => [path.slice(RECORD.length + 1), content] as const));
    return { ...outcome.value.proved, record };
  }

  /** Keeps a disagreement as a recorded case, as small as it was made. */
  private async file(seed: number, files: CaseFiles, proved: ProvedCase): Promise<void> {
    let kept = proved;
    const attempt = async (candidate: CaseFiles): Promise<readonly Mismatch[] | null> => {
      const again = await this.prove(candidate, 1);
      return typeof again === 'string' ? null : again.proof.mismatches;
    };
    if (this.options.plays > 0) {
      const small = await shrink(files, proved.proof.mismatches[0] as Mismatch, { attempt, budget: this.options.plays });
      const again = await this.prove(small, 2);
      if (typeof again !== 'string' && again.proof.mismatches.length > 0) kept = again;
    }
    const difference = kept.proof.mismatches.map(textOf).join('\n\n');
    for (const [path, content] of [...kept.record, ['difference.txt', `${difference}\n`] as const]) {
      const target = join(this.options.found, `fuzz-${seed}`, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
}

function textOf({ facet, flow, packet, kernel, predicted }: Mismatch): string {
  return `${facet}${flow === null ? '' : ` ${flow}/${packet}`} kernel: ${kernel} prediction: ${predicted}`;
}
