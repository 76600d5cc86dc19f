// The long form of the crash tests: `npm run campaign` lets 60 pages go away while their worker trains.
import { spawnSync } from 'node:child_process';

const run = (...args) => spawnSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1;

process.env.TABTRAIN_ROUNDS ??= '60';
process.exit(run('vite', 'build', 'demo/mnist', '--logLevel', 'error') || run('playwright', 'test', 'test/e2e/navigation.test.ts'));
