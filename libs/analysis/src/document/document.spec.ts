import { flow, lostPacket, packet, report } from '@worldline/testkit';
import { junit, markdown, reportJson, sarif } from './index.js';
import type { Suite } from './index.js';

const results = [
  { name: 'web', passed: true, outcome: 'passed', detail: '1 of 1 packet: answered' },
  { name: 'dns <1>', passed: false, outcome: 'failed', detail: 'dns packet 0 at 0ms: NoRoute at node/n1; expected "a" & b' },
  { name: 'odd', passed: false, outcome: 'undecided', detail: 'the simulation | cannot tell' },
] as const;
const issues = [
  { code: 'UnknownMatch', severity: 'warning', message: "unknown match 'bpf'", file: 'nodes/n1/iptables-save.txt', line: 12, column: 4, word: 'bpf' },
  { code: 'Synthesised', severity: 'info', message: 'node n1' },
] as const;
const suite: Suite = {
  name: 'talk: base',
  file: 'scenarios/talk a/scenario.yaml',
  results,
  issues,
  report: report([flow('web', [packet()]), flow('dns', [lostPacket('NoRoute', 'node/n1')])]),
};

test('JUnit: a case per expectation, undecided as an error', () => {
  expect(junit([suite], { isUndecidedAllowed: false })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="worldline" tests="3" failures="1" errors="1" skipped="0" time="0">
  <testsuite name="talk: base" tests="3" failures="1" errors="1" skipped="0" time="0" file="scenarios/talk a/scenario.yaml">
    <properties>
      <property name="simulation" value="sha256:1"/>
      <property name="seed" value="1"/>
    </properties>
    <testcase name="web" classname="talk: base" time="0"/>
    <testcase name="dns &lt;1&gt;" classname="talk: base" time="0">
      <failure type="failed" message="dns packet 0 at 0ms: NoRoute at node/n1; expected &quot;a&quot; &amp; b">dns packet 0 at 0ms: NoRoute at node/n1; expected &quot;a&quot; &amp; b</failure>
    </testcase>
    <testcase name="odd" classname="talk: base" time="0">
      <error type="undecided" message="the simulation | cannot tell">the simulation | cannot tell</error>
    </testcase>
  </testsuite>
</testsuites>
`);
});

test('JUnit: undecided is skipped where it is allowed', () => {
  expect(junit([suite], { isUndecidedAllowed: true })).toContain('failures="1" errors="0" skipped="1"');
});

test('SARIF: failures and issues with their places', () => {
  const log = JSON.parse(sarif([suite], { isUndecidedAllowed: true, version: '0.1.0' }));
  expect(log.version).toBe('2.1.0');
  const [run] = log.runs;
  expect(run.results.map((result: { ruleId: string; level: string }) => [result.ruleId, result.level])).toEqual([
    ['ExpectationFailed', 'error'],
    ['ExpectationUndecided', 'warning'],
    ['UnknownMatch', 'warning'],
  ]);
  expect(run.results[0].locations[0].physicalLocation.artifactLocation.uri).toBe('scenarios/talk%20a/scenario.yaml');
  expect(run.results[2].locations[0].physicalLocation.region).toEqual({ startLine: 12, startColumn: 4 });
  for (const result of run.results) expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
});

test('Markdown: what holds, what does not, flow by flow', () => {
  expect(markdown([suite])).toBe(`## talk: base

**1 of 3 expectations fail, 1 are undecided.**

| | expectation | detail |
|---|---|---|
| ✅ | web | 1 of 1 packet: answered |
| ❌ | dns &lt;1> | dns packet 0 at 0ms: NoRoute at node/n1; expected "a" & b |
| ❔ | odd | the simulation \\| cannot tell |

| flow | sent | delivered | answered | first fate |
|---|--:|--:|--:|---|
| web | 1 | 1 | 1 | Accepted at pod/default/b 10.244.2.10:53 |
| dns | 1 | 0 | 0 | NoRoute at node/n1 |

Simulation \`sha256:1\`, seed 1, 1 issue in the input.
`);
});

test.each([
  { name: 'small', one: suite.report },
  { name: 'without flows', one: report([]) },
  { name: 'of many packets', one: report([flow('f', Array.from({ length: 1000 }, () => packet())), flow('g', [])]) },
])('the Report as JSON in pieces is the Report as JSON: $name', ({ one }) => {
  const pieces = [...reportJson(one)];
  expect(pieces.join('')).toBe(`${JSON.stringify(one)}\n`);
  expect(pieces.length > 1).toBe(one.flows.some(({ packets }) => packets.length > 100));
});
