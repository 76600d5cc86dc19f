// How to start npm from a script: the npm that started us where there is one, else the one on the PATH.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The command line of `npm ...args`, program first. Avoids a shell, which Windows would need for npm.cmd. */
export function npm(...args) {
  const beside = dirname(process.execPath);
  const scripts = [
    process.env.npm_execpath,
    join(beside, 'node_modules/npm/bin/npm-cli.js'),
    join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
  ];
  const script = scripts.find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  return script ? [process.execPath, script, ...args] : ['npm', ...args];
}
