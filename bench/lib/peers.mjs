// The packages that tabtrain is measured beside have a package file of their own in this folder.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../../.ci/npm.mjs';

const folder = join(import.meta.dirname, '..');

/** Installs the peers from their lock file when they are not there. False when that failed: rows then go without them. */
export function installPeers() {
  if (existsSync(join(folder, 'node_modules'))) return true;
  console.log('Installing the peers to measure beside (tfjs-vis, Dexie; 82 MB in bench/node_modules) …');
  const [program, ...args] = npm('ci', '--no-audit', '--no-fund');
  const { status } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.log('That failed; the rows are measured without these peers.');
  return status === 0;
}
