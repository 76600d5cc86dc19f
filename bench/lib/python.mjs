// Peers that live in Python are measured when TABTRAIN_PYTHON names an interpreter that has them.
import { spawnSync } from 'node:child_process';

/** Runs a script that prints JSON and gives the value back, or the reason why there is none. */
export function runPython(script, args = []) {
  const python = process.env.TABTRAIN_PYTHON;
  if (!python) return { missing: 'TABTRAIN_PYTHON is not set' };
  const { status, stdout, stderr, error } = spawnSync(python, [script, ...args.map(String)], { encoding: 'utf8' });
  if (error) return { missing: error.message };
  if (status !== 0) return { missing: stderr.trim().split('\n').at(-1) ?? `exit status ${status}` };
  return { value: JSON.parse(stdout) };
}
