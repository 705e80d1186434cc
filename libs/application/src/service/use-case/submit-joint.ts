/** What joins several runs: comparisons and batches. */
import type { Json } from '@worldline/model';
import { withSeed } from '../../load/index.js';
import type { Idempotency } from '../ports.js';
import type { BatchRecord, ComparisonRecord } from '../records.js';
import { batchPlace, problemOf, scenarioPlace, wholeDocument } from './problems.js';
import { createSimulation, digestOfSource, prepareSimulation, queued } from './submit.js';
import type { Refusal, ServiceTools, SimulationOrder, SnapshotSource, Submission } from './submit.js';

/** A stored simulation, or one that is asked for along with the comparison; of either perhaps one flow only. */
export type SideOrder = ({ readonly simulation: string } | SimulationOrder) & { readonly flow: string | null };

const SIDES = ['baseline', 'candidate'] as const;

/** Asks for a comparison of two simulations, which may still be at work. Nothing is run before both sides are known to be right. */
export async function submitComparison(order: Readonly<Record<(typeof SIDES)[number], SideOrder>>, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<ComparisonRecord>> {
  const ready: Record<string, () => Promise<string | null>> = {};
  for (const name of SIDES) {
    const side = order[name];
    if ('simulation' in side) {
      const [found] = await tools.stores.simulations.get([side.simulation]);
      if (!found) return { kind: 'unknown', what: 'simulation', id: side.simulation, pointer: `#/${name}/simulation` };
      ready[name] = () => Promise.resolve(side.simulation);
    } else {
      const prepared = await prepareSimulation(side, `#/${name}`, tools);
      if (prepared.kind !== 'prepared') return prepared;
      // The key of the request is that of its simulations too; no header has a line break in it.
      ready[name] = async () => {
        const created = await createSimulation(prepared.simulation, idempotency && { ...idempotency, key: `${idempotency.key}\n${name}` }, tools);
        return created.kind === 'conflict' ? null : created.record.id;
      };
    }
  }
  const baseline = await ready['baseline']?.();
  const candidate = await ready['candidate']?.();
  if (baseline == null || candidate == null) return { kind: 'conflict' };
  const sides = { baseline: { simulation: baseline, flow: order.baseline.flow }, candidate: { simulation: candidate, flow: order.candidate.flow } };
  return queued('comparison', await tools.stores.comparisons.create({ id: tools.surroundings.newId(), ...sides }, idempotency), tools);
}

export interface BatchOrder {
  /** The spec of the batch file, or the whole file, with digests for paths. */
  readonly batch: Json;
  readonly base: { readonly of: SnapshotSource; readonly scenario: Json } | { readonly simulation: string };
}

/** Asks for a what-if: a base and its variants. */
export async function submitBatch({ batch, base }: BatchOrder, idempotency: Idempotency | null, tools: ServiceTools): Promise<Submission<BatchRecord>> {
  const { document, isWhole } = wholeDocument('Batch', batch);
  const at = isWhole ? '#/spec/base' : '#/base';
  const found = await baseOf(base, at, tools);
  if (found.kind !== 'found') return found;
  const written = withBase(document);
  const checked = await tools.workbench.checkBatch({ snapshotDigest: found.snapshot, scenario: JSON.stringify(found.document), batch: JSON.stringify(written) });
  if (checked === null) return { kind: 'unknown', what: 'snapshot', id: found.snapshot, pointer: `${at}/snapshot` };
  if (checked.value === null) return { kind: 'refused', problem: problemOf('invalid-batch', checked.issues, { ...scenarioPlace(found.isWhole, `${at}/scenario`), ...batchPlace(isWhole) }) };
  const record = { id: tools.surroundings.newId(), name: checked.value.name, snapshotDigest: found.snapshot, scenario: found.document, batch: written };
  return queued('batch', await tools.stores.batches.create(record, idempotency), tools);
}

type Base = { readonly kind: 'found'; readonly snapshot: string; readonly document: Json; readonly isWhole: boolean };

async function baseOf(base: BatchOrder['base'], at: string, tools: ServiceTools): Promise<Base | Refusal> {
  if ('of' in base) {
    const source = await digestOfSource(base.of, tools);
    return source.kind === 'stored' ? { kind: 'found', snapshot: source.digest, ...wholeDocument('Scenario', base.scenario) } : source;
  }
  const [simulation] = await tools.stores.simulations.get([base.simulation]);
  if (!simulation) return { kind: 'unknown', what: 'simulation', id: base.simulation, pointer: `${at}/simulation` };
  return { kind: 'found', snapshot: simulation.snapshotDigest, document: withSeed(simulation.scenario, simulation.seed), isWhole: true };
}

/** The batch as the use case reads it: its base stands beside it. */
function withBase(document: Json): Json {
  const { spec, ...head } = document as { readonly spec: { readonly [word: string]: Json }; readonly [word: string]: Json };
  return { ...head, spec: { ...spec, base: { snapshot: './snapshot', scenario: './scenario.json' } } };
}
