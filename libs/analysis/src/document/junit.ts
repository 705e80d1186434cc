/** JUnit XML as Jenkins, GitLab and GitHub's reporters read it: a suite per run or variant, a test case per expectation. */
import type { ExpectationResult } from '@worldline/model';
import { isTolerated } from './suite.js';
import type { DocumentOptions, Suite } from './suite.js';

export function junit(suites: readonly Suite[], options: Pick<DocumentOptions, 'isUndecidedAllowed'>): string {
  const told = suites.map((suite) => ({ suite, cases: suite.results.map((result) => ({ result, kind: kindOf(suite, result, options) })) }));
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="worldline" ${countsOf(told.flatMap(({ cases }) => cases))}>`];
  for (const { suite, cases } of told) {
    lines.push(`  <testsuite name="${escaped(suite.name)}" ${countsOf(cases)} file="${escaped(suite.file)}">`);
    lines.push('    <properties>', `      <property name="simulation" value="${escaped(suite.report.simulation.id)}"/>`);
    lines.push(`      <property name="seed" value="${suite.report.simulation.seed}"/>`, '    </properties>');
    for (const one of cases) lines.push(...caseLines(suite.name, one));
    lines.push('  </testsuite>');
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

interface Case {
  readonly result: ExpectationResult;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
}

function kindOf(suite: Suite, result: ExpectationResult, { isUndecidedAllowed }: Pick<DocumentOptions, 'isUndecidedAllowed'>): Case['kind'] {
  if (result.outcome === 'passed') return 'passed';
  if (isTolerated(suite, result) || (result.outcome === 'undecided' && isUndecidedAllowed)) return 'skipped';
  return result.outcome === 'failed' ? 'failure' : 'error';
}

function caseLines(suite: string, { result, kind }: Case): string[] {
  const open = `    <testcase name="${escaped(result.name)}" classname="${escaped(suite)}" time="0"`;
  const detail = escaped(result.detail);
  if (kind === 'passed') return [`${open}/>`];
  const told = kind === 'skipped' ? `<skipped message="${detail}"/>` : `<${kind} type="${result.outcome}" message="${detail}">${detail}</${kind}>`;
  return [`${open}>`, `      ${told}`, '    </testcase>'];
}

function countsOf(cases: readonly Case[]): string {
  const of = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  return `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" skipped="${of('skipped')}" time="0"`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;' };
  // XML 1.0 has no way to write other control characters.
  return text.replace(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/g, ' ').replace(/[&<>"'\n]/g, (character) => entities[character] as string);
}
