import { verdictOf } from './verdict.js';

test('a verdict counts outcomes and severities', () => {
  const expectations = (['passed', 'failed', 'passed', 'undecided'] as const).map((outcome) => ({ outcome }));
  const findings = (['error', 'warning', 'warning'] as const).map((severity) => ({ severity, title: '' }));
  expect(verdictOf({ expectations, findings })).toEqual({ passed: 2, failed: 1, undecided: 1, findings: { error: 1, warning: 2, info: 0 } });
});
