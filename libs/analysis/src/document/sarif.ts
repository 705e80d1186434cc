/** SARIF 2.1.0 (OASIS): failed and undecided expectations, findings, and issues of the input, as code scanning shows them. */
import type { Finding, Issue, Json, Severity } from '@worldline/model';
import { isTolerated } from './suite.js';
import type { DocumentOptions, Suite } from './suite.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

export function sarif(suites: readonly Suite[], options: DocumentOptions): string {
  const results = suites.flatMap((suite) => resultsOf(suite, options));
  const rules = [...new Set(results.map((result) => result.ruleId))].sort();
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'worldline',
            version: options.version,
            rules: rules.map((id) => ({ id, name: id, shortDescription: { text: DESCRIPTIONS[id] ?? `Input that is not fully modelled: ${id}` } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => ({ ...result, ruleIndex: rules.indexOf(result.ruleId) })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  ExpectationFailed: 'A flow did not meet what the scenario expects of it.',
  ExpectationUndecided: 'The simulation cannot tell whether a flow meets what the scenario expects of it.',
  Finding: 'The simulation found harm and what is to blame for it.',
};

interface Result {
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: Json;
  readonly partialFingerprints: { readonly worldline: string };
}

function resultsOf(suite: Suite, { isUndecidedAllowed }: DocumentOptions): Result[] {
  const expectations = suite.results
    .filter(({ outcome }) => outcome !== 'passed')
    .map((result): Result => {
      const isFailure = result.outcome === 'failed';
      const ruleId = isFailure ? 'ExpectationFailed' : 'ExpectationUndecided';
      const level = isTolerated(suite, result) ? 'note' : isFailure || !isUndecidedAllowed ? 'error' : 'warning';
      return { ruleId, level, ...told(suite, `${result.name}: ${result.detail}`, result.name) };
    });
  const findings = suite.report.findings.map((finding): Result => ({ ruleId: 'Finding', level: levelOf(finding.severity), ...told(suite, findingText(finding), finding.title) }));
  const issues = suite.issues.filter(({ severity }) => severity !== 'info').map((issue) => issueResult(suite, issue));
  return [...expectations, ...findings, ...issues];
}

function findingText({ kind, title, flows }: Finding): string {
  return `${kind}: ${title} (${flows.join(', ')})`;
}

function told(suite: Suite, text: string, key: string): Omit<Result, 'ruleId' | 'level'> {
  return { message: { text }, locations: locations(suite.file), partialFingerprints: { worldline: `${suite.name}/${key}` } };
}

function issueResult(suite: Suite, issue: Issue): Result {
  const file = issue.file ?? suite.file;
  return {
    ruleId: issue.code,
    level: levelOf(issue.severity),
    message: { text: issue.message },
    locations: locations(file, issue.line, issue.column),
    partialFingerprints: { worldline: `${suite.name}/${issue.code}/${file}:${issue.line ?? 0}:${issue.word ?? ''}` },
  };
}

function locations(file: string, line = 1, column?: number): Json {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } } }];
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  return severity === 'info' ? 'note' : severity;
}
