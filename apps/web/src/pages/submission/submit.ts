/** Posts a bundle and then the simulation on it. */
import type { SimulationAnswer, SnapshotAnswer } from '@worldline/contract';
import { postJson, rest } from '../../query/index.js';
import { mediaTypeOf } from './drop.js';
import type { Drop, DroppedFile } from './drop.js';

export interface Submission {
  readonly drop: Drop;
  readonly scenario: DroppedFile;
  readonly mode: 'sample' | 'explore';
  /** Empty: the scenario's own. */
  readonly seed: string;
}

/** The id of the new simulation. */
export async function submit({ drop, scenario, mode, seed }: Submission): Promise<string> {
  const { parse } = await import('yaml');
  const document = parse(await scenario.file.text()) as unknown;
  const snapshot = await postSnapshot(drop);
  const body = { snapshot: snapshot.digest, scenario: document, mode, ...(seed !== '' && { seed: Number(seed) }) };
  const { id } = await postJson<SimulationAnswer>('/simulations', body, { 'Idempotency-Key': crypto.randomUUID() });
  return id;
}

async function postSnapshot({ archive, files }: Drop): Promise<SnapshotAnswer> {
  if (archive) return rest('/snapshots', { method: 'POST', headers: { 'Content-Type': mediaTypeOf(archive.path) }, body: archive.file });
  const texts = await Promise.all([...files].map(async ([path, file]) => [path, await file.text()] as const));
  return postJson('/snapshots', { files: Object.fromEntries(texts) });
}
