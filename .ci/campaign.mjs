// The long form of the crash tests: `npm run campaign` lets 60 pages go away while their worker trains, 12 in each of five browsers.
import { spawnSync } from 'node:child_process';

const run = (...args) => spawnSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;

process.env.TABTRAIN_ROUNDS ??= '12';
process.exit(
  run('vite', 'build', 'demo/mnist', '--logLevel', 'error') || run('playwright', 'test', 'test/e2e/navigation.test.ts', '--repeat-each=5'),
);
