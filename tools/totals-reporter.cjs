const { writeFileSync } = require('node:fs');

/** Leaves the totals of the whole run where tools/run-checks.mjs looks for them. A suite that could not even load is one failure. */
module.exports = class TotalsReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.WORLDLINE_TEST_TOTALS;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (file) writeFileSync(file, JSON.stringify({ passed: results.numPassedTests, failed }));
  }
};
