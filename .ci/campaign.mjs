// The long forms of what `npm test` runs a small seed of: `npm run campaign`, or a part of it: `npm run campaign -- crash`. An hour for all.
import { spawnSync } from 'node:child_process';

const run = (...args) => spawnSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;
const playwright = (...args) => run('playwright', 'test', ...args);

const parts = {
  /** Every law of the store, from many more random histories. */
  laws: () => run('vitest', 'run', '--project', 'unit', 'test/unit/store', '--testTimeout=3600000'),
  /** 60 pages that go away while their worker trains, 12 in each of five browsers. */
  navigation: () => playwright('test/e2e/navigation.test.ts', '--repeat-each=5'),
  /** 200 writers that are killed, 25 of them with their browser. */
  crash: () => playwright('test/e2e/crash.test.ts'),
  /** Disks that fill up. */
  quota: () => playwright('test/e2e/quota.test.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((part) => !(part in parts));
if (unknown.length > 0) {
  console.error(`campaign: there is no part ${unknown.join(', ')}. Parts: ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}

process.env.TABTRAIN_PROPERTY_RUNS ??= '2000';
process.env.TABTRAIN_ROUNDS ??= '12';
process.env.TABTRAIN_CRASHES ??= '200';
process.env.TABTRAIN_QUOTAS ??= '8';

// Playwright serves the demos beside every test.
let failed = run('vite', 'build', 'demo', '--logLevel', 'error');
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n── ${name}`);
  if (part() !== 0) failed = 1;
}
process.exit(failed);
