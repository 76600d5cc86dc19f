// npm test: installs what is missing, then everything a change has to pass. All steps run, also after one has failed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { npm } from './npm.mjs';
import { prepare } from './prepare.mjs';
import { fromPlaywright, fromVitest, line, readReport, resultsFolder, sum, tallyOf } from './tally.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
rmSync(resultsFolder, { recursive: true, force: true });
prepare({ browser: true });
mkdirSync(resultsFolder, { recursive: true });

const vitest = (name) => ({
  script: `test:${name}`,
  args: ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFolder}/${name}.json`],
  count: () => fromVitest(readReport(`${name}.json`)),
});
const steps = [
  { script: 'check:format' },
  { script: 'check:lint' },
  { script: 'check:types' },
  { script: 'check:imports' },
  { script: 'build' },
  { script: 'check:package', needs: 'build' },
  { script: 'check:size', needs: 'build' },
  vitest('unit'),
  vitest('browser'),
  { script: 'build:demos' },
  {
    script: 'test:e2e',
    needs: 'build:demos',
    args: ['--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: `${resultsFolder}/e2e.json` },
    count: () => fromPlaywright(readReport('e2e.json')),
  },
];

const tallies = [];
for (const { script, args = [], env = {}, needs, count } of steps) {
  console.log(`\n── npm run ${script}`);
  if (tallies.some((step) => step.script === needs && step.failed > 0)) {
    console.log(`not run, because ${needs} failed`);
    tallies.push({ script, seconds: '0', passed: 0, failed: 1 });
    continue;
  }
  const started = performance.now();
  const [program, ...rest] = npm('run', '--silent', script, '--', ...args);
  const { status } = spawnSync(program, rest, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  tallies.push({ script, seconds, ...tallyOf(status, count) });
  writeFileSync(`${resultsFolder}/tally.json`, JSON.stringify(tallies));
}

console.log('');
for (const { script, seconds, passed, failed } of tallies) {
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${script.padEnd(14)} ${seconds.padStart(4)} s  ${line({ passed, failed })}`);
}
const total = sum(tallies);
console.log(line(total));
process.exit(total.failed === 0 ? 0 : 1);
