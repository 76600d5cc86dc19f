// npm run test:interop: opens exports with desktop TensorBoard and pandas. Needs a Python that has both: the one named by
// TABTRAIN_PYTHON, else python3. Without one it says so and ends well, because neither is needed to build or use this library.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env.TABTRAIN_PYTHON ?? 'python3';
const versions = spawnSync(python, ['-c', 'import pandas, tensorboard.version as t; print(t.VERSION, pandas.__version__)'], {
  encoding: 'utf8',
});

if (versions.status !== 0) {
  console.warn('='.repeat(100));
  console.warn(`SKIPPED: nothing was checked against TensorBoard and pandas. '${python}' cannot import them:`);
  console.warn((versions.error?.message ?? versions.stderr ?? '').trim().split('\n').at(-1));
  console.warn('Run "pip install tensorboard==2.21.0 pandas", set TABTRAIN_PYTHON to that Python, and try again.');
  console.warn('='.repeat(100));
  process.exit(process.env.TABTRAIN_PYTHON === undefined ? 0 : 1);
}

const [tensorboard, pandas] = versions.stdout.trim().split(' ');
console.log(`TensorBoard ${tensorboard}, pandas ${pandas}`);
const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/interop/vitest.config.ts', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, TABTRAIN_PYTHON: python } });
process.exit(status ?? 1);
