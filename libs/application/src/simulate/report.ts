import { API_VERSION, canonicalJson, digestOf } from '@worldline/model';
import type { Coverage, ExpectationResult, FlowReport, HashText, Json, Report } from '@worldline/model';

export interface ReportParts {
  readonly snapshotDigest: string;
  readonly scenarioDigest: string;
  readonly seed: number;
  readonly engineVersion: string;
  readonly flows: readonly FlowReport[];
  readonly coverage: Coverage;
  readonly expectations: readonly ExpectationResult[];
}

/** Puts a Report together; `simulation.id` is a digest of all its other fields. */
export function assembleReport(parts: ReportParts, hash: HashText): Report {
  const { snapshotDigest, scenarioDigest, seed, engineVersion, flows, coverage, expectations } = parts;
  const simulation = { snapshotDigest, scenarioDigest, seed, engineVersion };
  // Flow by flow, so that no text of the whole report stands in memory.
  const flowDigests = flows.map((flow) => hash(canonicalJson(flow as unknown as Json)));
  const id = digestOf({ simulation, flows: flowDigests, findings: [], coverage, expectations } as unknown as Json, hash);
  return { apiVersion: API_VERSION, kind: 'Report', simulation: { id, ...simulation }, flows, findings: [], coverage, expectations };
}
