/** One scenario with the cache and without it: the same Report and the same final state, byte for byte, or where they part. */
import { createHash } from 'node:crypto';
import { MemoryFiles, NO_METER, kernelEngine, runScenario, standardReaders, type Readers, type Tools } from '@worldline/application';
import { canonicalJson, formatIssue, type HashText, type Json } from '@worldline/model';
import { countedFrames } from './frame-counters';

export interface Question {
  /** Files of the bundle, by path below `snapshot/`. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** A scenario file's text, whose `snapshot` is `./snapshot`. */
  readonly scenario: string;
  readonly packets: 'failed' | 'none';
  /** What the bridge tables count is compared too. */
  readonly isCountingFrames?: boolean;
}

export interface Answer {
  /** Why the input was refused, by both alike; null where it was run. */
  readonly refusal: string | null;
  /** Where the cached run parts from the other; null where it does not. */
  readonly difference: string | null;
  readonly packets: number;
  readonly cacheHits: number;
  /** Counts by disposition, of all flows. */
  readonly dispositions: Readonly<Record<string, number>>;
}

interface Outcome {
  readonly refusal: string | null;
  /** Report and files of the final state, each as text. */
  readonly texts: ReadonlyMap<string, string>;
  readonly packets: number;
  readonly cacheHits: number;
  readonly dispositions: Record<string, number>;
}

export async function compareWithAndWithoutCache(question: Question): Promise<Answer> {
  const readers = readingOnce(standardReaders(sha256));
  const cached = await run(question, readers, true);
  const plain = await run(question, readers, false);
  const { refusal, packets, cacheHits, dispositions } = cached;
  const difference = refusal === plain.refusal ? differenceOf(cached.texts, plain.texts) : `refused: ${refusal ?? 'no'}, without the cache: ${plain.refusal ?? 'no'}`;
  return { refusal, difference, packets, cacheHits, dispositions };
}

async function run({ files, scenario, packets, isCountingFrames }: Question, readers: Readers, isCached: boolean): Promise<Outcome> {
  const content = new MemoryFiles({ 'scenario.yaml': scenario });
  for (const [path, text] of Object.entries(files)) content.content.set(`snapshot/${path}`, text);
  const tools: Tools = { files: content, readers, engine: kernelEngine, hash: sha256, meter: NO_METER };
  const { value, issues } = await runScenario({ scenario: 'scenario.yaml', packets, isCached, after: 'after' }, tools);
  if (value === null) return { refusal: issues.map(formatIssue).join('\n'), texts: new Map(), packets: 0, cacheHits: 0, dispositions: {} };
  const texts = new Map([['report', canonicalJson(value.report as unknown as Json)]]);
  for (const [path, text] of content.content) if (path.startsWith('after/')) texts.set(path, typeof text === 'string' ? text : new TextDecoder().decode(text));
  if (isCountingFrames === true) texts.set('frames', countedFrames({ readers, files, scenario, isCached }));
  const dispositions: Record<string, number> = {};
  for (const { totals } of value.report.flows) for (const [name, count] of Object.entries(totals.byDisposition)) dispositions[name] = (dispositions[name] ?? 0) + count;
  return { refusal: null, texts, packets: value.stats.packets, cacheHits: value.stats.cacheHits, dispositions };
}

/** A snapshot does not change in a run. */
function readingOnce(readers: Readers): Readers {
  let read: ReturnType<Readers['bundle']> | null = null;
  return { ...readers, bundle: (tree) => (read ??= readers.bundle(tree)) };
}

function differenceOf(cached: ReadonlyMap<string, string>, plain: ReadonlyMap<string, string>): string | null {
  for (const [path, text] of plain) {
    const other = cached.get(path);
    if (other === text) continue;
    if (other === undefined) return `${path}: missing`;
    let at = 0;
    while (text[at] === other[at]) at++;
    const from = Math.max(0, at - 120);
    return `${path}: without the cache\n  ...${text.slice(from, at + 120)}\nwith it\n  ...${other.slice(from, at + 120)}`;
  }
  return plain.size === cached.size ? null : 'with the cache there are more files';
}

const sha256: HashText = (content) => {
  const hash = createHash('sha256');
  for (const piece of typeof content === 'string' ? [content] : content) hash.update(piece);
  return hash.digest('hex');
};
