/** JUnit XML as Jenkins, GitLab and GitHub's reporters read it: a suite per run or variant, a test case per expectation. */
import type { ExpectationResult } from '@worldline/model';
import type { DocumentOptions, Suite } from './suite.js';

export function junit(suites: readonly Suite[], options: Pick<DocumentOptions, 'isUndecidedAllowed'>): string {
  const cases = suites.flatMap(({ results }) => results);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="worldline" ${countsOf(cases, options)}>`];
  for (const suite of suites) {
    lines.push(`  <testsuite name="${escaped(suite.name)}" ${countsOf(suite.results, options)} file="${escaped(suite.file)}">`);
    lines.push('    <properties>', `      <property name="simulation" value="${escaped(suite.report.simulation.id)}"/>`);
    lines.push(`      <property name="seed" value="${suite.report.simulation.seed}"/>`, '    </properties>');
    for (const result of suite.results) lines.push(...caseLines(suite, result, options));
    lines.push('  </testsuite>');
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

type Options = Pick<DocumentOptions, 'isUndecidedAllowed'>;

function caseLines(suite: Suite, result: ExpectationResult, options: Options): string[] {
  const open = `    <testcase name="${escaped(result.name)}" classname="${escaped(suite.name)}" time="0"`;
  const detail = escaped(result.detail);
  switch (result.outcome) {
    case 'passed':
      return [`${open}/>`];
    case 'failed':
      return [`${open}>`, `      <failure type="failed" message="${detail}">${detail}</failure>`, '    </testcase>'];
    case 'undecided':
      if (options.isUndecidedAllowed) return [`${open}>`, `      <skipped message="${detail}"/>`, '    </testcase>'];
      return [`${open}>`, `      <error type="undecided" message="${detail}">${detail}</error>`, '    </testcase>'];
  }
}

function countsOf(results: readonly ExpectationResult[], { isUndecidedAllowed }: Options): string {
  const of = (outcome: ExpectationResult['outcome']): number => results.filter((result) => result.outcome === outcome).length;
  const undecided = of('undecided');
  return `tests="${results.length}" failures="${of('failed')}" errors="${isUndecidedAllowed ? 0 : undecided}" skipped="${isUndecidedAllowed ? undecided : 0}" time="0"`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;' };
  // XML 1.0 has no way to write other control characters.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/g, ' ').replace(/[&<>"'\n]/g, (character) => entities[character] as string);
}
