// Counts of what `npm test` ran. As a program it prints the line of the last run, for .ci/run.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const resultsFolder = fileURLToPath(new URL('../.cache/results', import.meta.url));

/** The JSON a test runner has left, `undefined` when it left none. */
export function readReport(name) {
  const path = join(resultsFolder, name);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Tests of a vitest JSON report. A file that could not be loaded has no tests and counts as one failure. */
export function fromVitest(report) {
  if (!report) return { passed: 0, failed: 0 };
  const unloadable = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloadable.length };
}

/** Journeys of a Playwright JSON report. Without retries a flaky one cannot pass; if it ever does, it counts as a failure. */
export function fromPlaywright(report) {
  if (!report) return { passed: 0, failed: 0 };
  const { expected, unexpected, flaky } = report.stats;
  return { passed: expected, failed: unexpected + flaky };
}

/** One step of `npm test`: a check counts as one, a test run as its tests. Red without a failed test, or no test at all, is one failure. */
export function tallyOf(status, count) {
  if (!count) return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const { passed, failed } = count();
  const silent = failed === 0 && (status !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}

export function sum(tallies) {
  return tallies.reduce((total, { passed, failed }) => ({ passed: total.passed + passed, failed: total.failed + failed }), {
    passed: 0,
    failed: 0,
  });
}

export function line({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const total = sum(readReport('tally.json') ?? [{ passed: 0, failed: 1 }]);
  console.log(line(total));
  process.exitCode = total.failed === 0 ? 0 : 1;
}
