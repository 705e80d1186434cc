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

/** Puts a Report together; `simulation.id` is a digest of all its other fields, made when somebody asks for it. */
export function assembleReport(parts: ReportParts, hash: HashText): Report {
  const { snapshotDigest, scenarioDigest, seed, engineVersion, flows, coverage, expectations } = parts;
  const simulation = { snapshotDigest, scenarioDigest, seed, engineVersion };
  let id: string | null = null;
  const idOf = (): string => digestOf({ simulation, flows: flows.map((flow) => digestOfFlow(flow, hash)), findings: [], coverage, expectations } as unknown as Json, hash);
  const identified = {
    get id() {
      return (id ??= idOf());
    },
    ...simulation,
  };
  return { apiVersion: API_VERSION, kind: 'Report', simulation: identified, flows, findings: [], coverage, expectations };
}

/** Piece by piece: no text of a whole flow stands in memory. */
function digestOfFlow({ name, totals, paths, packets }: FlowReport, hash: HashText): string {
  const digests = [...paths, ...packets].map((one) => hash(canonicalJson(one as unknown as Json)));
  return hash(canonicalJson({ name, totals, paths: paths.length, digests } as unknown as Json));
}
