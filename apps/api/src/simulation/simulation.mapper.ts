import type { SimulationRecord } from '@worldline/application';
import type { SimulationAnswer, SimulationEvent } from '@worldline/contract';
import { storedProblem } from '../http/index.js';

export function simulationAnswer(record: SimulationRecord): SimulationAnswer {
  const { id, name, status, progress, createdAt, finishedAt, seed, mode, engineVersion, snapshotDigest, scenarioDigest, reportDigest, verdict, problem } = record;
  const self = `/simulations/${id}`;
  return {
    id,
    name,
    status,
    progress,
    createdAt,
    finishedAt,
    seed,
    mode,
    engineVersion,
    snapshotDigest,
    scenarioDigest,
    reportDigest,
    verdict,
    problem: storedProblem(problem, self),
    links: { self, events: `${self}/events`, report: `${self}/report`, ...replayed(status === 'succeeded' ? self : null), explorer: `/explorer${self}` },
  };
}

/** What a run is repeated for. */
function replayed(self: string | null): { after: string | null; pcap: string | null } {
  return { after: self && `${self}/after`, pcap: self && `${self}/pcap` };
}

export function simulationEvent({ id, status, progress }: SimulationRecord): SimulationEvent {
  return { id, status, progress };
}
