/// <reference types="node" />
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from '../../../.ci/chromium.mjs';
import { chromiumInstallers, needsInstall, nodeProblem } from '../../../.ci/prepare.mjs';
import { fromPlaywright, fromVitest, line, sum, tallyOf } from '../../../.ci/tally.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tabtrain-commands-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the Node version', () => {
  test.each(['v20.19.0', 'v20.20.2', 'v22.12.0', 'v24.0.0'])('%s is accepted', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });
  test.each(['v18.20.4', 'v20.18.1', 'v21.7.0', 'v22.11.0'])('%s is refused with the versions that work', (version) => {
    expect(nodeProblem(version)).toMatch(new RegExp(`^This is Node ${version}; .*20\\.19.*22\\.12`));
  });
});

describe('the install', () => {
  const checkout = (locked: object, installed?: object): string => {
    const place = mkdtempSync(join(folder, 'checkout-'));
    writeFileSync(join(place, 'package-lock.json'), JSON.stringify({ packages: { '': { version: '1.0.0' }, ...locked } }));
    if (installed) {
      mkdirSync(join(place, 'node_modules'));
      writeFileSync(join(place, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
    }
    return place;
  };
  const idb = { 'node_modules/idb': { version: '8.0.4' } };

  test('is needed in a fresh clone', () => expect(needsInstall(checkout(idb))).toBe(true));
  test('is not needed when every package is there', () => expect(needsInstall(checkout(idb, idb))).toBe(false));
  test('is needed when a package is missing', () => expect(needsInstall(checkout(idb, {}))).toBe(true));
  test('is needed when a package has another version', () => {
    expect(needsInstall(checkout(idb, { 'node_modules/idb': { version: '8.0.3' } }))).toBe(true);
  });
  test('is not needed for an optional package of another system', () => {
    expect(needsInstall(checkout({ ...idb, 'node_modules/@x/win32': { version: '1.0.0', optional: true } }, idb))).toBe(false);
  });
});

describe('the browser', () => {
  test('is the one that CHROMIUM names', () => {
    expect(findChromium({ CHROMIUM: process.execPath, PATH: '' }, 'linux')).toBe(process.execPath);
  });
  test('is the one that CHROME_PATH names', () => {
    expect(findChromium({ CHROME_PATH: process.execPath, PATH: '' }, 'linux')).toBe(process.execPath);
  });
  test('named wrongly is an error that says so', () => {
    const missing = join(folder, 'nothing');
    expect(() => findChromium({ CHROMIUM: missing }, 'linux')).toThrow(`CHROMIUM=${missing}: no program is there.`);
  });
  test("is found in Playwright's cache, newest build first", () => {
    for (const build of ['chromium-999', 'chromium-1200', 'chromium_headless_shell-1300']) {
      mkdirSync(join(folder, 'cache', build, 'chrome-linux64'), { recursive: true });
      writeFileSync(join(folder, 'cache', build, 'chrome-linux64', 'chrome'), '', { mode: 0o755 });
    }
    const env = { PLAYWRIGHT_BROWSERS_PATH: join(folder, 'cache') };
    expect(findChromium(env, 'win32')).toBe(join(folder, 'cache/chromium-1200/chrome-linux64/chrome'));
  });

  const names = (osRelease: string, isRoot: boolean, platform = 'linux'): string[] =>
    chromiumInstallers({ platform, isRoot, osRelease, hasAptGet: platform === 'linux' }).map(({ name }) => name.replace(/ \(.*/, ''));
  test('comes from Debian for root on Debian, with Playwright as the second choice', () => {
    expect(names('NAME="Debian GNU/Linux"\nID=debian\n', true)).toEqual(["Debian's package chromium", "Playwright's Chromium"]);
  });
  test.each([
    ['a user on Debian', 'ID=debian\n', false, 'linux'],
    ['root on Ubuntu, where the package is a snap', 'ID=ubuntu\nID_LIKE=debian\n', true, 'linux'],
    ['macOS', '', false, 'darwin'],
  ])('comes from Playwright for %s', (_who, osRelease, isRoot, platform) => {
    expect(names(osRelease, isRoot, platform)).toEqual(["Playwright's Chromium"]);
  });
});

describe('the count', () => {
  test('adds the tests of vitest and of Playwright', () => {
    const vitest = fromVitest({ numPassedTests: 5, numFailedTests: 1, testResults: [] });
    const journeys = fromPlaywright({ stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 0 } });
    expect(line(sum([vitest, journeys]))).toBe('8 passed, 2 failed');
  });
  test('takes a test file that cannot be loaded for a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(fromVitest({ numPassedTests: 5, numFailedTests: 0, testResults })).toEqual({ passed: 5, failed: 1 });
  });
  test('takes a run without tests for a failure', () => {
    expect(tallyOf(0, () => ({ passed: 0, failed: 0 }))).toEqual({ passed: 0, failed: 1 });
  });
  test('takes a runner that dies after passing tests for a failure', () => {
    expect(tallyOf(null, () => ({ passed: 4, failed: 0 }))).toEqual({ passed: 4, failed: 1 });
  });
  test('takes a missing report for a failure', () => {
    expect(tallyOf(0, () => fromVitest(undefined))).toEqual({ passed: 0, failed: 1 });
  });
});

test.skipIf(process.platform === 'win32')('.ci/run is a program', () => {
  expect(statSync(join(root, '.ci/run')).mode & 0o111).toBe(0o111);
});
