// npm run test:mutations: turns over one rule at a time in a copy of the sources, and runs the tests that replay what Lightning,
// torchmetrics and scikit-learn say. A rule that can be turned over without a test failing is a rule that nothing holds.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const wanted = process.argv[2] ?? '';
const workers = Math.max(1, Math.min(4, availableParallelism()));
/** A mutation may make a loop endless; the tests need a few seconds. */
const limitMs = 120_000;

const tasks = [...readRules('logging', ['table', 'schedules']), ...readRules('metrics', ['metrics'])].filter(({ rule, file }) =>
  `${rule} ${file}`.includes(wanted),
);
const failures = [];
const started = Date.now();

const folders = Array.from({ length: workers }, makeCopy);
try {
  await control(folders[0]);
  const left = [...tasks];
  await Promise.all(folders.map((folder) => work(folder, left)));
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

for (const failure of failures) console.error(`FAILED ${failure}`);
console.log(`${tasks.length - failures.length} passed, ${failures.length} failed`);
console.log(`(${tasks.length} rules turned over in ${Math.round((Date.now() - started) / 1000)} s)`);
process.exit(failures.length === 0 ? 0 : 1);

/** The rules of a list, each with the tests that hold it; the list's first lines say how it is written. */
function readRules(name, tests) {
  const rules = [];
  let file = '';
  for (const line of readFileSync(new URL(`mutations/${name}.txt`, import.meta.url), 'utf8').split('\n')) {
    const last = rules.at(-1);
    if (line.startsWith('= ')) file = line.slice(2);
    else if (line.startsWith('# ')) rules.push({ rule: line.slice(2), file, tests, before: [], after: [] });
    else if (line.startsWith('-')) last.before.push(line.slice(1));
    else if (line.startsWith('+')) last.after.push(line.slice(1));
  }
  return rules.map(({ before, after, ...rest }) => ({ ...rest, text: before.join('\n'), becomes: after.join('\n') }));
}

/** A folder with the sources, the replays, and the packages of this one. */
function makeCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  for (const part of ['src', 'test/unit/differential', 'test/fixtures/differential', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const config = { test: { include: ['test/unit/differential/*.test.ts'], testTimeout: 20_000 } };
  writeFileSync(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};\n`);
  return folder;
}

/** Without a mutation the tests pass; else nothing would be shown. */
async function control(folder) {
  for (const tests of [['table', 'schedules'], ['metrics']]) {
    const { failed, total } = await runTests(folder, tests);
    if (failed > 0 || total === 0) throw new Error(`Without a mutation ${failed} of ${total} tests of ${tests.join(', ')} fail.`);
  }
}

async function work(folder, left) {
  for (let task = left.shift(); task !== undefined; task = left.shift()) {
    const failure = await tryOne(folder, task);
    if (failure !== undefined) failures.push(failure);
    console.log(`${failure === undefined ? 'noticed ' : 'SURVIVED'} ${task.rule}`);
  }
}

async function tryOne(folder, { rule, file, text, becomes, tests }) {
  const path = join(folder, 'src', file);
  const source = readFileSync(path, 'utf8');
  const places = source.split(text).length - 1;
  if (places !== 1) return `${rule}: src/${file} has ${places} places with ${JSON.stringify(text)}, need 1. Bring the list up to date.`;
  writeFileSync(
    path,
    source.replace(text, () => becomes),
  );
  try {
    const { failed, total, isHung } = await runTests(folder, tests);
    if (isHung || failed > 0) return undefined;
    return `${rule}: ${total === 0 ? 'the change does not even load; write one that does' : 'no test notices that it is turned over'} (src/${file})`;
  } finally {
    writeFileSync(path, source);
  }
}

/** Stops at the first failure. */
function runTests(folder, tests) {
  const report = join(folder, 'report.json');
  const names = tests.map((name) => `test/unit/differential/${name}.test.ts`);
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', '--maxWorkers', '1', '--reporter', 'json', '--outputFile', report];
  rmSync(report, { force: true });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, ...names], { cwd: folder, stdio: 'ignore' });
    let isHung = false;
    const timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      if (isHung) return resolve({ failed: 0, total: 0, isHung });
      const { numFailedTests: failed, numTotalTests: total } = JSON.parse(readFileSync(report, 'utf8'));
      resolve({ failed, total, isHung });
    });
  });
}
